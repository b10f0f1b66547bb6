/**
 * What the resources of a check cost, next to how many there are.
 *
 * @since 0.1.0
 */
import { Aggregate, type Summary, summaryOf, topViolations, TopViolation, violationsOf } from "@cadastre/aggregation"
import { type CostError, type CostPeriod, GapReport, Money, ResourceCosts } from "@cadastre/cost"
import { AccountId, cellKey, Location, ResourceType } from "@cadastre/model"
import { isCompliant, type Validator } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import * as BillSiblings from "./BillSiblings.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import type { PricedEstate } from "./EstateCosts.ts"
import * as WhatIf from "./WhatIf.ts"

const Period = Schema.Struct({ start: Schema.String, end: Schema.String })

/**
 * What a resource costs.
 *
 * - `amount`: in the period; `monthly`: the same as of a month of 365 ÷ 12 days
 * - `basis`: `actual`, the bill names the resource; `allocated`, nothing else can bear it; `estimated`, shared by size
 *
 * @category models
 * @since 0.1.0
 */
export const PricedAmount = Schema.Struct({
  amount: Schema.Finite,
  monthly: Schema.Finite,
  basis: Schema.Literals(["actual", "allocated", "estimated"])
})
/** @since 0.1.0 */
export type PricedAmount = typeof PricedAmount.Type

/**
 * A resource that breaks the policy, and what it costs.
 *
 * @category models
 * @since 0.1.0
 */
export const CostlyViolator = Schema.Struct({
  arn: Schema.NonEmptyString,
  type: ResourceType.ResourceType,
  accountId: AccountId,
  region: Location,
  violations: Schema.Natural,
  ...PricedAmount.fields
})

/**
 * - `known`: the figures of `GapReport` by resource type, of which `spendWeightedScore` is the score by spend, and
 *   `spendWeightedScoreBounds` what it can be at least and at most
 * - `unseenSiblings`: see `BillSiblings`
 * - `violatingResources`: how many resources are not compliant; `violatingUnpriced`: of how many of them the cost is
 *   not known. Only where there is none such is the result's `costAttributionGap` known
 * - `violatingKnown`: what the others cost in the period
 * - `costliest`: those of them that cost most, at most 50, the most expensive first
 * - `topByCost`: the rules whose breaking resources cost most
 * - `unknown`: the cost is not known at all, which is not 0; `reason` says why
 *
 * @category models
 * @since 0.1.0
 */
export const CheckCosts = Schema.Union([
  Schema.Struct({
    status: Schema.Literal("known"),
    ...GapReport.GapReport.fields,
    ...BillSiblings.fields,
    violatingResources: Schema.Natural,
    violatingUnpriced: Schema.Natural,
    violatingKnown: Schema.Finite,
    costliest: Schema.Array(CostlyViolator),
    topByCost: Schema.Array(TopViolation)
  }),
  Schema.Struct({ status: Schema.Literal("unknown"), reason: Schema.String, period: Period })
])
/** @since 0.1.0 */
export type CheckCosts = typeof CheckCosts.Type

/** Most resources that are listed as the costliest. */
const mostCostly = 50

