import { McpServer } from "@modelcontextprotocol/server"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bounds } from "../src/Guardrails.ts"
import type { HttpRefusal } from "../src/http/HttpRefusal.ts"
import { McpSessions } from "../src/http/McpSessions.ts"
import { initialize, json } from "./HttpConnection.ts"

const request = (headers: Readonly<Record<string, string>> = {}) =>
  new Request("http://localhost/mcp", { method: "POST", headers: { ...json, ...headers } })

const make = (maxSessions: number, idleMs = 60_000) =>
  Effect.map(bounds, (bounds) => {
    const sessions = new McpSessions({
      maxSessions,
      idleMs,
      bounds,
      maxBodyBytes: 1000,
      serverOf: () => new McpServer({ name: "test", version: "1.0.0" })
    })
    const open = (caller: string, now: number) =>
      Effect.promise(async () => {
        const response = await sessions.open(request(), JSON.parse(initialize), { caller, principal: undefined, now })
        await response.text()
        return response.headers.get("mcp-session-id") ?? ""
      })
    const statusOf = (id: string, caller: string, now: number) =>
      Effect.promise(() =>
        sessions.answer(request({ "mcp-session-id": id }), { jsonrpc: "2.0", id: 2, method: "ping" }, { id, caller, now })
          .then(async ({ ended, response }) => {
            await response.text()
            ended(now)
            return response.status
          }, ({ status }: { readonly status: number }) => status)
      )
    return { sessions, open, statusOf }
  })

describe("sessions", () => {
  it.live("10,000 of one caller: never more than allowed, and nobody else loses theirs", () =>
    Effect.gen(function*() {
      const { open, sessions, statusOf } = yield* make(50)
      const ours = yield* open("us", 0)
      const ids: Array<string> = []
      for (let at = 1; at <= 10_000; at++) {
        ids.push(yield* open("flood", at))
        assert.isAtMost(sessions.size, 50)
      }
      assert.strictEqual(new Set(ids).size, 10_000)
      assert.strictEqual(yield* statusOf(ours, "us", 10_001), 200)
      assert.strictEqual(yield* statusOf(ids[0]!, "flood", 10_001), 404)
      const alive = yield* Effect.forEach(ids.slice(-60), (id) => statusOf(id, "flood", 10_001))
      assert.deepStrictEqual(alive, [...Array.from({ length: 11 }, () => 404), ...Array.from({ length: 49 }, () => 200)])
    }), 60_000)

  it.live("where all are in use, another is refused for now, and they go on", () =>
    Effect.gen(function*() {
      const { open, sessions, statusOf } = yield* make(2)
      const used = [yield* open("us", 0), yield* open("us", 0)]
      const ping = (id: string) => request({ "mcp-session-id": id })
      const [first] = yield* Effect.promise(() =>
        Promise.all(used.map((id) => sessions.answer(ping(id), { jsonrpc: "2.0", id: 2, method: "ping" }, { id, caller: "us", now: 1 })))
      )
      const refused = yield* Effect.promise(() =>
        sessions.open(request(), JSON.parse(initialize), { caller: "them", principal: undefined, now: 2 }).then(() => undefined, (error) => error)
      )
      assert.deepInclude(refused, { status: 503, headers: { "retry-after": "10" } })
      first!.ended(3)
      assert.isAbove((yield* open("them", 4)).length, 0)
      assert.strictEqual(sessions.size, 2)
      assert.deepStrictEqual([yield* statusOf(used[0]!, "us", 5), yield* statusOf(used[1]!, "us", 5)], [404, 200])
    }))

  it.live("one that nobody uses ends; one that is used goes on", () =>
    Effect.gen(function*() {
      const { open, sessions, statusOf } = yield* make(10, 1000)
      const [used, unused] = [yield* open("us", 0), yield* open("us", 0)]
      assert.strictEqual(yield* statusOf(used, "us", 999), 200)
      assert.strictEqual(yield* statusOf(unused, "us", 1000), 404)
      assert.strictEqual(yield* statusOf(used, "us", 1998), 200)
      assert.strictEqual(yield* statusOf(used, "them", 1999), 404)
      sessions.closeIdle(5000)
      assert.strictEqual(sessions.size, 0)
    }))

  it.live("what begins no session leaves none", () =>
    Effect.gen(function*() {
      const { sessions } = yield* make(10)
      const wrong = new Request("http://localhost/mcp", { method: "POST", headers: { "content-type": "application/json" } })
      const response = yield* Effect.promise(() =>
        sessions.open(wrong, JSON.parse(initialize), { caller: "us", principal: undefined, now: 0 })
      )
      assert.strictEqual(response.status, 406)
      assert.strictEqual(sessions.size, 0)
    }))

  it.live("a request that is cancelled, or whose id is used twice, leaves nobody waiting", () =>
    Effect.gen(function*() {
      const server = new McpServer({ name: "test", version: "1.0.0" })
      server.registerTool("wait", {}, (context) =>
        new Promise((_, reject) => {
          context.mcpReq.signal.addEventListener("abort", () => reject(new Error("aborted")))
        }))
      const sessions = new McpSessions({ maxSessions: 1, idleMs: 60_000, bounds: yield* bounds, maxBodyBytes: 1000, serverOf: () => server })
      const by = { caller: "us", principal: undefined, now: 0 }
      const opened = yield* Effect.promise(() => sessions.open(request(), JSON.parse(initialize), by))
      const id = opened.headers.get("mcp-session-id") ?? ""
      const answer = (body: unknown) =>
        Effect.tryPromise({
          try: () => sessions.answer(request({ "mcp-session-id": id }), body, { ...by, id }).then(({ response }) => response),
          catch: (refusal) => refusal as HttpRefusal
        })
      const wait = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "wait", arguments: {} } }
      const waiting = yield* answer(wait)
      for (const again of [wait, { jsonrpc: "2.0", id: 7, method: "ping" }]) {
        assert.deepInclude(yield* Effect.flip(answer(again)), { status: 400, code: -32_600 })
      }
      const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } }
      assert.strictEqual((yield* answer(cancel)).status, 202)
      assert.match(yield* Effect.promise(() => waiting.text()), /"id":7,"error":\{"code":-32800,/u)
      // Nothing of it is left: not for who cancels once more, nor for who begins with its id.
      assert.strictEqual((yield* answer(cancel)).status, 202)
      const next = yield* answer({ jsonrpc: "2.0", id: 7, method: "ping" })
      assert.match(yield* Effect.promise(() => next.text()), /"result":\{\},"jsonrpc":"2.0","id":7/u)
      yield* Effect.promise(() => sessions.closeAll())
    }))
})
