import type { ComplianceResult } from "@cadastre/compliance"
import type { Violation } from "@cadastre/policy"
import type { Client } from "@modelcontextprotocol/client"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { call, connect, expected, scanCalls } from "./Connection.ts"

const queues = "sqs:queue"

/** Pages of one, one after the other, each after a while: a scan of as many times that long. */
const slow = (count: number) => ({
  estate: { regions: ["us-east-1"], resources: 0, counts: { [queues]: count, "sns:topic": 3 } },
  pageSize: ({ service }: { readonly service: string }) => service === "sqs" ? 1 : 100,
  latency: 60
})

/** As a client's 60 seconds, the server's 45 and a scan of 3 minutes, all of them fifty times as fast. */
const patience = { bounds: { timeLimitMs: 900, callsPerSession: 10_000 }, client: { timeout: 1200 } }

const ended = (client: Client, scan_id: string) =>
  call(client, "scan", { action: "status", scan_id }, patience.client).pipe(
    Effect.repeat({ until: ({ structured }) => structured.status !== "running", schedule: Schedule.spaced("20 millis") }),
    Effect.timeout("20 seconds")
  )

const queueCalls = (simulator: Effect.Success<ReturnType<typeof connect>>["simulator"]) =>
  simulator.calls().filter(({ service }) => service === "sqs").reduce((sum, { calls }) => sum + calls, 0)

