import { type Estate, Simulator } from "@cadastre/aws-simulator"
import type { GapRequest } from "@cadastre/compliance"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, start } from "./Bench.ts"
import * as Costs from "./Costs.ts"
import { errorsOf, isCompliant, isScored } from "./GroundTruth.ts"

const estate = {
  seed: 7,
  regions: ["us-east-1", "eu-west-1", "eu-central-1"],
  resources: 300,
  costs: { activatedTags: ["Owner", "Environment", "CostCenter"] }
}

const { period } = Costs

const gap = (started: Effect.Success<ReturnType<typeof start>>, request: Partial<GapRequest> = {}) =>
  started.compliance.attributionGap({ policy, period, ...request })

describe("attributionGap", () => {
  it.live("is the estate's bill by what the policy says of each resource", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { estate: of } = simulator
      const started = yield* start({ simulated: simulator, costs: yield* Costs.bill(of) })
      const report = yield* gap(started)
      const { amounts, total } = Costs.ledger(of)
      const sum = (fits: (resource: Estate.EstateResource) => boolean) =>
        [...of.resources()].filter(fits).reduce((all, { arn }) => all + (amounts.get(arn) ?? 0), 0)
      assert.closeTo(report.total, total, 1e-6)
      assert.closeTo(report.attributable, sum((one) => isScored(one) && isCompliant(one)), 1e-6)
      assert.closeTo(report.gap, sum((one) => errorsOf(one).length > 0), 1e-6)
      assert.isAbove(report.gapByKind.noTag, 0)
      assert.isAbove(report.gapByKind.wrongValue, 0)
      assert.isAbove(report.untaggable, 0)
      assert.isTrue(report.coverage.complete)
      const score = report.attributable / (report.attributable + report.gap)
      assert.closeTo(report.spendWeightedScore!, score, 1e-9)
      assert.isTrue(report.spendWeightedScoreBounds!.lowest <= score && score <= report.spendWeightedScoreBounds!.highest)
      assert.isDefined(report.complianceScore)
      // Property 8, on what is reported.
      const regional = yield* gap(started, { groupBy: "region" })
      assert.closeTo(regional.breakdown.reduce((all, one) => all + one.gap, 0), report.gap, 1e-6)
      assert.closeTo(regional.breakdown.reduce((all, one) => all + one.total, 0), total, 1e-6)
    }).pipe(Effect.scoped))

  it.live("of some types scans what shares their bill, and tells of them alone", () =>
    Effect.gen(function*() {
      const started = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      const report = yield* gap(started, { types: ["ec2:volume"] })
      assert.deepStrictEqual(report.breakdown.map(({ group }) => group), ["ec2:volume"])
      assert.isAbove(report.total, 0)
      assert.isTrue(report.coverage.table.some(({ type }) => type === "ec2:snapshot"))
      assert.strictEqual(report.untaggable, 0)
      assert.deepStrictEqual(report.paid, { calls: 2, usd: 0.02 })
    }).pipe(Effect.scoped))

  it.live("by tag says what the bill itself shows, in one question more", () =>
    Effect.gen(function*() {
      const started = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      const report = yield* gap(started, { groupBy: "tag", tagKey: "Owner" })
      assert.deepStrictEqual(report.paid, { calls: 3, usd: 0.03 })
      const { amounts, total } = Costs.ledger(started.simulator.estate)
      const billed = report.billedByTag!
      assert.closeTo(billed.reduce((sum, { amount }) => sum + amount, 0), total, 1e-6)
      const truth = new Map<string | null, number>()
      for (const { arn, tags } of started.simulator.estate.resources()) {
        const value = tags["Owner"] === undefined || tags["Owner"] === "" ? null : tags["Owner"]
        truth.set(value, (truth.get(value) ?? 0) + (amounts.get(arn) ?? 0))
      }
      for (const { amount, value } of billed) if (value !== null) assert.closeTo(amount, truth.get(value)!, 1e-6, value)
      assert.isAbove(billed.length, 3)
      // Of some Regions, what has no Region is told as well, as in the rest of the report.
      const one = yield* gap(started, { groupBy: "tag", tagKey: "Owner", regions: ["eu-west-1"] })
      assert.closeTo(one.billedByTag!.reduce((sum, { amount }) => sum + amount, 0), one.total, 1e-6)
    }).pipe(Effect.scoped))

  it.live("what could not be scanned is neither compliant nor a gap", () =>
    Effect.gen(function*() {
      const started = yield* start({
        simulator: { estate, rules: [{ match: { service: "ec2", operation: "DescribeInstances" }, fault: { type: "deny" } }] },
        costs: Costs.explorer()
      })
      const report = yield* gap(started, { types: ["ec2:instance", "sqs:queue"] })
      assert.sameMembers(report.breakdown.map(({ group }) => group), ["(unseen)", "sqs:queue"])
      assert.isAbove(report.unseenByReason["not-scanned"] ?? 0, 0)
      assert.isFalse(report.coverage.complete)
      const { highest, lowest } = report.spendWeightedScoreBounds!
      assert.isBelow(lowest, highest)
    }).pipe(Effect.scoped))

  it.live("a denied Cost Explorer is an error, and so is none; neither is a gap of 0", () =>
    Effect.gen(function*() {
      const rules = [{ match: { service: "ce" }, fault: { type: "deny" as const } }]
      const denied = yield* start({ simulator: { estate, rules }, costs: Costs.explorer() })
      const none = yield* start({ simulator: { estate } })
      for (const started of [denied, none]) {
        const error = yield* Effect.flip(gap(started, { types: ["sqs:queue"] }))
        assert.strictEqual(error._tag, "CostError")
        assert.include(error.message, "Cost unknown")
      }
      assert.isFalse(none.simulator.calls().some(({ service }) => service === "ce"))
    }).pipe(Effect.scoped))

  it.live("a period that is none is told before anything is looked at", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({ simulator: { estate }, costs: Costs.explorer() })
      const wrong = { start: "2020-01-01", end: "2026-01-01" }
      const errors = [
        yield* Effect.flip(compliance.attributionGap({ policy, period: wrong })),
        yield* Effect.flip(compliance.check({ policy, costs: { period: wrong } })),
        yield* Effect.flip(compliance.findUntagged({ policy, costs: { period: wrong } }))
      ]
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["CostPeriodError", "CostPeriodError", "CostPeriodError"])
      assert.isEmpty(simulator.calls())
    }).pipe(Effect.scoped))
})
