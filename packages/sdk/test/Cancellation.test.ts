import { coreTypes, Simulator } from "@cadastre/aws-simulator"
import { Scan } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { awsOf, engine, read } from "./Survey.ts"
import type { CellResult, ScanEvent } from "@cadastre/model"

const accounts = Array.from({ length: 20 }, (_, index) => `${300_000_000_000 + index * 1_000_003}`)

const regions = [
  "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
  "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
  "us-east-1", "us-east-2", "us-west-1", "us-west-2"
]

/** A second is promised; a machine that is shared by others gets twice as long. */
const patienceMs = 2000

/** How many requests the simulator has not answered; starts its counts anew. */
const inFlight = (simulator: Simulator["Service"]): number => {
  simulator.reset()
  return simulator.maxInFlight()
}

/** A scan of everything with its latency, of which one service hangs; `act` begins when it is in full swing. */
const inFullSwing = <A>(
  act: (of: {
    readonly simulator: Simulator["Service"]
    readonly fiber: Fiber.Fiber<void>
    readonly stop: Deferred.Deferred<void>
    readonly events: ReadonlyArray<ScanEvent>
  }) => Effect.Effect<A>
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({
      estate: { seed: 12, accounts, regions, resources: 20_000 },
      latency: { milliseconds: 40, jitter: 20 }
    })
    simulator.rule({ match: { service: "sns" }, fault: { type: "hang" } })
    simulator.rule({ match: { service: "rds", probability: 0.5 }, fault: { type: "stall" } })
    simulator.rule({ match: { service: "lambda", probability: 0.5 }, fault: { type: "drip" } })
    const stop = yield* Deferred.make<void>()
    const events: Array<ScanEvent> = []
    return yield* Effect.gen(function*() {
      const scan = yield* Scan
      const plan = yield* scan.plan({ types: coreTypes })
      simulator.reset()
      const fiber = yield* scan.run(plan, { stop: Deferred.await(stop) }).pipe(
        Stream.runForEach((event) => Effect.sync(() => void events.push(event))),
        Effect.forkChild
      )
      // Those that hang pile up, and others come and go.
      while (events.length < 600 || inFlight(simulator) < 150) yield* Effect.sleep("5 millis")
      const answer = yield* act({ simulator, fiber, stop, events })
      return { answer, plan }
    }).pipe(Effect.provide(engine(awsOf(simulator), { MAX_CONCURRENT_ACCOUNTS: "20" })))
  })

const quiet = (simulator: Simulator["Service"]) =>
  Effect.gen(function*() {
    while (inFlight(simulator) > 0) yield* Effect.sleep("2 millis")
  }).pipe(Effect.timeout(patienceMs), Effect.orDie)

describe("cancellation of 20 accounts × 17 Regions × 16 types in full swing", () => {
  it.live("stop: all calls are aborted, every cell has its one end, and the stream ends within a second", () =>
    Effect.gen(function*() {
      const { answer, plan } = yield* inFullSwing(({ events, fiber, simulator, stop }) =>
        Effect.gen(function*() {
          const before = performance.now()
          yield* Deferred.succeed(stop, undefined)
          yield* Fiber.join(fiber)
          yield* quiet(simulator)
          const took = performance.now() - before
          // Nothing is asked any more.
          yield* Effect.sleep("200 millis")
          assert.deepStrictEqual(simulator.calls(), [])
          return { took, events }
        }))
      assert.isBelow(answer.took, patienceMs)
      const { cells } = read(answer.events)
      assert.strictEqual(cells.size, plan.cells.length)
      const ended = answer.events.filter((event) => event._tag === "CellEnded")
      assert.strictEqual(ended.length, plan.cells.length)
      const outcomes = new Set([...cells.values()].map(({ outcome }: CellResult) => outcome))
      assert.sameMembers([...outcomes], ["scanned", "skipped"])
    }).pipe(Effect.scoped), 120_000)

  it.live("interruption of whoever consumes: the same, at once", () =>
    Effect.gen(function*() {
      const { answer } = yield* inFullSwing(({ fiber, simulator }) =>
        Effect.gen(function*() {
          const before = performance.now()
          yield* Fiber.interrupt(fiber)
          yield* quiet(simulator)
          const took = performance.now() - before
          yield* Effect.sleep("200 millis")
          assert.deepStrictEqual(simulator.calls(), [])
          return took
        }))
      assert.isBelow(answer, patienceMs)
    }).pipe(Effect.scoped), 120_000)
})
