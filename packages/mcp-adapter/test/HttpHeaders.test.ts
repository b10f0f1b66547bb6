import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { connect as connectSocket } from "node:net"
import { callOf, initialize, json, send, serve } from "./HttpConnection.ts"

const simulator = { estate: { regions: ["us-east-1"], resources: 0 } }

const call = callOf("get_tagging_policy")

/** The headers of the current revision without some, with others. */
const withHeaders = (changed: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...call.headers, ...changed }).flatMap(([name, value]) => value === undefined ? [] : [[name, value]])
  )

const base64 = (text: string) => `=?base64?${Buffer.from(text).toString("base64")}?=`

const messageOf = (method: string, params: object, more: object = { id: 1 }): string =>
  JSON.stringify({ jsonrpc: "2.0", method, ...more, params: { ...params, _meta: JSON.parse(call.body).params._meta } })

const errorOf = (body: string) => JSON.parse(body).error

describe("the headers of the current revision", () => {
  it.live("that are missing, or say something else than the body, are refused with 400 and HeaderMismatch; others go unheard", () =>
    Effect.gen(function*() {
      const { mcp, rows } = yield* serve({ simulator, env: { MAX_IDENTICAL_CALLS: "100" } })
      const wrong: ReadonlyArray<Readonly<Record<string, string | undefined>>> = [
        { "mcp-protocol-version": undefined },
        { "mcp-protocol-version": "2025-11-25" },
        { "mcp-method": undefined },
        { "mcp-method": "tools/list" },
        { "mcp-method": "TOOLS/CALL" },
        { "mcp-name": undefined },
        { "mcp-name": "scan" },
        { "mcp-name": "Get_Tagging_Policy" },
        { "mcp-name": base64("scan") },
        { "mcp-name": "=?base64?%%%?=" },
        { "mcp-name": "get_tagging_policy, scan" }
      ]
      for (const changed of wrong) {
        const { body, status } = yield* send(mcp, { ...call, headers: withHeaders(changed) })
        assert.deepStrictEqual([status, errorOf(body).code], [400, -32_020], JSON.stringify(changed) + body)
      }
      assert.deepStrictEqual(rows, [], "nothing of it was done")
      const right = [
        {},
        { "mcp-name": base64("get_tagging_policy") },
        { "mcp-param-region": "nowhere" },
        { "mcp-session-id": "of-an-older-revision", "last-event-id": "7" }
      ]
      for (const changed of right) {
        const { body, headers, status } = yield* send(mcp, { ...call, headers: withHeaders(changed) })
        assert.strictEqual(status, 200, JSON.stringify(changed) + body)
        assert.notProperty(headers, "mcp-session-id")
      }
      assert.lengthOf(rows, right.length)
    }))

  it.live("also where they come twice", () =>
    Effect.gen(function*() {
      const { mcp, rows } = yield* serve({ simulator })
      for (const name of ["Mcp-Name: scan", "Mcp-Method: tools/list", "MCP-Protocol-Version: 2025-11-25"]) {
        const lines = Object.entries(call.headers).map(([key, value]) => `${key}: ${value}\r\n`).join("")
        const text = yield* Effect.callback<string>((resume) => {
          const socket = connectSocket(Number(mcp.port), "127.0.0.1")
          let said = ""
          socket.setEncoding("utf8").on("data", (chunk: string) => said += chunk).on("close", () => resume(Effect.succeed(said)))
          socket.write(
            `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${call.body.length}\r\n${lines}${name}\r\n\r\n${call.body}`
          )
        })
        assert.match(text, /^HTTP\/1\.1 400 /u, name)
      }
      assert.deepStrictEqual(rows, [])
    }))

  it.live("a resource and a prompt are named by theirs", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator })
      const ask = (method: string, params: object, name: string | undefined) =>
        send(mcp, { ...call, headers: withHeaders({ "mcp-method": method, "mcp-name": name }), body: messageOf(method, params) })
      const uri = "cadastre://policy"
      assert.strictEqual((yield* ask("resources/read", { uri }, uri)).status, 200)
      assert.strictEqual((yield* ask("resources/read", { uri }, "cadastre://types")).status, 400)
      assert.strictEqual((yield* ask("resources/read", { uri }, undefined)).status, 400)
      assert.strictEqual((yield* ask("prompts/get", { name: "audit_my_estate" }, "audit_my_estate")).status, 200)
      assert.strictEqual((yield* ask("prompts/get", { name: "audit_my_estate" }, "explain_this_violation")).status, 400)
      // What has no name needs none.
      assert.strictEqual((yield* ask("tools/list", {}, undefined)).status, 200)
      const unknown = yield* ask("tools/of_tomorrow", {}, undefined)
      assert.deepStrictEqual([unknown.status, errorOf(unknown.body).code], [404, -32_601])
    }))

  it.live("a revision that is not served is named, with those that are", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator })
      const { body, status } = yield* send(mcp, {
        ...call,
        headers: withHeaders({ "mcp-protocol-version": "2099-01-01" }),
        body: call.body.replace("2026-07-28", "2099-01-01")
      })
      assert.deepStrictEqual([status, errorOf(body).code], [400, -32_022], body)
      assert.include(errorOf(body).data.supported, "2026-07-28")
    }))

  it.live("a notification is taken with 202, refused where its headers say something else", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator })
      const method = "notifications/cancelled"
      const body = messageOf(method, { requestId: 1 }, {})
      const tell = (changed: Readonly<Record<string, string | undefined>>) =>
        send(mcp, { ...call, headers: withHeaders({ "mcp-name": undefined, "mcp-method": method, ...changed }), body })
      const taken = yield* tell({})
      assert.deepStrictEqual([taken.status, taken.body], [202, ""])
      // The official client sends none with a notification: what does nothing is not refused for it.
      for (const changed of [{ "mcp-method": undefined }, { "mcp-protocol-version": undefined }]) {
        assert.strictEqual((yield* tell(changed)).status, 202)
      }
      for (const changed of [{ "mcp-method": "tools/call" }, { "mcp-protocol-version": "2025-11-25" }]) {
        const { body, status } = yield* tell(changed)
        assert.deepStrictEqual([status, errorOf(body).code], [400, -32_020], JSON.stringify(changed) + body)
      }
    }))
})

describe("the headers of the revisions with sessions", () => {
  it.live("an unsupported MCP-Protocol-Version is refused with 400, in every kind of request", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator })
      const begun = yield* send(mcp, { method: "POST", headers: json, body: initialize })
      const session = { ...json, "mcp-session-id": String(begun.headers["mcp-session-id"]) }
      const ping = { method: "POST", headers: session, body: "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}" }
      assert.strictEqual((yield* send(mcp, ping)).status, 200)
      assert.strictEqual((yield* send(mcp, { ...ping, headers: { ...session, "mcp-protocol-version": "2025-11-25" } })).status, 200)
      for (const version of ["1900-01-01", "not-a-version", "2026-07-28"]) {
        const headers = { ...session, "mcp-protocol-version": version }
        for (const request of [{ ...ping, headers }, { method: "GET", headers }, { method: "DELETE", headers }]) {
          assert.strictEqual((yield* send(mcp, request)).status, 400, `${request.method} ${version}`)
        }
      }
      // Nothing of that has ended it.
      assert.strictEqual((yield* send(mcp, ping)).status, 200)
    }))
})
