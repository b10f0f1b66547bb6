import type { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { call } from "./Connection.ts"
import { connect, serve, temporaryDirectory } from "./HttpConnection.ts"

/** 200 pages, 50 ms each: 10 seconds that nobody waits for. */
const simulator = {
  estate: { regions: ["us-east-1"], resources: 0, counts: { "sqs:queue": 200 } },
  pageSize: 1,
  latency: 50
}

const queues = { action: "start", resource_types: "sqs:queue" }

const callsOf = (aws: Simulator["Service"]): number => aws.calls().reduce((sum, { calls }) => sum + calls, 0)

/** How many calls AWS has heard of, before and after a while. */
const during = (aws: Simulator["Service"], ms: number) =>
  Effect.gen(function*() {
    const before = callsOf(aws)
    yield* Effect.sleep(ms)
    return { before, after: callsOf(aws) }
  })

const tokens = (names: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const file = join(yield* temporaryDirectory, "tokens")
    writeFileSync(file, names.map((name) => `${name} ${createHash("sha256").update(name).digest("hex")}\n`).join(""), { mode: 0o600 })
    return file
  })

describe("a scan whose handle was handed out", () => {
  it.live("is there for the same token in another session and another revision, when its session has ended; for nobody else", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({
        simulator: { ...simulator, estate: { ...simulator.estate, counts: { "sqs:queue": 30 } } },
        env: { AUTH_TOKENS_FILE: yield* tokens(["ours", "theirs"]), MAX_TOOL_CALLS_PER_SESSION: "1000" }
      })
      const { client, transport } = yield* connect(mcp, { token: "ours" })
      const { structured: { scan_id } } = yield* call(client, "scan", queues)
      yield* Effect.promise(() => transport.terminateSession())
      const { client: stranger } = yield* connect(mcp, { token: "theirs" })
      for (const action of ["status", "result", "cancel"]) {
        const refused = yield* call(stranger, "scan", { action, scan_id })
        assert.isTrue(refused.isError)
        assert.match(refused.text, /has no such scan/u)
        assert.notInclude(refused.text, scan_id)
      }
      const read = yield* Effect.exit(Effect.tryPromise(() => stranger.readResource({ uri: `cadastre://scan/${scan_id}` })))
      assert.strictEqual(read._tag, "Failure")
      assert.notInclude(JSON.stringify(yield* Effect.promise(() => stranger.listResources())), scan_id)

      const { client: later } = yield* connect(mcp, { token: "ours" })
      const ended = yield* call(later, "scan", { action: "status", scan_id }).pipe(
        Effect.repeat({ until: ({ structured }) => structured.status !== "running", schedule: Schedule.spaced("50 millis"), times: 400 })
      )
      assert.strictEqual(ended.structured.status, "finished")
      const { client: modern } = yield* connect(mcp, { token: "ours", revision: "current" })
      const { structured } = yield* call(modern, "scan", { action: "result", scan_id })
      assert.strictEqual(structured.result.resources_found, 30)
    }), 60_000)

  it.live("ends within a second with the session of somebody without a token", () =>
    Effect.gen(function*() {
      const { mcp, simulator: aws } = yield* serve({ simulator })
      const { client, transport } = yield* connect(mcp)
      yield* call(client, "scan", queues)
      yield* Effect.sync(() => callsOf(aws)).pipe(
        Effect.repeat({ until: (count) => count > 5, schedule: Schedule.spaced("20 millis") })
      )
      yield* Effect.promise(() => transport.terminateSession())
      // What is on its way is heard of; a scan that went on would make some twenty calls in this time.
      yield* Effect.repeat(during(aws, 200), { until: ({ after, before }) => after === before, times: 3 })
      const { after, before } = yield* during(aws, 1000)
      assert.strictEqual(after, before)
      assert.isBelow(after, 150)
    }), 30_000)
})