/**
 * Costs that no source knows.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unknown = (error: CostError, period: CostPeriod.CostPeriod): CheckCosts => ({
  status: "unknown",
  reason: error.message,
  period
})

/**
 * The amount of a resource, `undefined` where it is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const amountOf = ({ costs, spend }: PricedEstate, arn: string): PricedAmount | undefined => {
  const cost = costs.costs.get(arn)
  if (cost?._tag !== "Known") return undefined
  const amount = Money.toNumber(cost.amount)
  return { amount, monthly: ResourceCosts.monthly(amount, spend.covered ?? spend.period), basis: cost.basis }
}

/**
 * A check that was made with its resources, and what they cost: its own `costAttributionGap`, that of all its groups,
 * and `costs`.
 *
 * - `whole`: the check of all that was scanned, with what shares the bill
 * - `validator`: the one of the check, see `ScoreScope.validator`
 * - `types`: those that were asked about, all by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const withCosts = (
  result: ComplianceResult,
  whole: ComplianceResult,
  priced: PricedEstate,
  validator: Pick<Validator, "check">,
  types: ReadonlyArray<string> | undefined
): ComplianceResult => {
  const { costs, isSeen, resources, spend } = priced
  const report = GapReport.make(spend, {
    resources,
    isSeen,
    ...types === undefined ? {} : { types },
    currency: costs.currency
  })
  const siblings = BillSiblings.unseen(whole, result)
  const paidFor = new Set<string>()
  const fold = Aggregate.fold({
    validator,
    costMicros: ({ arn }) => {
      // Two services may list the same resource: it is paid for once.
      if (paidFor.has(arn)) return 0
      paidFor.add(arn)
      const cost = costs.costs.get(arn)
      return cost?._tag === "Known" ? Money.toMicros(cost.amount) : undefined
    }
  })
  const { cells, resources: found } = WhatIf.ofResult(result)
  const scanned = new Set<string>()
  for (const cell of cells) {
    fold.add({ _tag: "CellEnded", result: cell })
    if (cell.outcome === "scanned") scanned.add(cellKey(cell))
  }
  const violators = new Map<string, Violator>()
  for (const { cell, resource } of found) {
    if (!scanned.has(cellKey(cell))) continue
    fold.add({ _tag: "ResourcesFound", cell, resources: [resource] })
    const verdict = validator.check(resource)
    if (verdict._tag !== "Checked" || isCompliant(verdict) || violators.has(resource.arn)) continue
    const { accountId, arn, region, type } = resource
    violators.set(arn, { arn, type, accountId, region, violations: verdict.violations.length })
  }
  const aggregate = fold.aggregate()
  const { byCost: topByCost } = topViolations(violationsOf(aggregate), {
    costOf: (arn) => {
      const cost = costs.costs.get(arn)
      return cost?._tag === "Known" ? Money.toMicros(cost.amount) : undefined
    }
  })
  return {
    ...result,
    ...gapsOf(result, summaryOf(aggregate)),
    costs: {
      status: "known",
      ...report,
      ...siblings,
      notes: [...siblings.notes, ...report.notes],
      ...violatorsOf([...violators.values()], priced),
      topByCost
    }
  }
}

type Violator = Omit<typeof CostlyViolator.Type, keyof PricedAmount>

const violatorsOf = (violators: ReadonlyArray<Violator>, priced: PricedEstate) => {
  let known: Money.Money = 0n
  const costly = violators.flatMap((violator) => {
    const cost = priced.costs.costs.get(violator.arn)
    const amount = amountOf(priced, violator.arn)
    if (cost?._tag !== "Known" || amount === undefined) return []
    known += cost.amount
    return [{ ...violator, ...amount }]
  })
  return {
    violatingResources: violators.length,
    violatingUnpriced: violators.length - costly.length,
    violatingKnown: Money.toNumber(known),
    costliest: costly
      .filter(({ amount }) => amount > 0)
      .toSorted((a, b) => b.amount - a.amount || (a.arn < b.arn ? -1 : 1))
      .slice(0, mostCostly)
  }
}

type Groups = Summary["byRegion"]

const gapsOf = (result: Summary, { byAccount, byOwner, byRegion, byType, costAttributionGap }: Summary) => {
  const priced = (groups: Groups, gaps: Groups): Groups =>
    Object.fromEntries(Object.entries(groups).map(([key, group]) => [
      key,
      { ...group, costAttributionGap: Object.hasOwn(gaps, key) ? gaps[key]!.costAttributionGap : group.costAttributionGap }
    ]))
  return {
    costAttributionGap,
    byRegion: priced(result.byRegion, byRegion),
    byType: priced(result.byType, byType),
    byAccount: priced(result.byAccount, byAccount),
    byOwner: priced(result.byOwner, byOwner)
  }
}