describe("a scan that takes longer than a call may", () => {
  it.live("goes on behind a handle, and nothing is lost", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: slow(30), bounds: patience.bounds })
      yield* Effect.promise(() => client.listTools())
      // What a first call loads is not what is timed.
      yield* call(client, "check_tag_compliance", { resource_types: "kinesis:stream" })
      const args = { resource_types: [queues, "sns:topic"] }
      const seen: Array<number> = []
      const first = yield* call(client, "check_tag_compliance", args, {
        ...patience.client,
        onprogress: ({ progress }) => seen.push(progress)
      })
      assert.isFalse(first.isError, first.text)
      assert.strictEqual(first.structured.status, "running")
      assert.match(first.structured.scan_id, /^[0-9a-f]{32}$/u)
      assert.strictEqual(first.structured.resource_uri, `cadastre://scan/${first.structured.scan_id}`)
      assert.match(first.text, /still under way: this is not its result/u)
      // The topics were seen by then, the queues were not.
      assert.deepStrictEqual(seen, [1])
      assert.deepInclude(first.structured.progress, { cells_ended: 1, cells_total: 2 })
      assert.strictEqual(first.structured.so_far.resources_found, 3)
      assert.isFalse(first.structured.so_far.coverage.complete)
      assert.strictEqual(first.structured.so_far.coverage.cells.skipped, 1)

      // Who asks the same again is told of the same scan.
      const again = yield* call(client, "check_tag_compliance", args, patience.client)
      assert.strictEqual(again.structured.scan_id, first.structured.scan_id)
      const early = yield* call(client, "scan", { action: "result", scan_id: first.structured.scan_id })
      assert.strictEqual(early.structured.status, "running")
      assert.notProperty(early.structured, "result")

      const { structured: last } = yield* ended(client, first.structured.scan_id)
      assert.strictEqual(last.status, "finished")
      assert.isString(last.ended_at)
      const { compliant, total } = expected(simulator, [queues, "sns:topic"])
      assert.strictEqual(total, 33)
      const { structured } = yield* call(client, "scan", { action: "RESULT", scan_id: first.structured.scan_id })
      assert.isTrue(structured.result.coverage.complete)
      assert.strictEqual(structured.result.total_resources, total)
      assert.strictEqual(structured.result.compliance_score, compliant / total)
      // And it was scanned once.
      const calls = scanCalls(simulator)
      const cached = yield* call(client, "check_tag_compliance", args)
      assert.isTrue(cached.structured.from_cache)
      assert.strictEqual(cached.structured.compliance_score, compliant / total)
      assert.strictEqual(scanCalls(simulator), calls)
    }), 30_000)

  it.live("is ended by cancel, within a second, and keeps what it has seen", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: slow(200), bounds: patience.bounds })
      const begun = yield* call(client, "scan", { action: "start", resource_types: [queues, "sns:topic"] })
      assert.strictEqual(begun.structured.status, "running")
      const { scan_id } = begun.structured
      yield* call(client, "scan", { action: "status", scan_id }).pipe(
        Effect.repeat({ until: ({ structured }) => structured.progress !== undefined, schedule: Schedule.spaced("20 millis") }),
        Effect.timeout("10 seconds")
      )
      const before = performance.now()
      const cancelled = yield* call(client, "scan", { action: "cancel", scan_id })
      assert.isBelow(performance.now() - before, 1000)
      assert.strictEqual(cancelled.structured.status, "cancelled")
      assert.strictEqual(cancelled.structured.so_far.resources_found, 3)
      const calls = queueCalls(simulator)
      // As long as this takes, the cancelled scan had the time to go on.
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic", force_refresh: true })
      assert.strictEqual(queueCalls(simulator), calls)
      const after = yield* call(client, "scan", { action: "status", scan_id })
      assert.strictEqual(after.structured.status, "cancelled")
    }), 20_000)

  it.live("may be one of so many, and its end makes room", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ simulator: slow(200), scans: { runningPerSession: 1 } })
      const first = yield* call(client, "scan", { action: "start", resource_types: queues })
      const second = yield* call(client, "scan", { action: "start", resource_types: "sns:topic" })
      assert.isTrue(second.isError)
      assert.include(second.text, first.structured.scan_id)
      assert.match(second.text, /^1 scans are under way, and no more may be/u)
      yield* call(client, "scan", { action: "cancel", scan_id: first.structured.scan_id })
      const third = yield* call(client, "scan", { action: "start", resource_types: "sns:topic" })
      assert.isFalse(third.isError, third.text)
    }), 20_000)

  it.live("is its session's alone", () =>
    Effect.gen(function*() {
      const { another, client } = yield* connect({
        simulator: { estate: { regions: ["us-east-1"], resources: 0, counts: { [queues]: 3 } } }
      })
      const { structured: { scan_id } } = yield* call(client, "check_tag_compliance", { resource_types: queues })
      const own = yield* call(client, "scan", { action: "status", scan_id })
      assert.strictEqual(own.structured.status, "finished")
      for (const stranger of [yield* another("another-session"), yield* another("the-session", "somebody else")]) {
        for (const [name, args] of [
          ["scan", { action: "status", scan_id }],
          ["scan", { action: "result", scan_id }],
          ["scan", { action: "cancel", scan_id }],
          ["scan", { action: "result", cursor: `${scan_id}.0` }],
          ["check_tag_compliance", { cursor: `${scan_id}.0` }]
        ] as const) {
          const answer = yield* call(stranger, name, args)
          assert.isTrue(answer.isError)
          assert.match(answer.text, /has no such scan/u)
          assert.notInclude(answer.text, scan_id)
        }
        const listed = yield* call(stranger, "scan", { action: "list" })
        assert.deepStrictEqual(listed.structured.scans, [])
      }
      const wrong = yield* call(client, "find_untagged_resources", { cursor: `${scan_id}.0` })
      assert.isTrue(wrong.isError)
      assert.match(wrong.text, /is of a result of check_tag_compliance/u)
    }), 20_000)

  it.live.each([
    ["an action that is none", { action: "pause" }, /"pause" is unknown.*start, status, result, cancel, list/u],
    ["no action", {}, /action/u],
    ["no handle", { action: "status" }, /needs a scan_id/u],
    ["a handle that is none", { action: "result", scan_id: "1" }, /has no such scan.*action start/u],
    ["a type that is none", { action: "cancel", scan: "1" }, /no parameter "scan".*Valid parameters: action, scan_id/u]
  ] as const)("%s is refused with what to write", ([, args, message]) =>
    Effect.gen(function*() {
      const { client } = yield* connect()
      const answer = yield* call(client, "scan", args)
      assert.isTrue(answer.isError)
      assert.match(answer.text, message)
    }))
})

