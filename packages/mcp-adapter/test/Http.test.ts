import { policyHash } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { Simulator } from "@cadastre/aws-simulator"
import { EstateMemory, PolicySource } from "@cadastre/compliance"
import * as Option from "effect/Option"
import { rmSync, writeFileSync } from "node:fs"
import { Agent } from "node:http"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { call, expected, policy, regions } from "./Connection.ts"
import { callOf, connect, initialize, json, send, serve, temporaryDirectory } from "./HttpConnection.ts"

/** Calls that AWS has not answered. */
const underWay = (simulator: Simulator["Service"]): number => {
  simulator.reset()
  return simulator.maxInFlight()
}

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

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
      // Addresses are often written down with a slash at their end.
      assert.strictEqual((yield* send(new URL(`${mcp.href}/`), list)).status, 200)
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

  it.live("/health/ready names each thing that it needs and that is gone", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const [file, path] = [join(folder, "policy.json"), join(folder, "cadastre.db")]
      writeFileSync(file, JSON.stringify(policy))
      const { logs, url } = yield* serve({
        memory: EstateMemory.layer({ _tag: "Sqlite", path }),
        loadPolicy: PolicySource.load(Option.some(file), [])
      })
      const ready = Effect.map(send(`${url}/health/ready`), ({ body, status }) => [status, JSON.parse(body).dependencies])
      assert.deepStrictEqual(yield* ready, [200, { aws: "up", store: "up", policy: "up" }])
      writeFileSync(file, "{ \"required_tags\": 7 }")
      assert.deepStrictEqual(yield* ready, [503, { aws: "up", store: "up", policy: "down" }])
      rmSync(file)
      assert.deepStrictEqual(yield* ready, [503, { aws: "up", store: "up", policy: "down" }])
      writeFileSync(file, JSON.stringify(policy))
      const database = new DatabaseSync(path)
      database.exec("DROP TABLE snapshots")
      database.close()
      assert.deepStrictEqual(yield* ready, [503, { aws: "up", store: "down", policy: "up" }])
      assert.notInclude(logs.join("\n"), folder)
      // A store that cannot be opened is no reason not to start.
      const broken = yield* serve({ memory: EstateMemory.layer({ _tag: "Sqlite", path: folder }) })
      const { body, status } = yield* send(`${broken.url}/health/ready`)
      assert.deepStrictEqual([status, JSON.parse(body).dependencies], [503, { aws: "up", store: "down" }])
    }))

  it.live("/metrics counts scans, their cells, what needed none, and what was refused; whatever callers write", () =>
    Effect.gen(function*() {
      const { mcp, simulator, url } = yield* serve({ simulator: { estate: { regions: ["us-east-1"], counts: { "sns:topic": 3 } } } })
      const values = Effect.map(send(`${url}/metrics`), ({ body }) =>
        new Map(body.split("\n").filter((line) => !line.startsWith("#")).map((line) => {
          const at = line.lastIndexOf(" ")
          return [line.slice(0, at), Number(line.slice(at + 1))] as const
        })))
      const before = yield* values
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      const { client } = yield* connect(mcp)
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic", severity: "errors_only" })
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
      yield* call(client, "check_tag_compliance", { resource_types: "sqs:queue" })
      for (let at = 0; at < 4; at++) yield* call(client, "get_tagging_policy")
      for (let at = 0; at < 7; at++) {
        yield* Effect.promise(() => client.callTool({ name: `made_up_${at}\n{evil="1"}`, arguments: {} }).catch(() => undefined))
      }
      const after = yield* values
      const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
      assert.strictEqual(grown("cadastre_scans_total"), 3)
      assert.strictEqual(grown("cadastre_cells_total{outcome=\"scanned\"}"), 2)
      assert.strictEqual(grown("cadastre_cells_total{outcome=\"denied\"}"), 1)
      assert.strictEqual(grown("cadastre_results_total{from=\"cache\"}"), 1)
      assert.strictEqual(grown("cadastre_resources_total"), 6)
      assert.isAtLeast(grown("cadastre_aws_calls_total"), 3)
      assert.strictEqual(after.get("cadastre_scans_running"), before.get("cadastre_scans_running") ?? 0)
      assert.strictEqual(grown("cadastre_refusals_total{guardrail=\"LoopDetection\"}"), 1)
      assert.strictEqual(grown("cadastre_refusals_total{guardrail=\"UnknownToolLimit\"}"), 2)
      assert.strictEqual(after.get("cadastre_mcp_sessions"), 1)
      assert.notInclude([...after.keys()].join("\n"), "made_up")
      assert.notInclude([...after.keys()].join("\n"), "evil")
    }))

  it.live("ends within a second, interrupts what is under way, and hangs up on AWS", () =>
    Effect.gen(function*() {
      const ends: Array<number> = []
      // The machine may have much else to do: it is the server's second, and not every try's.
      while (ends.length < 3 && Math.min(...ends) >= 1000) {
        const scope = yield* Scope.make()
        // It outlives the server.
        const simulator = yield* Simulator.make({ estate: { regions, resources: 100 } })
        const { mcp, rows } = yield* Scope.provide(serve({ simulated: simulator }), scope)
        const hanging = simulator.rule({ match: { service: "ec2", operation: "DescribeInstances" }, fault: { type: "hang" } })
        const { client } = yield* connect(mcp)
        const begun = new Promise<void>((resolve) => {
          void client.callTool({ name: "check_tag_compliance", arguments: { resource_types: "sns:topic,ec2:instance" } }, { onprogress: () => resolve() })
            .catch(() => undefined)
        })
        yield* Effect.promise(() => begun)
        while (!simulator.calls().some(({ operation }) => operation === "DescribeInstances")) yield* turn
        // Whatever was under way has ended: it is what hangs.
        for (let at = 0; at < 100; at++) yield* turn
        assert.isAbove(underWay(simulator), 0)
        const at = performance.now()
        yield* Scope.close(scope, Exit.void)
        ends.push(performance.now() - at)
        // A connection that is closed here is so there in a few turns; what hangs stays half a minute.
        for (let at = 0; at < 1000 && underWay(simulator) > 0; at++) yield* turn
        assert.strictEqual(underWay(simulator), 0)
        assert.deepStrictEqual(rows.map(({ error, outcome }) => [outcome, error]), [["failure", "Interrupted"]])
        assert.strictEqual((yield* send(mcp)).status, 0)
        hanging()
      }
      // A call to AWS that hangs takes half a minute.
      assert.isBelow(Math.min(...ends), 1000)
    }), 60_000)
})
