import { stateOf } from "@cadastre/aggregation"
import { WhatIf } from "@cadastre/compliance"
import { compile, type TagPolicy } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, scanCalls, start } from "./Bench.ts"

const stricter: TagPolicy = {
  required_tags: [{ name: "Owner" }, { name: "CostCenter", validation_regex: "CC-[0-9]{4}" }, { name: "Project" }]
}
const types = ["ec2:instance", "ec2:volume", "s3:bucket", "sqs:queue", "ec2:security-group"] as const
const looser: TagPolicy = { required_tags: [{ name: "Owner", severity: "warning" }] }

describe("what if another policy were in force", () => {
  it.live("it is what a check by that policy says, without a call", () =>
    Effect.gen(function*() {
      const { check, compliance, simulator } = yield* start()
      // Volumes in one place cannot be seen: under no policy do they count.
      simulator.rule({ match: { service: "ec2", operation: "DescribeVolumes", region: "eu-west-1" }, fault: { type: "deny" } })
      const result = yield* check({ policy, types, withResources: true })
      const expected = [yield* check({ policy: stricter, types }), yield* check({ policy: looser, types })]
      const calls = scanCalls(simulator)
      for (const [at, other] of [stricter, looser].entries()) {
        const answer = yield* compliance.whatIf({ policy: other, against: policy, over: WhatIf.ofResult(result) })
        const figuresOf = ({ byAccount, byRegion, byRule, byType, complianceScore, totalResources }: typeof answer.summary) => ({
          byAccount, byRegion, byRule, byType, complianceScore, totalResources
        })
        assert.deepStrictEqual(figuresOf(answer.summary), figuresOf(expected[at]!))
        assert.strictEqual(answer.policyHash, expected[at]!.policyHash)
        assert.deepStrictEqual(answer.coverage, result.coverage)
        assert.strictEqual(answer.against?.policyHash, result.policyHash)
        assert.strictEqual(answer.against?.summary.complianceScore, result.complianceScore)
        const { newlyCompliant, newlyViolating } = answer.against!
        assert.strictEqual(
          newlyCompliant.length - newlyViolating.length,
          answer.summary.compliantResources - result.compliantResources
        )
        assert.isAbove(newlyCompliant.length + newlyViolating.length, 0)
        const ends = new Set(expected[at]!.violations.filter(({ severity }) => severity === "error").map(({ arn }) => arn))
        assert.isTrue(newlyCompliant.every((arn) => !ends.has(arn)) && newlyViolating.every((arn) => ends.has(arn)))
      }
      assert.strictEqual(scanCalls(simulator), calls)
    }).pipe(Effect.scoped))

  it.live("of stored states, it is the same", () =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start()
      const result = yield* check({ policy, types, withResources: true })
      const over = WhatIf.ofResult(result)
      const { check: judge } = compile(policy)
      const states = [...over.resources].map(({ cell, resource }) => stateOf(cell, resource, judge(resource)))
      const { cells, scope, takenAt } = over
      const stored = WhatIf.ofStates(states, { cells, takenAt, ...scope === undefined ? {} : { scope } })
      assert.deepStrictEqual(
        yield* compliance.whatIf({ policy: stricter, over: stored }),
        yield* compliance.whatIf({ policy: stricter, over })
      )
    }).pipe(Effect.scoped))

  it.live("a check without its resources is refused: none at hand is not none there", () =>
    Effect.gen(function*() {
      const { check, compliance, simulator } = yield* start()
      const over = WhatIf.ofResult(yield* check({ policy, types }))
      const error = yield* Effect.flip(compliance.whatIf({ policy: stricter, over }))
      assert.deepInclude(error, { _tag: "ResourcesMissingError", seen: types.reduce((sum, type) => sum + simulator.estate.count({ type }), 0), given: 0 })
    }).pipe(Effect.scoped))
})
