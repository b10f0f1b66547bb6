/**
 * Hours of a server with many clients, as a process of its own: prints the heap after the first, half of them and all, bytes, as JSON.
 * Needs `--expose-gc`.
 */
import { Simulator } from "@cadastre/aws-simulator"
import { EstateMemory } from "@cadastre/compliance"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Agent } from "node:http"
import { join } from "node:path"
import { AuditTrail, Health, Http, HttpSettings, PolicyInForce } from "../src/index.ts"
import { policy, servicesAt } from "./Connection.ts"
import { callOf, initialize, json, send, temporaryDirectory } from "./HttpConnection.ts"
import * as JumpingClock from "./JumpingClock.ts"

const hours = Number(process.argv[2])
const sessionsAnHour = 12
const atOnce = 2
/** After which hours: collecting garbage takes its time. */
const measured = new Set([1, Math.floor(hours / 2), hours])

const { clock, jump } = JumpingClock.make()

const program = Effect.gen(function*() {
  const simulator = yield* Simulator.make({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 4, "sqs:queue": 2 } } })
  const memory = EstateMemory.layer({ _tag: "Sqlite", path: join(yield* temporaryDirectory, "cadastre.db") })
  const { url } = yield* Http.listen({
    version: "0.0.0",
    settings: yield* HttpSettings.load(),
    policy: PolicyInForce.make({ policy, source: "policy.json" }),
    services: Health.watched(Layer.provideMerge(servicesAt(simulator, { memory }), memory)),
    audit: Layer.succeed(AuditTrail, AuditTrail.of({ append: () => Effect.void }))
  })
  const mcp = new URL("/mcp", url)
  const agent = yield* Effect.acquireRelease(
    Effect.sync(() => new Agent({ keepAlive: true, maxSockets: 8 })),
    (agent) => Effect.sync(() => agent.destroy())
  )

  let calls = 0
  let number = 0
  const failures: Array<string> = []
  const asked = (options: Parameters<typeof send>[1]) =>
    Effect.tap(send(mcp, { ...options, agent }), ({ body, status }) =>
      Effect.sync(() => {
        calls++
        if (status !== 200) failures.push(`${status} ${body}`)
      }))

  /** A client that comes, asks and goes: every other one without a word. */
  const visit = Effect.gen(function*() {
    const at = number++
    const begun = yield* asked({ method: "POST", headers: json, body: initialize })
    const headers = { ...json, "mcp-session-id": String(begun.headers["mcp-session-id"]), "mcp-protocol-version": "2025-11-25" }
    const ask = (name: string, args: object) =>
      asked({
        method: "POST",
        headers,
        body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name, arguments: args } })
      })
    yield* ask("get_tagging_policy", { at })
    yield* ask("check_tag_compliance", { resource_types: "sns:topic", filters: { tags: { Owner: `somebody ${at}` } } })
    yield* ask("check_tag_compliance", { resource_types: "sns:topic", store_snapshot: at % 12 === 0, force_refresh: at % 6 === 0 })
    yield* ask("scan", { action: "start", resource_types: "sqs:queue", filters: { tags: { Name: `thing ${at}` } } })
    yield* ask("scan", { action: "list" })
    yield* ask("search_inventory", { query: `thing ${at}` })
    yield* ask(`made_up_${at}`, { at })
    yield* asked(callOf("get_tagging_policy", { at }))
    if (at % 2 === 0) yield* asked({ method: "DELETE", headers })
  })

  const heap: Array<number> = []
  for (let hour = 0; hour < hours; hour++) {
    for (let at = 0; at < sessionsAnHour; at += atOnce) {
      yield* Effect.all(Array.from({ length: atOnce }, () => visit), { concurrency: atOnce, discard: true })
      jump(3_600_000 * atOnce / sessionsAnHour)
    }
    if (!measured.has(hour + 1)) continue
    // What time has woken has its turn, and what was done for it.
    for (let turn = 0; turn < 50; turn++) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    for (let turn = 0; turn < 4; turn++) {
      globalThis.gc?.()
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    heap.push(heapUsed + arrayBuffers)
  }
  const { body } = yield* send(`${url}/metrics`)
  const sessions = Number(/^cadastre_mcp_sessions (\d+)$/mu.exec(body)?.[1])
  return { heap, calls, sessions, failures: failures.slice(0, 5) }
})

const result = await Effect.runPromise(program.pipe(
  Effect.scoped,
  Effect.provide([
    Logger.layer([]),
    ConfigProvider.layer(ConfigProvider.fromEnvRecord({ MCP_SERVER_PORT: "0", MCP_REQUESTS_PER_MINUTE: "100000" }))
  ]),
  Effect.provideService(Clock.Clock, clock)
))
process.stdout.write(JSON.stringify(result))
