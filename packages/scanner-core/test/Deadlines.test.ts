import { type Fault, Simulator } from "@cadastre/aws-simulator"
import { CurrentRegion } from "@cadastre/client-factory"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Random, Stream } from "effect"
import { Scanner } from "../src/index.ts"
import { leaping } from "./LeapingClock.ts"
import { calls, engine, queue, regional, scan, shown, topic, truth, volume } from "./Survey.ts"

const regions = ["us-east-1", "eu-west-1"]
const everywhere = { "us-east-1": 30, "eu-west-1": 30 }
const estate = {
  seed: 8,
  regions,
  counts: { "sns:topic": everywhere, "sqs:queue": everywhere, "dynamodb:table": everywhere, "ec2:volume": everywhere }
}

/** Never answers in eu-west-1, and nobody but the cell itself can give it up. */
const stuck = Scanner.make<string>("own:stuck", {
  cloudFormation: "Own::Thing::Type",
  actions: ["own:ListThings"],
  list: Stream.unwrap(Effect.map(CurrentRegion, (region) => region === "eu-west-1" ? Stream.never : Stream.empty)),
  describe: (id, place) => ({ arn: place.arn("own", "thing/", id) })
})

/** A scan, and how long it took by its own clock, the plan apart, seconds. */
const timed = (
  simulator: Simulator["Service"],
  { patience = 0, request = {}, scanners, variables = {} }: {
    readonly scanners: ReadonlyArray<Scanner.Scanner>
    readonly request?: Parameters<typeof scan>[0]
    readonly variables?: Readonly<Record<string, string>>
    /** How much of each wait is waited. */
    readonly patience?: number
  }
) => {
  let begun = 0
  return Effect.gen(function*() {
    const result = yield* scan(request, {
      each: (event) => Effect.map(Clock.currentTimeMillis, (now) => {
        if (event._tag === "ScanStarted") begun = now
      })
    })
    return { ...result, seconds: ((yield* Clock.currentTimeMillis) - begun) / 1000 }
  }).pipe(
    Effect.provideService(Random.Random, { nextDoubleUnsafe: () => patience, nextIntUnsafe: () => 0 }),
    Effect.provide(engine(simulator, scanners, variables)),
    leaping(simulator),
    Effect.timeout("20 seconds"),
    Effect.orDie
  )
}

describe("deadlines", () => {
  it.live("the scan's: what is not done by then is timed out, what is done stays", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns", region: "us-east-1" }, fault: { type: "hang" } })
      const { cells, inCell, seconds } = yield* timed(simulator, {
        scanners: [...regional, stuck],
        request: { timeoutSeconds: 20 },
        variables: { REGION_SCAN_TIMEOUT_SECONDS: "300", AWS_CALL_TIMEOUT_SECONDS: "300" }
      })
      assert.isAtMost(seconds, 20.5)
      for (const { durationMs, outcome, reason, region, type } of cells) {
        if (type === "own:stuck" && region === "eu-west-1") {
          assert.strictEqual(outcome, "timed-out")
          assert.strictEqual(reason?.message, "not done within the scan's time limit of 20 s")
          assert.closeTo(durationMs, 20_000, 500)
        } else if (type === "sns:topic" && region === "us-east-1") {
          // A call that hangs leaves its cell a fifth of the time to end with what it has.
          assert.strictEqual(outcome, "timed-out")
          assert.strictEqual(reason?.operation, "sns:ListTopics")
          assert.closeTo(durationMs, 16_000, 500)
        } else {
          assert.strictEqual(outcome, "scanned")
          if (type !== "own:stuck") assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
        }
      }
    }))

  it.live("cells that begin after the scan's deadline make no call, and say so", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { region: "us-east-1", service: "sns" }, fault: { type: "hang" } })
      const { cells, seconds } = yield* timed(simulator, {
        // The one that needs a second step for its tags goes first, and there is no other at the same time.
        scanners: [topic, volume],
        request: { timeoutSeconds: 10 },
        variables: { MAX_CONCURRENT_REGIONS: "1", MAX_CONCURRENT_SERVICES: "1", AWS_MAX_RETRIES: "0" }
      })
      assert.isAtMost(seconds, 10.5)
      assert.strictEqual(cells.length, 4)
      // The call is given up after eight seconds; the two that are left are enough for the rest.
      assert.deepStrictEqual(cells.map(({ outcome }) => outcome), ["timed-out", "scanned", "scanned", "scanned"])
      const none = yield* timed(simulator, { scanners: [topic, volume], request: { timeoutSeconds: 0 } })
      for (const { calls: made, outcome, reason } of none.cells) {
        assert.strictEqual(made, 0)
        assert.strictEqual(outcome, "timed-out")
        assert.strictEqual(reason?.message, "not done within the scan's time limit of 0 s")
      }
    }))

  it.live("CELL_SCAN_TIMEOUT_SECONDS: one cell's, and no other's", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { cells, inCell } = yield* timed(simulator, {
        scanners: [...regional, stuck],
        variables: { CELL_SCAN_TIMEOUT_SECONDS: "5" }
      })
      for (const { durationMs, outcome, reason, region, type } of cells) {
        if (type === "own:stuck") {
          if (region !== "eu-west-1") continue
          assert.strictEqual(outcome, "timed-out")
          assert.strictEqual(reason?.message, "not done within the cell's time limit of 5 s")
          assert.closeTo(durationMs, 5000, 300)
        } else assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
      }
    }))

  it.live("the Region's: counted from when it begins, and named", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { cells, seconds } = yield* timed(simulator, {
        scanners: [topic, stuck],
        request: { timeoutSeconds: 100 },
        variables: { REGION_SCAN_TIMEOUT_SECONDS: "15", CELL_SCAN_TIMEOUT_SECONDS: "60" }
      })
      const slow = cells.find(({ region, type }) => type === "own:stuck" && region === "eu-west-1")
      assert.strictEqual(slow?.reason?.message, "not done within the Region's time limit of 15 s")
      assert.isAtMost(seconds, 15.5)
    }))

  const lasting: ReadonlyArray<readonly [fault: Fault, outcomes: ReadonlyArray<string>]> = [
    [{ type: "throttle" }, ["throttled"]],
    [{ type: "status", status: 503 }, ["failed"]],
    [{ type: "reset" }, ["failed"]],
    [{ type: "hang" }, ["timed-out"]],
    [{ type: "stall" }, ["timed-out"]],
    [{ type: "drip" }, ["timed-out"]]
  ]
  it.live.each(lasting)("no retry is waited for past the deadline: %j", ([fault, outcomes]) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ match: { service: ["sqs", "sns"] }, fault }] })
      const { cells, seconds } = yield* timed(simulator, {
        scanners: [topic, queue, volume],
        request: { timeoutSeconds: 25 },
        variables: { AWS_MAX_RETRIES: "10", REGION_SCAN_TIMEOUT_SECONDS: "12" },
        patience: 1
      })
      assert.isAtMost(seconds, 12.5)
      for (const { calls: made, durationMs, outcome, type } of cells) {
        assert.isAtMost(durationMs, 12_500)
        if (type === "ec2:volume") assert.strictEqual(outcome, "scanned")
        else {
          assert.include(outcomes, outcome)
          // Waits that double from half a second, or a tenth, and at most 8 s each: few fit in.
          assert.isAtMost(made, 8)
        }
      }
      assert.isAbove(calls(simulator, "sqs"), 0)
    }))
})
