/** What only the tagging API tells of, and what the score makes of it. */
import { Estate } from "@cadastre/aws-simulator"
import { resourceTypeOf, Arn } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { policy, start } from "./Bench.ts"

const regions = ["us-east-1", "eu-west-1"]
const estate = Estate.make({ seed: 3, regions, counts: { "sqs:queue": 6, "ec2:volume": 6 }, others: 4, ghosts: 0.5 })
const account = "111122223333"

/** What the tagging API lists of types without a scanner. */
const listed = [...regions, "global"].flatMap((region) => estate.others(account, region))
  .filter(({ tags }) => Object.keys(tags).length > 0)
  .map((one) => ({ ...one, type: resourceTypeOf(Option.getOrThrow(Arn.parse(one.arn))) as string }))

describe("a check of all services", () => {
  it.live("does not score what no service confirms, unless the policy names its type; a ghost is never judged", () =>
    Effect.gen(function*() {
      const { check } = yield* start({ simulator: { estate } })
      const plain = yield* check({ policy, withResources: true })
      const all = yield* check({ policy, withResources: true, sources: ["tagging-api"] })
      assert.isTrue(all.coverage.complete)
      assert.strictEqual(all.fromCache, false)
      assert.deepStrictEqual(
        [all.complianceScore, all.totalResources, all.violationCount],
        [plain.complianceScore, plain.totalResources, plain.violationCount]
      )
      assert.strictEqual(all.notApplicableByReason.unconfirmed, listed.length)
      assert.strictEqual(all.resources.length, plain.resources.length + listed.length)

      const required_tags = policy.required_tags.map((tag) => ({ ...tag, applies_to: ["sqs:queue", "appsync:apis"] }))
      const named = yield* check({ policy: { required_tags }, sources: ["tagging-api"] })
      const apis = listed.filter(({ type }) => type === "appsync:apis")
      assert.isAbove(apis.length, 2)
      assert.strictEqual(named.byType["appsync:apis"]?.totalResources, apis.length)
      assert.strictEqual(named.byType["appsync:apis"]?.compliantResources, apis.filter(({ tags }) =>
        tags.Owner !== undefined && tags.Owner !== "" &&
        ["production", "staging", "development", "test", "sandbox"].includes(tags.Environment ?? "")
      ).length)
      const real = new Set([...estate.resources(), ...listed].map(({ arn }) => arn))
      assert.isTrue(named.violations.every(({ arn }) => real.has(arn)))
      assert.isAbove(named.violations.length, 0)
    }).pipe(Effect.scoped))

  it.live("a result by tag is cached by its tags", () =>
    Effect.gen(function*() {
      const { check } = yield* start({ simulator: { estate } })
      const tags = [{ key: "Environment", values: ["production"] }]
      const some = yield* check({ policy, withResources: true, tags })
      const whole = yield* check({ policy, withResources: true })
      const again = yield* check({ policy, withResources: true, tags })
      assert.deepStrictEqual([some.fromCache, whole.fromCache, again.fromCache], [false, false, true])
      assert.sameMembers(
        some.resources.map(({ arn }) => arn),
        [...estate.resources(), ...listed].filter((one) => one.tags.Environment === "production").map(({ arn }) => arn)
      )
      assert.isTrue(some.resources.every((one) => one.tags?.Environment === "production"))
    }).pipe(Effect.scoped))
})
