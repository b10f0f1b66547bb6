import { assert, describe, it } from "@effect/vitest"
import { lenient } from "../src/protocol/LenientMessage.ts"

const call = (params: object) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "scan", ...params } })

describe("messages as clients write them", () => {
  it("null and blank arguments are none; arguments written as JSON are what is written", () => {
    for (const none of [null, "", "  "]) assert.deepStrictEqual(lenient(call({ arguments: none })), call({}))
    assert.deepStrictEqual(lenient(call({ arguments: `{"action":"list"}` })), call({ arguments: { action: "list" } }))
    assert.deepStrictEqual(lenient([call({ arguments: null })]), [call({})])
  })

  it("everything else stays as it is, for the protocol to refuse", () => {
    const others = [call({}), call({ arguments: { action: null } }), call({ arguments: "list" }), call({ arguments: "[1]" }), call({ arguments: 5 }), null, 5, "x", [], {}, { params: null }]
    for (const other of others) assert.deepStrictEqual(lenient(other), other)
  })
})
