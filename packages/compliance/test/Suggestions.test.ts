import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, start } from "./Bench.ts"

/** An estate in which things that belong together are tagged alike, nine times in ten. */
const simulator = {
  estate: { seed: 11, regions: ["us-east-1", "eu-west-1", "eu-central-1"], resources: 1500, tags: { coherent: 0.9 } }
}

describe("suggestions", () => {
  it.live("are right more often than the commonest value, and as often as they promise", () =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start({ simulator })
      const result = yield* check({ policy, withResources: true })
      const { backtest = [], resources } = yield* compliance.suggest({ policy, backtest: true })
      assert.deepStrictEqual(backtest.map(({ tag }) => tag), ["Owner", "Environment", "CostCenter"])
      for (const { calibrationError, commonest, hitRate, tag, tried } of backtest) {
        assert.isAbove(tried, 500, tag)
        assert.isAtMost(calibrationError, 0.1, tag)
        assert.isAbove(hitRate, Math.min(0.7, 2 * commonest), tag)
      }
      const wanting = result.resources.filter(({ arn }) =>
        result.violations.some((violation) => violation.arn === arn && violation.rule !== "naming_rule")
      )
      assert.sameMembers(resources.map(({ arn }) => arn), wanting.map(({ arn }) => arn))
    }).pipe(Effect.scoped), 60_000)

  it.live("for some ARNs are those of all, and an ARN that is not there is said to be missing", () =>
    Effect.gen(function*() {
      const { compliance } = yield* start({ simulator: { estate: { ...simulator.estate, resources: 300 } } })
      const all = yield* compliance.suggest({ policy })
      const [first] = all.resources
      const none = "arn:aws:sqs:us-east-1:111122223333:not-there"
      const some = yield* compliance.suggest({ policy, arns: [first!.arn, none] })
      assert.deepStrictEqual(some.resources, [first!])
      assert.deepStrictEqual(some.notFound, [none])
      assert.isUndefined(some.backtest)
    }).pipe(Effect.scoped))
})
