/** Scans that take longer than a client waits for an answer, and scans that are ended, with official clients of both transports. */
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import type { Simulator } from "@cadastre/aws-simulator"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { call, overHttp, overStdio, type Place, prepare, type Revision, truthOf } from "./ServerProcess.ts"

const transports = [["stdio", overStdio], ["HTTP", overHttp]] as const

const isNightly = process.env["CADASTRE_NIGHTLY"] === "1"

/** Every page that there is of a result, from its first answer on. */
const pagesOf = Effect.fnUntraced(function*(client: Client, scan_id: string) {
  const violations: Array<any> = []
  const sizes: Array<number> = []
  let cursor: string | undefined
  do {
    const answer = yield* call(client, "scan", { action: "result", ...(cursor === undefined ? { scan_id } : { cursor }) })
    assert.isFalse(answer.isError, answer.text)
    violations.push(...answer.structured.result.violations)
    sizes.push(answer.bytes)
    cursor = answer.structured.next_cursor
  } while (cursor !== undefined)
  return { violations, sizes }
})

describe.skipIf(!isNightly)("a scan of three minutes, nightly", { concurrent: true }, () => {
  // Nothing is set but how long a Region may take: the server's 45 seconds, the client's 60, 100 calls a session.
  it.live.each(transports)("over %s, from a client that waits 60 seconds: a handle, progress, the result, nothing lost", ([name, connect]) =>
    Effect.gen(function*() {
      const { simulator, ...place } = yield* prepare({
        // 180 of the queues are in one Region, one page after the other.
        estate: { resources: 4000, counts: { "sqs:queue": 600 } },
        pageSize: ({ service }) => service === "sqs" ? 1 : 1000,
        latency: 1050
      })
      const client = yield* connect({ ...place, env: { ...place.env, REGION_SCAN_TIMEOUT_SECONDS: "300" } })
      const { total, withoutOwner } = truthOf(simulator)
      const heard: Array<number> = []
      const begun = performance.now()
      const seconds = () => (performance.now() - begun) / 1000
      const first = yield* call(client, "check_tag_compliance", {}, { onprogress: ({ progress }) => void heard.push(progress) })
      const handedOutAfter = seconds()
      assert.isFalse(first.isError, first.text)
      assert.strictEqual(first.structured.status, "running")
      assert.isBelow(handedOutAfter, 45)
      assert.isAbove(heard.length, 10)
      assert.isTrue(heard.every((progress, at) => progress > (heard[at - 1] ?? -1)))
      const { scan_id } = first.structured
      // Every few seconds, as an assistant asks that was told to.
      const cells: Array<number> = []
      const last = yield* call(client, "scan", { action: "status", scan_id }).pipe(
        Effect.tap(({ structured }) => Effect.sync(() => cells.push(structured.progress.cells_ended))),
        Effect.repeat({ until: ({ structured }) => structured.status !== "running", schedule: Schedule.spaced("5 seconds") })
      )
      const took = seconds()
      assert.strictEqual(last.structured.status, "finished")
      assert.isAtLeast(took, 180)
      assert.isTrue(cells.every((ended, at) => ended >= (cells[at - 1] ?? 0)))
      const result = yield* call(client, "scan", { action: "result", scan_id })
      const { coverage, region_metadata, ...figures } = result.structured.result
      assert.isTrue(coverage.complete, JSON.stringify(coverage.cells))
      assert.strictEqual(region_metadata.successful_regions.length, 17)
      assert.deepStrictEqual([figures.total_resources, figures.compliant_resources], [total, total - withoutOwner.length])
      const { sizes, violations } = yield* pagesOf(client, scan_id)
      assert.sameMembers(violations.map(({ resource_arn }) => String(resource_arn)), withoutOwner)
      assert.isAbove(sizes.length, 3)
      assert.isBelow(Math.max(...sizes), 80_000)
      process.stderr.write(
        `three minutes over ${name}: handle after ${handedOutAfter.toFixed(1)} s, ${heard.length} progress notifications, ` +
          `scan ${took.toFixed(1)} s, ${Object.values(coverage.cells).reduce((sum: number, n) => sum + Number(n), 0)} cells, ${total} resources, ` +
          `${violations.length} violations on ${sizes.length} pages, the largest ${Math.max(...sizes)} bytes\n`
      )
    }), 600_000)
})

const callsOf = (simulator: Simulator["Service"]) => simulator.calls().reduce((sum, { calls }) => sum + calls, 0)

/** Until so many calls have come. */
const underWay = (simulator: Simulator["Service"], calls: number) =>
  Effect.sync(() => callsOf(simulator)).pipe(
    Effect.repeat({ until: (count) => count >= calls, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("20 seconds")
  )

/** When the last call came, milliseconds from now on, by the simulator's own count; a scan that goes on makes one every 60. */
const lastCall = Effect.fnUntraced(function*(simulator: Simulator["Service"]) {
  const from = performance.now()
  let [last, seen] = [0, callsOf(simulator)]
  yield* Effect.sync(() => {
    const calls = callsOf(simulator)
    const now = performance.now() - from
    if (calls > seen) [last, seen] = [now, calls]
    return now
  }).pipe(Effect.repeat({ until: (now) => now >= 1600, schedule: Schedule.spaced("10 millis") }))
  return last
})

const revisions: ReadonlyArray<readonly [name: string, connect: (place: Place, revision?: Revision) => ReturnType<typeof overStdio | typeof overHttp>, revision: Revision]> = [
  ["stdio", overStdio, "previous"],
  ["HTTP", overHttp, "previous"],
  ["HTTP without sessions", overHttp, "current"]
]

describe("a scan that is ended", { concurrent: true }, () => {
  it.live.each(revisions)("over %s: AWS is called no more within a second, by either way", ([name, connect, revision]) =>
    Effect.gen(function*() {
      const { simulator, ...place } = yield* prepare({
        estate: { regions: ["us-east-1", "eu-west-1"], counts: { "sqs:queue": 800 } },
        pageSize: 1,
        latency: 60
      })
      const client = yield* connect(place, revision)
      const cancel = new AbortController()
      const answer = client.callTool({ name: "check_tag_compliance", arguments: { resource_types: "sqs:queue" } }, { signal: cancel.signal })
        .then(() => "answered", () => "cancelled")
      yield* underWay(simulator, 20)
      cancel.abort()
      const afterCancelled = yield* lastCall(simulator)
      assert.isBelow(afterCancelled, 1000)
      assert.strictEqual(yield* Effect.promise(() => answer), "cancelled")

      // Nothing of it is left: this is a scan of its own.
      const calls = callsOf(simulator)
      const { structured: { scan_id, status } } = yield* call(client, "scan", { action: "start", resource_types: "sqs:queue" })
      assert.strictEqual(status, "running")
      yield* underWay(simulator, calls + 20)
      const cancelled = yield* Effect.forkChild(call(client, "scan", { action: "cancel", scan_id }))
      const afterTool = yield* lastCall(simulator)
      assert.isBelow(afterTool, 1000)
      const told = cancelled.pollUnsafe()
      assert.isDefined(told)
      simulator.reset()
      assert.strictEqual(simulator.maxInFlight(), 0)
      const after = yield* call(client, "scan", { action: "status", scan_id })
      assert.strictEqual(after.structured.status, "cancelled")
      if (isNightly) {
        process.stderr.write(
          `cancelled over ${name}: the last call of AWS came ${afterCancelled.toFixed(0)} ms after the call was cancelled, ` +
            `${afterTool.toFixed(0)} ms after the handle was\n`
        )
      }
    }), 60_000)
})
