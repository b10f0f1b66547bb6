import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { policy, start } from "./Bench.ts"
import * as GroundTruth from "./GroundTruth.ts"

const types = ["sqs:queue", "sns:topic", "ec2:volume"]
const regions = ["us-east-1", "eu-west-1", "eu-central-1"]

describe("what others got wrong", () => {
  it.live("severity filter changes no denominator", () =>
    Effect.gen(function*() {
      const { check } = yield* start()
      const [all, errors, warnings] = yield* Effect.forEach(["all", "errors_only", "warnings_only"] as const, (severity) =>
        check({ policy, types, severity }))
      for (const one of [errors!, warnings!]) {
        assert.isBelow(one.violations.length, all.violations.length)
        assert.deepStrictEqual(
          [one.totalResources, one.compliantResources, one.complianceScore, one.violationCount],
          [all.totalResources, all.compliantResources, all.complianceScore, all.violationCount]
        )
      }
    }).pipe(Effect.scoped))

  it.live("ghosts of the tagging API are not violations", () =>
    Effect.gen(function*() {
      const { check, compliance, simulator } = yield* start({ simulator: { estate: { seed: 7, regions, resources: 300, ghosts: 1 } } })
      const deleted = [...simulator.estate.resources({ type: "sqs:queue" })].slice(0, 3).map(({ arn }) => arn)
      for (const arn of deleted) simulator.estate.delete(arn)
      const there = new Set([...simulator.estate.resources()].map(({ arn }) => arn))
      for (const sources of [[], ["tagging-api"]] as const) {
        const { violations } = yield* check({ policy, types, sources, forceRefresh: true })
        assert.isAbove(violations.length, 0)
        assert.deepStrictEqual(violations.filter(({ arn }) => !there.has(arn)), [])
        const untagged = yield* compliance.findUntagged({ policy, types, sources })
        assert.deepStrictEqual(untagged.resources.filter(({ arn }) => !there.has(arn)), [])
      }
      const { notFound } = yield* compliance.validateResources({ arns: deleted, policy })
      assert.strictEqual(notFound, 3)
    }).pipe(Effect.scoped))

  it.live("a denied cell never raises a score: it counts for nothing, and of what was not seen there is no score", () =>
    Effect.promise(() => fc.assert(fc.asyncProperty(
      fc.integer({ min: 1, max: 1000 }),
      fc.uniqueArray(fc.tuple(fc.constantFrom(...types.slice(0, 2)), fc.constantFrom(...regions)), {
        selector: ([type, region]) => `${type}/${region}`
      }),
      (seed, denied) =>
        Effect.runPromise(Effect.gen(function*() {
          const { check, simulator } = yield* start({ simulator: { estate: { seed, regions, resources: 100 } } })
          for (const [type, region] of denied) {
            simulator.rule({ match: { service: type.split(":")[0]!, region }, fault: { type: "deny" } })
          }
          const result = yield* check({ policy, types: types.slice(0, 2) }).pipe(
            Effect.catchTag("MultiRegionScanError", ({ partialResult }) => Effect.succeed(partialResult))
          )
          const isDenied = (type: string, region: string) => denied.some((one) => one[0] === type && one[1] === region)
          const seen = [...simulator.estate.resources()].filter(({ region, type }) => types.slice(0, 2).includes(type) && !isDenied(type, region))
          if (denied.length === 6) {
            assert.notProperty(result, "complianceScore")
          } else {
            assert.strictEqual(result.complianceScore, GroundTruth.figuresOf(seen).complianceScore)
          }
          for (const type of types.slice(0, 2)) {
            const isUnseen = regions.every((region) => isDenied(type, region))
            assert.strictEqual(result.byType[type] === undefined, isUnseen, type)
          }
          assert.strictEqual(result.coverage.complete, denied.length === 0)
        }).pipe(Effect.scoped))), { numRuns: 100 })), 120_000)
})
