import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, start } from "./Bench.ts"
import * as GroundTruth from "./GroundTruth.ts"

const lacks = (tags: Readonly<Record<string, string>>, type: string, name: string): boolean => {
  const key = Object.keys(tags).find((key) => key === name || (type.startsWith("iam:") && key.toLowerCase() === name.toLowerCase()))
  return key === undefined || !/\S/u.test(tags[key]!)
}

describe("untagged resources", () => {
  it.live("are those that lack a required tag or have none, by the ground truth", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start()
      const result = yield* compliance.findUntagged({ policy })
      const scored = [...simulator.estate.resources()].filter(GroundTruth.isScored)
      const names = policy.required_tags.map(({ name }) => name)
      const expected = scored
        .map(({ arn, tags, type }) => ({
          arn,
          missingTags: names.filter((name) => lacks(tags, type, name)),
          hasNoTags: Object.keys(tags).length === 0
        }))
        .filter(({ hasNoTags, missingTags }) => hasNoTags || missingTags.length > 0)
      assert.isAbove(expected.length, 20)
      assert.sameDeepMembers(
        result.resources.map(({ arn, hasNoTags, missingTags }) => ({ arn, missingTags: [...missingTags], hasNoTags })),
        expected
      )
      assert.strictEqual(result.totalUntagged, expected.filter(({ missingTags }) => missingTags.length > 0).length)
      assert.strictEqual(result.withoutAnyTag, expected.filter(({ hasNoTags }) => hasNoTags).length)
      assert.strictEqual(result.totalResources, scored.length)
      assert.deepStrictEqual(
        result.byTag,
        names.map((tag) => ({ tag, missing: expected.filter(({ missingTags }) => missingTags.includes(tag)).length }))
      )
    }).pipe(Effect.scoped))

  it.live("of cells that could not be seen nothing is said, and the coverage says so", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start()
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      const { coverage, resources } = yield* compliance.findUntagged({ policy })
      assert.isFalse(coverage.complete)
      assert.isFalse(resources.some(({ type }) => type === "sqs:queue"))
    }).pipe(Effect.scoped))
})