/** 100,000 violations where there were a few: each of them many times, of resources of their own. */
const multiplied = (of: number) => {
  const known = new WeakMap<ReadonlyArray<Violation>, ReadonlyArray<Violation>>()
  return (result: ComplianceResult): ComplianceResult => {
    const violations = known.get(result.violations) ??
      Array.from({ length: of }, (_, at) => {
        const one = result.violations[at % result.violations.length]!
        return { ...one, arn: `${one.arn}-${at}`, resourceId: `${one.resourceId}-${at}` }
      })
    known.set(result.violations, violations)
    return { ...result, violations }
  }
}

describe("100,000 violations", () => {
  it.live("fit in answers: each once, the worst first, while there is a new scan", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { regions: ["us-east-1"], resources: 0, counts: { [queues]: 40 }, tags: { partial: 1 } } },
        bounds: { callsPerSession: 10_000, identicalCalls: 10 },
        tellOf: multiplied(100_000)
      })
      yield* Effect.promise(() => client.listTools())
      const first = yield* call(client, "check_tag_compliance", { resource_types: queues })
      assert.isBelow(first.bytes, 80_000)
      assert.isAbove(first.bytes, 60_000)
      assert.strictEqual(first.structured.violations_total, 100_000)
      assert.isTrue(first.structured.violations_truncated)
      const arns = new Set<string>()
      const take = (violations: ReadonlyArray<any>) => {
        for (const { resource_arn, tag_name } of violations) arns.add(`${resource_arn} ${tag_name}`)
        return violations.length
      }
      let count = take(first.structured.violations)
      let wasWarning = first.structured.violations.at(-1).severity === "warning"
      let cursor: string | undefined = first.structured.next_cursor
      for (let page = 1; cursor !== undefined && page <= 12; page++) {
        if (page === 3) {
          for (const { arn } of simulator.estate.resources()) simulator.estate.tag(arn, { Owner: "new", Environment: "test" })
          const anew = yield* call(client, "check_tag_compliance", { resource_types: queues, force_refresh: true })
          assert.strictEqual(anew.structured.compliance_score, 1)
          assert.notStrictEqual(anew.structured.scan_id, first.structured.scan_id)
        }
        const answer = yield* call(client, page < 3 ? "check_tag_compliance" : "scan", {
          ...(page < 3 ? {} : { action: "result" }),
          cursor
        })
        assert.isBelow(answer.bytes, 80_000)
        const shown = page < 3 ? answer.structured : answer.structured.result
        assert.strictEqual(shown.compliance_score, first.structured.compliance_score)
        count += take(shown.violations)
        // Errors first, over all pages.
        for (const { severity } of shown.violations) {
          assert.isFalse(wasWarning && severity === "error")
          wasWarning = severity === "warning"
        }
        // The same page is the same page.
        if (page === 5) {
          const same = yield* call(client, "scan", { action: "result", cursor })
          assert.deepStrictEqual(same.structured.result.violations, shown.violations)
        }
        cursor = answer.structured.next_cursor
      }
      assert.strictEqual(cursor, `${first.structured.scan_id}.${count}`)
      assert.strictEqual(arns.size, count)
      const last = yield* call(client, "check_tag_compliance", { cursor: `${first.structured.scan_id}.99900` })
      assert.strictEqual(last.structured.violations.length, 100)
      assert.notProperty(last.structured, "next_cursor")
    }), 60_000)

  it.live("500 calls at once are answered from the cache", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { regions: ["us-east-1"], resources: 0, counts: { [queues]: 40 } } },
        bounds: { callsPerSession: 10_000, identicalCalls: 10_000 }
      })
      const first = yield* call(client, "check_tag_compliance", { resource_types: queues })
      const calls = scanCalls(simulator)
      const answers = yield* Effect.forEach(
        Array.from({ length: 500 }),
        () => call(client, "check_tag_compliance", { resource_types: queues }),
        { concurrency: "unbounded" }
      )
      for (const { isError, structured } of answers) {
        assert.isFalse(isError)
        assert.isTrue(structured.from_cache)
        assert.strictEqual(structured.compliance_score, first.structured.compliance_score)
        assert.strictEqual(structured.scan_id, first.structured.scan_id)
      }
      assert.strictEqual(scanCalls(simulator), calls)
      const { structured } = yield* call(client, "scan", { action: "list" })
      assert.strictEqual(structured.scans.length, 1)
    }), 30_000)
})
