import { Simulator } from "@cadastre/aws-simulator"
import { cellKey, type CellResult } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Journal, Scan, ScanEstimate } from "../src/index.ts"
import { bucket, engine, queue, role, volume } from "./Survey.ts"

const everywhere = { "us-east-1": 3, "eu-west-1": 120 }
const estate = {
  regions: ["us-east-1", "eu-west-1"],
  counts: { "sqs:queue": everywhere, "ec2:volume": everywhere, "iam:role": { global: 5 } }
}

/** A journal that knows what one scan saw of some cells, in one estate. */
const remembering = (url: string, cells: ReadonlyArray<CellResult>): (typeof Journal)["Service"] => ({
  begin: () => Effect.undefined,
  lastCounts: (estate) =>
    Effect.succeed(
      estate === url
        ? new Map(cells.map((cell) => [cellKey(cell), { resources: cell.resources, calls: cell.calls, endedAt: 0 }]))
        : new Map()
    )
})

describe("ScanEstimate.ofPlan", () => {
  it.live("knows what the journal knows of this estate, and works under this environment's settings", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const program = Effect.gen(function*() {
        const scan = yield* Scan
        const plan = yield* scan.plan({})
        const unknown = yield* ScanEstimate.ofPlan(plan)
        assert.strictEqual(unknown.counted, 0)
        assert.strictEqual(unknown.cells, plan.cells.length)
        const cells: Array<CellResult> = []
        yield* Stream.runForEach(scan.run(plan), (event) =>
          Effect.sync(() => event._tag === "CellEnded" && cells.push(event.result)))
        simulator.reset()
        const known = yield* ScanEstimate.ofPlan(plan).pipe(
          Effect.provideService(Journal, remembering(simulator.url, cells))
        )
        assert.isEmpty(simulator.calls())
        assert.strictEqual(known.counted, plan.cells.length)
        assert.strictEqual(known.calls, cells.reduce((sum, { calls }) => sum + calls, 0))
        const half = cells.filter(({ type }) => type === "sqs:queue")
        const partly = yield* ScanEstimate.ofPlan(plan).pipe(
          Effect.provideService(Journal, remembering(simulator.url, half))
        )
        assert.strictEqual(partly.counted, half.length)
        // Another estate's counts are none of this one's.
        const other = yield* ScanEstimate.ofPlan(plan).pipe(Effect.provideService(Journal, remembering("aws", cells)))
        assert.deepStrictEqual(other, unknown)
        return known.seconds
      })
      const scanners = [queue, volume, role, bucket]
      const seconds = (share: string) =>
        program.pipe(Effect.provide(engine(simulator, scanners, { RATE_LIMIT_SHARE: share })))
      // One volume page, one queue page and two batches of tags after it, at a twentieth of the limits: a token of the
      // tagging API comes every 1/0.75 s.
      assert.closeTo(yield* seconds("0.05"), 1 / 0.75 + ScanEstimate.assumedLatencyMs / 1000, 1e-9)
      assert.isBelow(yield* seconds("1"), 1)
    }).pipe(Effect.scoped))

  it.live("counts no call where the service does not exist", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const scan = yield* Scan
        const plan = yield* scan.plan({ types: ["ec2:volume"] })
        const absent = { ...plan, absent: (service: string, region: string) => region === "eu-west-1" ? service : undefined }
        assert.strictEqual((yield* ScanEstimate.ofPlan(absent)).calls, 1)
      }).pipe(Effect.provide(engine(simulator, [volume])))
    }).pipe(Effect.scoped))
})
