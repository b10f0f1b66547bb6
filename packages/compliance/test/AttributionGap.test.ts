import { Bill, days, type Estate, ledgerOf } from "@cadastre/aws-simulator"
import { Aws, AwsSettings } from "@cadastre/client-factory"
import { Compliance, attributionGap, type GapRequest } from "@cadastre/compliance"
import { byService, CostBudget, CostExplorer, CostPeriod, CostSource, focusFile, type Source } from "@cadastre/cost"
import { AccountId } from "@cadastre/model"
import { ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { policy, start } from "./Bench.ts"
import { errorsOf, isCompliant, isScored } from "./GroundTruth.ts"

const end = new Date().toISOString().slice(0, 10)
const period = { start: CostPeriod.addDays(end, -30), end }
const dayNumber = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000

const estate = {
  seed: 7,
  regions: ["us-east-1", "eu-west-1", "eu-central-1"],
  resources: 300,
  costs: { activatedTags: ["Owner", "Environment", "CostCenter"] }
}

/** Dollars by ARN, from the ledger. */
const ledger = (of: Estate.Estate) => {
  const amounts = new Map<string, number>()
  let total = 0
  for (const line of of.accounts.flatMap((account) => [...ledgerOf(of, account)])) {
    if (line.kind === "Credit" || line.kind === "Refund") continue
    const dollars = Number(line.amortized) * days(line, dayNumber(period.start), dayNumber(period.end)).length / 1e6
    total += dollars
    if (line.arn !== undefined) amounts.set(line.arn, (amounts.get(line.arn) ?? 0) + dollars)
  }
  return { amounts, total }
}

type Started = Effect.Success<ReturnType<typeof start>>

const gap = (
  { compliance, simulator }: Started,
  source: Effect.Effect<Source, never, CostExplorer>,
  request: Partial<GapRequest> = {}
) => {
  const id = simulator.estate.accounts[0]!
  const reach = [{
    id: AccountId.make(id),
    partition: "aws" as const,
    arn: "",
    credentials: () => Promise.resolve(simulator.credentials(id))
  }]
  return attributionGap({ policy, period, reach, ...request }).pipe(
    // @effect-diagnostics-next-line multipleEffectProvide:off -- each is made of the next
    Effect.provide(Layer.effect(CostSource, Effect.map(source, (one) => CostSource.bestOf([one])))),
    Effect.provide(CostExplorer.layerNoDeps.pipe(
      Layer.provide(CostBudget.layer),
      Layer.provide(Aws.Aws.layer),
      Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: simulator.url }))
    )),
    Effect.provide(ScannerRegistry.layer(catalog)),
    Effect.provideService(Compliance, compliance),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
  )
}

const withBill = <A, E, R>(of: Estate.Estate, use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.promise(async () => {
      const path = mkdtempSync(join(tmpdir(), "cadastre-gap-"))
      await Bill.writeFocus(of, join(path, "focus.csv"), period)
      return path
    }),
    (path) => use(join(path, "focus.csv")),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

describe("attributionGap", () => {
  it.live("is the estate's bill by what the policy says of each resource", () =>
    Effect.gen(function*() {
      const started = yield* start({ simulator: { estate } })
      const { estate: of } = started.simulator
      yield* withBill(of, (file) =>
        Effect.gen(function*() {
          const report = yield* gap(started, Effect.succeed(focusFile({ files: file })))
          const { amounts, total } = ledger(of)
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
          assert.isDefined(report.complianceScore)
          // Property 8, on what is reported.
          const regional = yield* gap(started, Effect.succeed(focusFile({ files: file })), { groupBy: "region" })
          assert.closeTo(regional.breakdown.reduce((all, one) => all + one.gap, 0), report.gap, 1e-6)
          assert.closeTo(regional.breakdown.reduce((all, one) => all + one.total, 0), total, 1e-6)
        }))
    }).pipe(Effect.scoped))

  it.live("of some types scans what shares their bill, and tells of them alone", () =>
    Effect.gen(function*() {
      const started = yield* start({ simulator: { estate } })
      const report = yield* gap(started, byService(), { types: ["ec2:volume"] })
      assert.deepStrictEqual(report.breakdown.map(({ group }) => group), ["ec2:volume"])
      assert.isAbove(report.total, 0)
      assert.isTrue(report.coverage.table.some(({ type }) => type === "ec2:snapshot"))
      assert.strictEqual(report.untaggable, 0)
      assert.deepStrictEqual(report.paid, { calls: 2, usd: 0.02 })
    }).pipe(Effect.scoped))

  it.live("what could not be scanned is neither compliant nor a gap", () =>
    Effect.gen(function*() {
      const started = yield* start({
        simulator: { estate, rules: [{ match: { service: "ec2", operation: "DescribeInstances" }, fault: { type: "deny" } }] }
      })
      const report = yield* gap(started, byService(), { types: ["ec2:instance", "sqs:queue"] })
      assert.sameMembers(report.breakdown.map(({ group }) => group), ["(unseen)", "sqs:queue"])
      assert.isAbove(report.unseenByReason["not-scanned"] ?? 0, 0)
      assert.isFalse(report.coverage.complete)
    }).pipe(Effect.scoped))

  it.live("a denied Cost Explorer is an error, and no gap of 0", () =>
    Effect.gen(function*() {
      const started = yield* start({
        simulator: { estate, rules: [{ match: { service: "ce" }, fault: { type: "deny" } }] }
      })
      const error = yield* Effect.flip(gap(started, byService()))
      assert.strictEqual(error._tag, "CostError")
      assert.include(error.message, "Cost unknown")
    }).pipe(Effect.scoped))
})
