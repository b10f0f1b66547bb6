import { assert, describe, it } from "@effect/vitest"
import type { JSONRPCMessage } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { request } from "node:http"
import { SessionEvents } from "../src/http/SessionEvents.ts"
import { fixtures } from "./conformance/Fixtures.ts"
import { initialize, json, send, serve } from "./HttpConnection.ts"

const message = (size: number): JSONRPCMessage => ({ jsonrpc: "2.0", method: "notifications/message", params: { text: "x".repeat(size) } })

describe("SessionEvents", () => {
  it("keeps no more than allowed, replays all after an event or refuses", async () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 900 })), { maxLength: 60 })
    await fc.assert(fc.asyncProperty(sizes, async (sent) => {
      const events = new SessionEvents({ sessionBytes: 4000, totalBytes: 9000 })
      const stores = [events.open(), events.open(), events.open()]
      const said: Array<{ readonly store: number; readonly stream: string; readonly id: string; readonly message: JSONRPCMessage }> = []
      for (const [store, stream, size] of sent) {
        const one = message(size)
        said.push({ store, stream, id: await stores[store]!.storeEvent(stream, one), message: one })
        assert.isAtMost(events.bytes, 9000)
        assert.isAtMost(stores[store]!.bytes, 4000)
        assert.strictEqual(events.bytes, stores.reduce((sum, { bytes }) => sum + bytes, 0))
      }
      for (const last of said) {
        const store = stores[last.store]!
        const after = said.slice(said.indexOf(last) + 1).filter((one) => one.store === last.store && one.stream === last.stream)
        const replayed: Array<JSONRPCMessage> = []
        const stream = store.streamOf(last.id)
        if (stream === undefined) continue
        await store.replayEventsAfter(last.id, { send: async (_id, one) => void replayed.push(one) })
        assert.deepStrictEqual(replayed, after.map(({ message }) => message))
      }
      for (const store of stores) events.close(store)
      assert.strictEqual(events.bytes, 0)
      await stores[0]!.storeEvent("a", message(10))
      assert.strictEqual(events.bytes, 0)
    }), { numRuns: 200 })
  })
})

describe("a connection that is lost", () => {
  it.live("the client comes back with the last event it saw, and hears the answer once", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ served: fixtures })
      const begun = yield* send(mcp, { method: "POST", headers: json, body: initialize })
      const session = {
        "mcp-session-id": String(begun.headers["mcp-session-id"]),
        "mcp-protocol-version": "2025-11-25"
      }
      const last = yield* Effect.promise(() =>
        new Promise<string>((resolve, reject) => {
          const sent = request(mcp, { method: "POST", headers: { ...json, ...session }, agent: false }, (response) => {
            response.setEncoding("utf8").once("data", (first: string) => {
              // It goes before the answer has come.
              sent.destroy()
              resolve(/^id: (\S+)$/mu.exec(first)?.[1] ?? "")
            })
            response.on("error", () => undefined)
          })
          sent.on("error", reject)
          sent.end(JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "test_tool_with_progress", arguments: {} } }))
        })
      )
      const again = yield* send(mcp, {
        headers: { accept: "text/event-stream", ...session, "last-event-id": last },
        method: "GET"
      })
      assert.strictEqual(again.status, 200)
      const answers = [...again.body.matchAll(/^data: (\{.*\})$/gmu)].map(([, text]) => JSON.parse(text!)).filter(({ id }) => id === 7)
      assert.deepStrictEqual(answers.map(({ result }) => result.content[0].text), ["Progress was told."])
      const unknown = yield* send(mcp, { headers: { accept: "text/event-stream", ...session, "last-event-id": "999999" } })
      assert.strictEqual(unknown.status, 400)
    }))

  it.live("who comes back before the server knows takes the place of the connection that was lost", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ served: fixtures })
      const begun = yield* send(mcp, { method: "POST", headers: json, body: initialize })
      const headers = {
        accept: "text/event-stream",
        "mcp-session-id": String(begun.headers["mcp-session-id"]),
        "mcp-protocol-version": "2025-11-25",
        "last-event-id": /^id: (\S+)$/mu.exec(begun.body)?.[1] ?? ""
      }
      const call = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "test_tool_with_progress", arguments: {} } })
      // It stays open: to the server its client is there, as one is whose network is gone.
      const heard = yield* Effect.promise(() =>
        new Promise<{ readonly event: string; readonly ended: Promise<unknown> }>((resolve, reject) => {
          const sent = request(mcp, { method: "POST", headers: { ...json, ...headers, accept: json.accept }, agent: false }, (response) => {
            const ended = new Promise((end) => response.once("close", end))
            response.setEncoding("utf8").once("data", (first: string) =>
              resolve({ event: /^id: (\S+)$/mu.exec(first)?.[1] ?? "", ended }))
          })
          sent.on("error", reject)
          sent.end(call)
        })
      )
      const again = yield* send(mcp, { method: "GET", headers: { ...headers, "last-event-id": heard.event } })
      assert.strictEqual(again.status, 200)
      yield* Effect.promise(() => heard.ended)
      assert.include(again.body, "Progress was told.")
    }))
})
