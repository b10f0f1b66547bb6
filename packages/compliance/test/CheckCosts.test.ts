import { Simulator } from "@cadastre/aws-simulator"
import type { ComplianceResult } from "@cadastre/compliance"
import { Money, type Source, type SpendLine } from "@cadastre/cost"
import { AccountId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { policy, scanCalls, start, withoutTimes } from "./Bench.ts"
import * as Costs from "./Costs.ts"
import { errorsOf, isCompliant, isScored } from "./GroundTruth.ts"

const regions = ["us-east-1", "eu-west-1"]
const estate = { seed: 7, regions, resources: 300, costs: { activatedTags: ["Owner", "Environment"] } }
const { period } = Costs
const costs = { period }

const explorerCalls = (simulator: Simulator["Service"]) =>
  simulator.calls().filter(({ service }) => service === "ce").reduce((sum, { calls }) => sum + calls, 0)

const known = ({ costs }: ComplianceResult) => {
  assert.strictEqual(costs?.status, "known")
  return costs as Extract<typeof costs, { readonly status: "known" }>
}

/** All that has nothing to do with money. */
const apart = (result: ComplianceResult) => {
  const { costs: _, ...rest } = result
  return JSON.parse(withoutTimes(rest), (key, value: unknown) => key === "costAttributionGap" || key === "calls" ? undefined : value) as unknown
}

describe("the costs of a check", () => {
  it.live("are those of the bill: of what is not compliant, by Region and type, and in the score", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { check } = yield* start({ simulated: simulator, costs: yield* Costs.bill(simulator.estate) })
      const result = yield* check({ policy, costs })
      const { amounts } = Costs.ledger(simulator.estate)
      const all = [...simulator.estate.resources()]
      const sum = (resources: ReadonlyArray<{ readonly arn: string }>) =>
        resources.reduce((total, { arn }) => total + (amounts.get(arn) ?? 0), 0)
      const violating = all.filter((one) => errorsOf(one).length > 0)
      // Rounded down to a millionth of a dollar for each resource.
      assert.closeTo(result.costAttributionGap!, sum(violating), violating.length * 1e-6)
      assert.isAtMost(result.costAttributionGap!, sum(violating) + 1e-9)
      // Property 8: the aggregate gap is the sum of the regional gaps.
      for (const groups of [result.byRegion, result.byType, result.byAccount, result.byOwner]) {
        const parts = Object.values(groups).map(({ costAttributionGap }) => costAttributionGap)
        assert.closeTo(parts.reduce<number>((total, part) => total + part!, 0), result.costAttributionGap!, 1e-6)
      }
      const report = known(result)
      const [follows, breaks] = [sum(all.filter((one) => isScored(one) && isCompliant(one))), sum(violating)]
      assert.closeTo(report.spendWeightedScore!, follows / (follows + breaks), 1e-9)
      assert.notStrictEqual(report.spendWeightedScore, result.complianceScore)
      const { highest, lowest } = report.spendWeightedScoreBounds!
      assert.isTrue(lowest <= report.spendWeightedScore! && report.spendWeightedScore! <= highest)
      assert.strictEqual(report.violatingResources, violating.length)
      assert.strictEqual(report.violatingUnpriced, 0)
      const dearest = violating.map(({ arn }) => [arn, amounts.get(arn) ?? 0] as const).toSorted((a, b) => b[1] - a[1])
      assert.strictEqual(report.costliest.length, 50)
      assert.closeTo(report.costliest[0]!.amount, dearest[0]![1], 1e-6)
      assert.isTrue(report.costliest.every(({ basis }) => basis === "actual"))
      assert.closeTo(report.costliest[0]!.monthly, report.costliest[0]!.amount * 365 / 360, 1e-6)
      assert.isAbove(report.topByCost[0]!.cost!, 0)
      // Tax and support are not anybody's violation.
      assert.isAbove(report.untaggable, 0)
      assert.closeTo(
        report.total,
        report.attributable + report.gap + report.untaggable + report.notApplicable + report.unseen,
        1e-6
      )
      assert.isEmpty(result.resources)
    }).pipe(Effect.scoped))

  it.live("are asked for once a period, over one scan that feeds all, and change nothing else", () =>
    Effect.gen(function*() {
      const { check, compliance, simulator } = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      const plain = yield* check({ policy, withResources: true })
      assert.strictEqual(explorerCalls(simulator), 0)
      const before = scanCalls(simulator)
      const result = yield* check({ policy, costs })
      assert.deepStrictEqual(known(result).paid, { calls: 2, usd: 0.02 })
      yield* compliance.findUntagged({ policy, costs })
      yield* compliance.attributionGap({ policy, period })
      assert.strictEqual(explorerCalls(simulator), 2)
      assert.strictEqual(scanCalls(simulator) - explorerCalls(simulator), before)
      const { fromCache: _, ...first } = apart(plain) as { readonly fromCache: boolean }
      const { fromCache: __, ...second } = apart({ ...result, resources: plain.resources }) as { readonly fromCache: boolean }
      assert.deepStrictEqual(second, first)
    }).pipe(Effect.scoped))

  it.live("of some types: what shares their bill is scanned, and the check is of these types alone", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      const types = ["ec2:volume"]
      const plain = yield* check({ policy, types })
      const result = yield* check({ policy, types, costs })
      assert.isTrue(simulator.calls().some(({ operation }) => operation === "DescribeSnapshots"))
      assert.deepStrictEqual(apart(result), apart(plain))
      const report = known(result)
      assert.deepStrictEqual(report.breakdown.map(({ group }) => group), types)
      assert.isAbove(result.costAttributionGap!, 0)
      assert.isTrue(report.costliest.every(({ type }) => type === "ec2:volume"))
    }).pipe(Effect.scoped))

  it.live("the same question has one answer, whoever is asked: check and gap, of all types and of one", () =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      for (const types of [[], ["ec2:volume"], ["ec2:volume", "s3:bucket"]]) {
        const checked = yield* check({ policy, types, costs })
        const gap = yield* compliance.attributionGap({ policy, types, period })
        const { attributable, gapByKind, spendWeightedScore, spendWeightedScoreBounds, total, unseen, untaggable } = known(checked)
        assert.deepInclude(gap, {
          attributable,
          gapByKind,
          spendWeightedScore,
          spendWeightedScoreBounds,
          total,
          unseen,
          untaggable,
          // By count, too, it is of the types that were asked about, and not of what shares their bill.
          complianceScore: checked.complianceScore!
        })
        const kinds = Object.values(gapByKind).reduce((sum, one) => sum + one, 0)
        assert.closeTo(gap.gap, kinds, 1e-6)
        assert.closeTo(gapByKind.noTag + gapByKind.wrongValue, checked.costAttributionGap!, known(checked).violatingResources * 1e-6)
      }
    }).pipe(Effect.scoped))

  it.live("what shares the bill and could not be seen is told: the cost is not known for it", () =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start({
        simulator: { estate, rules: [{ match: { operation: "DescribeNatGateways", region: "eu-west-1" }, fault: { type: "deny" } }] },
        costs: Costs.explorer()
      })
      const types = ["ec2:volume"]
      const checked = yield* check({ policy, types, costs })
      assert.isTrue(checked.coverage.complete)
      assert.strictEqual(known(checked).unseenSiblings, 1)
      assert.include(known(checked).notes[0], "ec2:natgateway in eu-west-1 (denied)")
      assert.isNull(checked.costAttributionGap)
      const { costs: untagged } = yield* compliance.findUntagged({ policy, types, costs })
      assert.deepInclude(untagged, { status: "known", unseenSiblings: 1 })
      const whole = known(yield* check({ policy, types: ["sqs:queue"], costs }))
      assert.deepInclude(whole, { unseenSiblings: 0 })
    }).pipe(Effect.scoped))

  it.live.each(["deny", "throttle"] as const)("a Cost Explorer that answers with %s: unknown, never 0, and the rest of the check stands", (type) =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start({
        simulator: { estate, rules: [{ match: { service: "ce" }, fault: { type } }] },
        // Throttled calls are repeated, and the waits are real: two are enough.
        costs: Costs.explorer({ COST_EXPLORER_BUDGET_USD: "0.02" })
      })
      const types = ["sqs:queue", "sns:topic"]
      const plain = yield* check({ policy, types })
      const result = yield* check({ policy, types, costs })
      assert.strictEqual(result.costs?.status, "unknown")
      assert.include(JSON.stringify(result.costs), "Cost unknown")
      assert.isNull(result.costAttributionGap)
      assert.deepStrictEqual(apart(result), apart(plain))
      const untagged = yield* compliance.findUntagged({ policy, types, minMonthlyCost: 1_000_000, costs })
      const all = yield* compliance.findUntagged({ policy, types })
      assert.isEmpty(untagged.resources)
      assert.sameMembers(untagged.costUnknown!.map(({ arn }) => arn), all.resources.map(({ arn }) => arn))
    }).pipe(Effect.scoped))

  it.live("one account whose cost is not known makes the sum unknown, and not the others' share of it", () =>
    Effect.gen(function*() {
      const [first, second] = [AccountId.make("111122223333"), AccountId.make("444455556666")]
      const { check } = yield* start({
        simulator: {
          estate: { ...estate, accounts: [first, second] },
          rules: [{ match: { service: "ce", account: second }, fault: { type: "deny" } }]
        },
        accounts: { _tag: "List", accounts: [first, second], role: { roleName: "Audit" } },
        costs: Costs.explorer()
      })
      const result = yield* check({ policy, types: ["sqs:queue"], costs })
      const report = known(result)
      assert.deepStrictEqual(report.unknownAccounts.map(({ accountId }) => accountId), [second])
      assert.isNull(result.costAttributionGap)
      assert.isNull(report.spendWeightedScore)
      assert.isNull(report.spendWeightedScoreBounds)
      assert.isNumber(result.byAccount[first]!.costAttributionGap)
      assert.isNull(result.byAccount[second]!.costAttributionGap)
      assert.isAbove(report.violatingUnpriced, 0)
    }).pipe(Effect.scoped))

  it.live("five instances named `web` and $100 of EC2 give at most $100", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 3, regions: ["us-east-1"], resources: 0, counts: { "ec2:instance": 5 } }
      })
      for (const { arn } of simulator.estate.resources()) simulator.estate.tag(arn, { Name: "web" })
      const hundred: Source = {
        name: "cost-explorer-services",
        spend: ({ accounts, period }) =>
          Effect.succeed({
            source: "cost-explorer-services",
            period,
            shares: true,
            lines: [{
              accountId: accounts[0]!.id,
              region: "us-east-1",
              service: "Amazon Elastic Compute Cloud - Compute",
              kind: "usage",
              amount: Money.parse("100")!,
              currency: "USD"
            }],
            tagKeys: [],
            keyStandings: new Map(),
            unknownAccounts: [],
            notUsed: [],
            notes: [],
            paid: { calls: 0, usd: 0 }
          })
      }
      const { check, compliance } = yield* start({ simulated: simulator, costs: Costs.given(hundred) })
      const result = yield* check({ policy, costs })
      assert.strictEqual(result.totalResources, 5)
      assert.isAtMost(result.costAttributionGap!, 100)
      assert.closeTo(result.costAttributionGap!, 100, 1e-5)
      assert.strictEqual(known(result).gap, 100)
      const untagged = yield* compliance.findUntagged({ policy, costs })
      assert.isAtMost(untagged.resources.reduce((sum, { cost }) => sum + cost!.amount, 0), 100 + 1e-9)
    }).pipe(Effect.scoped))

  it.live("Property 20: whatever the bill, what a check and its untagged resources cost is never more than was spent", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 11, regions, resources: 60 } })
      const resources = [...simulator.estate.resources()].filter(({ type }) => type === "sqs:queue" || type === "ec2:instance")
      let lines: ReadonlyArray<SpendLine> = []
      let shares = true
      const source: Source = {
        name: "cost-explorer-services",
        spend: ({ period }) =>
          Effect.succeed({
            source: "cost-explorer-services",
            period,
            shares,
            lines,
            tagKeys: [],
            keyStandings: new Map(),
            unknownAccounts: [],
            notUsed: [],
            notes: [],
            paid: { calls: 0, usd: 0 }
          })
      }
      const { check, compliance } = yield* start({ simulated: simulator, costs: Costs.given(source) })
      const anyLine = fc.record({
        region: fc.constantFrom(...regions, "global"),
        service: fc.constantFrom("Amazon Elastic Compute Cloud - Compute", "Amazon Simple Queue Service", "EC2 - Other", "Tax"),
        cents: fc.integer({ min: -500, max: 100_000 }),
        at: fc.option(fc.nat(resources.length - 1))
      })
      yield* Effect.promise(() => fc.assert(fc.asyncProperty(fc.array(anyLine, { maxLength: 8 }), fc.boolean(), async (bill, share) => {
        shares = share
        lines = bill.map(({ at, cents, region, service }) => ({
          accountId: simulator.estate.accounts[0]!,
          region,
          service,
          kind: "usage",
          amount: BigInt(cents) * Money.unit / 100n,
          currency: "USD",
          ...at === null ? {} : { resourceId: resources[at]!.arn }
        }))
        const spent = bill.reduce((sum, { cents }) => sum + Math.max(0, cents), 0) / 100
        await Effect.runPromise(Effect.gen(function*() {
          const result = yield* check({ policy, costs })
          const untagged = yield* compliance.findUntagged({ policy, costs })
          assert.isAtMost(known(result).violatingKnown, spent + 1e-9)
          if (result.costAttributionGap !== null) assert.isAtMost(result.costAttributionGap, spent + 1e-9)
          const { spendWeightedScore: score, spendWeightedScoreBounds: bounds } = known(result)
          if (score !== null) assert.isTrue(score >= bounds!.lowest - 1e-9 && score <= bounds!.highest + 1e-9)
          assert.isAtMost(untagged.resources.reduce((sum, { cost }) => sum + cost!.amount, 0), spent + 1e-9)
        }))
      }), { numRuns: 100 }))
    }).pipe(Effect.scoped), 60_000)
})
