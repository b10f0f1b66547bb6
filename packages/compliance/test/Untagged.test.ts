import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, start } from "./Bench.ts"
import * as Costs from "./Costs.ts"
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

  it.live("with what each costs, the most expensive first, and those that cost less than is asked for left out", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 7, regions: ["us-east-1", "eu-west-1"], resources: 300 } })
      const { compliance } = yield* start({ simulated: simulator, costs: yield* Costs.bill(simulator.estate) })
      const plain = yield* compliance.findUntagged({ policy })
      const priced = yield* compliance.findUntagged({ policy, costs: { period: Costs.period } })
      const { amounts } = Costs.ledger(simulator.estate)
      const monthly = (arn: string) => (amounts.get(arn) ?? 0) * 365 / 12 / 30
      assert.isEmpty(priced.costUnknown)
      assert.sameMembers(priced.resources.map(({ arn }) => arn), plain.resources.map(({ arn }) => arn))
      for (const { arn, cost } of priced.resources) {
        assert.closeTo(cost!.monthly, monthly(arn), 1e-6)
        assert.strictEqual(cost!.basis, "actual")
      }
      const order = priced.resources.map(({ cost }) => cost!.monthly)
      assert.deepStrictEqual(order, order.toSorted((a, b) => b - a))
      const least = order[Math.floor(order.length / 4)]!
      assert.isAbove(least, 0)
      const dear = yield* compliance.findUntagged({ policy, costs: { period: Costs.period }, minMonthlyCost: least })
      const expected = plain.resources.filter(({ arn }) => monthly(arn) >= least - 1e-9).map(({ arn }) => arn)
      assert.sameMembers(dear.resources.map(({ arn }) => arn), expected)
      assert.strictEqual(dear.costs?.status === "known" ? dear.costs.belowMinimum : -1, order.length - expected.length)
      // Counts are of what is untagged, whatever it costs.
      assert.deepStrictEqual(
        [dear.totalUntagged, dear.withoutAnyTag, dear.totalResources, dear.byTag],
        [plain.totalUntagged, plain.withoutAnyTag, plain.totalResources, plain.byTag]
      )
    }).pipe(Effect.scoped))

  it.live("of unknown cost are listed apart, whatever the least cost that is asked for", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({ costs: Costs.explorer() })
      // What shares the bill of volumes cannot be seen, so that nobody knows what is theirs.
      simulator.rule({ match: { service: "ec2", operation: "DescribeSnapshots" }, fault: { type: "deny" } })
      const types = ["ec2:volume", "sqs:queue"]
      const plain = yield* compliance.findUntagged({ policy, types })
      const { coverage, costUnknown, resources } = yield* compliance.findUntagged({
        policy,
        types,
        costs: { period: Costs.period },
        minMonthlyCost: 1e9
      })
      assert.isEmpty(resources)
      assert.sameMembers(
        costUnknown!.map(({ arn, reason }) => `${arn} ${reason}`),
        plain.resources.filter(({ type }) => type === "ec2:volume").map(({ arn }) => `${arn} not-scanned`)
      )
      // Snapshots were not asked about.
      assert.isTrue(coverage.complete)
      assert.isFalse(coverage.table.some(({ type }) => type === "ec2:snapshot"))
    }).pipe(Effect.scoped))
})
