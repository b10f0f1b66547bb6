import { policyHash } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { Agent } from "node:http"
import { call, expected, policy } from "./Connection.ts"
import { callOf, connect, initialize, json, send, serve } from "./HttpConnection.ts"

describe("the server over HTTP", () => {
  it.live.each([["current", "2026-07-28"], ["previous", "2025-11-25"]] as const)(
    "answers a client of the %s revision with what the estate says",
    ([revision, version]) =>
      Effect.gen(function*() {
        const { mcp, simulator } = yield* serve()
        const { client } = yield* connect(mcp, { revision })
        assert.strictEqual(client.getNegotiatedProtocolVersion(), version)
        const { compliant, total } = expected(simulator)
        const seen: Array<number> = []
        const onprogress = ({ progress }: { readonly progress: number }) => void seen.push(progress)
        const { structured } = yield* call(client, "check_tag_compliance", {}, { onprogress })
        assert.deepStrictEqual([structured.total_resources, structured.compliant_resources], [total, compliant])
        assert.isAbove(seen.length, 3)
      })
  )

  it.live("500 calls of 10 clients at once are all answered", () =>
    Effect.gen(function*() {
      const { mcp, rows } = yield* serve({ env: { MAX_IDENTICAL_CALLS: "100" } })
      const clients = yield* Effect.forEach(Array.from({ length: 10 }), () => connect(mcp), { concurrency: 10 })
      const calls = clients.flatMap(({ client }) => Array.from({ length: 50 }, () => call(client, "get_tagging_policy")))
      const answers = yield* Effect.all(calls, { concurrency: "unbounded" })
      assert.strictEqual(answers.length, 500)
      assert.isTrue(answers.every(({ structured }) => structured.policy_hash === policyHash(policy)))
      assert.strictEqual(rows.length, 500)
      assert.isTrue(rows.every(({ outcome }) => outcome === "success"))
      assert.strictEqual(new Set(rows.map(({ session }) => session)).size, 10)
      assert.strictEqual(new Set(rows.map(({ correlationId }) => correlationId)).size, 500)
    }))

  it.live("a session ends when its client says so, and is nobody else's", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve()
      const { client, transport } = yield* connect(mcp)
      const id = transport.sessionId!
      const list = { method: "POST", headers: { ...json, "mcp-session-id": id }, body: "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/list\"}" }
      assert.strictEqual((yield* send(mcp, list)).status, 200)
      yield* Effect.promise(() => transport.terminateSession())
      const gone = yield* send(mcp, list)
      assert.strictEqual(gone.status, 404)
      assert.include(gone.body, "Session not found")
      assert.strictEqual((yield* send(mcp, { ...list, headers: { ...json, "mcp-session-id": "guessed" } })).status, 404)
      assert.strictEqual((yield* send(mcp, { ...list, headers: json })).status, 400)
      yield* Effect.promise(() => client.close())
    }))

  it.live("1,000 sessions: there are never more than allowed, and the newest are there", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ env: { MCP_MAX_SESSIONS: "20", MCP_REQUESTS_PER_MINUTE: "1000000" } })
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ keepAlive: true, maxSockets: 8 })),
        (agent) => Effect.sync(() => agent.destroy())
      )
      const open = send(mcp, { method: "POST", headers: json, body: initialize, agent })
      const first = yield* open
      const answers = yield* Effect.forEach(Array.from({ length: 999 }), () => open, { concurrency: 8 })
      assert.isTrue(answers.every(({ status }) => status === 200))
      const ids = new Set([first, ...answers].map(({ headers }) => headers["mcp-session-id"]))
      assert.strictEqual(ids.size, 1000)
      const alive = yield* Effect.forEach([first, ...answers.slice(-100)], ({ headers }) =>
        send(mcp, {
          method: "POST",
          headers: { ...json, "mcp-session-id": String(headers["mcp-session-id"]) },
          body: "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}"
        }), { concurrency: 16 })
      assert.strictEqual(alive[0]!.status, 404)
      assert.strictEqual(alive.filter(({ status }) => status === 200).length, 20)
      assert.strictEqual((yield* send(`${url}/health`)).status, 200)
    }), 60_000)

  it.live("/health says what is there and what is not, /metrics what was done", () =>
    Effect.gen(function*() {
      const { mcp, simulator, url } = yield* serve()
      const alive = yield* send(`${url}/health`)
      assert.deepStrictEqual([alive.status, JSON.parse(alive.body)], [200, { status: "alive", version: "0.0.0" }])
      const denied = simulator.rule({ match: { service: "sts" }, fault: { type: "expired" } })
      const down = yield* send(`${url}/health/ready`)
      assert.strictEqual(down.status, 503)
      assert.deepStrictEqual(JSON.parse(down.body).dependencies, { aws: "down" })
      denied()
      const up = yield* send(`${url}/health/ready`)
      assert.deepStrictEqual([up.status, JSON.parse(up.body).dependencies], [200, { aws: "up" }])
      yield* send(mcp, callOf("get_tagging_policy"))
      const metrics = yield* send(`${url}/metrics`)
      assert.match(String(metrics.headers["content-type"]), /^text\/plain; version=0\.0\.4/u)
      assert.match(metrics.body, /cadastre_tool_calls_total\{[^}]*tool="get_tagging_policy"[^}]*\} [1-9]/u)
      assert.match(metrics.body, /cadastre_http_requests_total\{status="503"\} [1-9]/u)
      for (const line of metrics.body.trim().split("\n")) {
        assert.match(line, /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{(?:\w+="[^"]*",?)*\})? [-+.\deInfNa]+)$/u)
      }
    }))

  it.live("ends within a second, and interrupts what is under way", () =>
    Effect.gen(function*() {
      const ends: Array<number> = []
      // The machine may have much else to do: it is the server's second, and not every try's.
      while (ends.length < 3 && Math.min(...ends) >= 1000) {
        const scope = yield* Scope.make()
        const { mcp, rows, simulator } = yield* Scope.provide(serve(), scope)
        const hanging = simulator.rule({ match: { service: "ec2", operation: "DescribeInstances" }, fault: { type: "hang" } })
        const { client } = yield* connect(mcp)
        const begun = new Promise<void>((resolve) => {
          void client.callTool({ name: "check_tag_compliance", arguments: {} }, { onprogress: () => resolve() })
            .catch(() => undefined)
        })
        yield* Effect.promise(() => begun)
        const at = performance.now()
        yield* Scope.close(scope, Exit.void)
        ends.push(performance.now() - at)
        assert.deepStrictEqual(rows.map(({ error, outcome }) => [outcome, error]), [["failure", "Interrupted"]])
        assert.strictEqual((yield* send(mcp)).status, 0)
        hanging()
      }
      // A call to AWS that hangs takes half a minute.
      assert.isBelow(Math.min(...ends), 1000)
    }), 60_000)
})
