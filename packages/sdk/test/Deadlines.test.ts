import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { awsOf, engine, scan, truth } from "./Survey.ts"

describe("deadlines of a paced scan", () => {
  it.live("nobody waits for a rate limit past the end of the scan", () =>
    Effect.gen(function*() {
      const regions = ["us-east-1", "eu-west-1"]
      const simulator = yield* Simulator.make({
        estate: { seed: 3, regions, counts: { "ec2:instance": { "us-east-1": 60 }, "ec2:volume": { "eu-west-1": 5 } } },
        // Sixty pages, at a twentieth of what EC2 allows: more than two seconds' worth.
        pageSize: 1
      })
      const began = performance.now()
      const { cells, in: found } = yield* scan({ types: ["ec2:instance", "ec2:volume"], timeoutSeconds: 2 }).pipe(
        Effect.provide(engine(awsOf(simulator), { RATE_LIMIT_SHARE: "0.05" }))
      )
      // The plan's own calls are paced as well.
      assert.isBelow(performance.now() - began, 6000)
      const late = [...cells.values()].filter(({ outcome }) => outcome !== "scanned")
      assert.isNotEmpty(late)
      for (const cell of cells.values()) {
        assert.isAtMost(cell.durationMs, 2500)
        if (cell.outcome === "scanned") assert.deepStrictEqual(found(cell), truth(simulator, cell))
        else {
          assert.strictEqual(cell.outcome, "timed-out")
          assert.strictEqual(cell.reason?.error, "TimedOut")
          assert.includeMembers([...truth(simulator, cell)], [...found(cell)])
        }
      }
      const made = simulator.calls().reduce((sum, { calls }) => sum + calls, 0)
      yield* Effect.sleep("300 millis")
      assert.strictEqual(simulator.calls().reduce((sum, { calls }) => sum + calls, 0), made)
    }), 20_000)
})
