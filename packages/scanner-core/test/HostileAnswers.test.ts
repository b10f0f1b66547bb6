/** Answers that no service gives: they cost their cell, and nothing else. */
import { type Fault, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { leaping } from "./LeapingClock.ts"
import { engine, scan, shown, truth } from "./Survey.ts"

const everywhere = { "us-east-1": 5, "eu-west-1": 5 }
const estate = {
  seed: 21,
  regions: ["us-east-1", "eu-west-1"],
  counts: {
    "sns:topic": everywhere,
    "sqs:queue": everywhere,
    "dynamodb:table": everywhere,
    "ec2:volume": everywhere,
    "s3:bucket": everywhere,
    "iam:role": { global: 5 }
  },
  tags: { untagged: 0, hostile: 0.5 }
}

/** One of each protocol: query, EC2's, JSON, REST XML. */
const hit: ReadonlyArray<readonly [region: string, type: string, operation: string]> = [
  ["eu-west-1", "sns:topic", "ListTopics"],
  ["eu-west-1", "ec2:volume", "DescribeVolumes"],
  ["eu-west-1", "dynamodb:table", "ListTables"],
  ["global", "s3:bucket", "ListBuckets"]
]

const megabytes = 2 ** 20

type Fate = "failed" | "timed-out" | "scanned"

const table: ReadonlyArray<readonly [name: string, fault: Fault, fate: Fate, except?: string]> = [
  ["entities that grow a billionfold", { type: "doctype" }, "failed"],
  ["a document type that names a file", { type: "doctype", entities: "external" }, "failed"],
  ["100 MB, announced", { type: "oversized", bytes: 100 * megabytes }, "failed"],
  ["100 MB in chunks", { type: "oversized", bytes: 100 * megabytes, chunked: true }, "failed"],
  ["a page of a proxy with status 200", { type: "html", status: 200 }, "failed"],
  ["a page of a proxy with status 403", { type: "html", status: 403 }, "failed"],
  ["nothing with status 200", { type: "empty" }, "failed"],
  ["bytes that are no UTF-8", { type: "invalid-utf8" }, "failed"],
  ["no document", { type: "malformed" }, "failed"],
  ["cut off", { type: "truncate" }, "failed"],
  ["cut off in chunks", { type: "truncate", as: "chunked" }, "failed"],
  ["a byte at a time without end", { type: "drip" }, "timed-out"],
  ["half an answer and then nothing", { type: "stall" }, "timed-out"],
  ["the head of an answer and then nothing", { type: "stall", after: "headers" }, "timed-out"],
  // A list that goes on from its last name cannot do that.
  ["the same page for ever", { type: "repeated-token" }, "failed", "dynamodb:table"],
  // Strange, and right all the same.
  ["a wrong media type", { type: "content-type" }, "scanned"],
  ["unknown members", { type: "extra-members" }, "scanned"],
  ["everything written as references", { type: "references" }, "scanned"]
]

/** The most memory that a piece of work took beyond what was there, MiB. */
const peakOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const before = process.memoryUsage.rss()
    let peak = before
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 5)
    return effect.pipe(
      Effect.map((result) => ({ result, grown: (peak - before) / megabytes })),
      Effect.ensuring(Effect.sync(() => clearInterval(timer)))
    )
  })

/** Much that is on its way is something that happens, and the clock that leaps does not see it. */
const survey = (simulator: Simulator["Service"], leaps: boolean) =>
  scan().pipe(
    Effect.provide(engine(simulator, undefined, { AWS_MAX_RETRIES: "1" })),
    leaps ? leaping(simulator) : (effect) => effect,
    Effect.timeout("25 seconds"),
    Effect.orDie,
    peakOf
  )

describe("hostile answers", () => {
  it.live.each(table)("$0", ([, fault, fate, except]) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, ...(fault.type === "repeated-token" ? { pageSize: 2 } : {}) })
      for (const [region, , operation] of hit) {
        simulator.rule({ match: { operation, ...(region === "global" ? {} : { region }) }, fault })
      }
      const { grown, result: { cells, coverage, inCell } } = yield* survey(simulator, fault.type !== "oversized")
      for (const { outcome, reason, region, type } of cells) {
        const isHit = hit.some(([where, what]) => where === region && what === type)
        const found = inCell(region, type).map(shown)
        const real = truth(simulator, region, type).map(shown)
        if (isHit && fate !== "scanned" && type !== except) {
          assert.strictEqual(outcome, fate, `${type}: ${reason?.message}`)
          assert.notStrictEqual(reason?.error, "Defect")
          assert.isNotEmpty(reason?.operation ?? "")
          assert.includeMembers(real, found)
        } else {
          assert.strictEqual(outcome, "scanned", `${type}: ${reason?.message}`)
          assert.sameMembers(found, real)
        }
      }
      assert.strictEqual(coverage.complete, fate === "scanned")
      // Four answers of at most 64 MiB at once, and the simulator in the same process.
      assert.isBelow(grown, 450)
    }), 40_000)

  it.live.each([1000, 100_000, 2_000_000])("an unknown member nested %d levels deep", (depth) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      for (const [region, , operation] of hit) {
        simulator.rule({ match: { operation, ...(region === "global" ? {} : { region }) }, fault: { type: "nesting", depth } })
      }
      const { grown, result: { cells, inCell } } = yield* survey(simulator, false)
      for (const { outcome, reason, region, type } of cells) {
        const isHit = hit.some(([where, what]) => where === region && what === type)
        if (isHit && outcome !== "scanned") assert.strictEqual(outcome, "failed", reason?.message)
        else {
          assert.strictEqual(outcome, "scanned")
          assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
        }
        assert.notStrictEqual(reason?.error, "Defect")
      }
      assert.isBelow(grown, 450)
    }), 40_000)
})
