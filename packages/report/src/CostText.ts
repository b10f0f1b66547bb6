/**
 * What the resources of a check cost: as data, and in words.
 *
 * @since 0.1.0
 */
import { TopViolation } from "@cadastre/aggregation"
import { AccountId, Location, ResourceType } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { count, grouped } from "./Counting.ts"

const Period = Schema.Struct({ start: Schema.String, end: Schema.String })

const NotKnown = Schema.Struct({
  source: Schema.String,
  accountId: Schema.optionalKey(Schema.String),
  reason: Schema.String
})

const GapByKind = Schema.Struct({
  noTag: Schema.Finite,
  wrongValue: Schema.Finite,
  notActivated: Schema.Finite,
  notBackfilled: Schema.Finite
})

/**
 * The costs of a check, in units of `currency`. With `status` `known`:
 *
 * - `period`: whole days, UTC, without `end`; `source`: who told it
 * - `total`: the sum of `attributable`, `gap`, `untaggable`, `notApplicable` and `unseen`
 * - `gap`: the sum of `gapByKind`: besides what is not compliant, what is and the bill does not show the tags of
 * - `breakdown`: the gaps by `groupBy`, the resource type by default, the largest first
 * - `spendWeightedScore`: money of resources that follow the policy ÷ money of all that it asks something of;
 *   `spendWeightedScoreBounds`: what it can be at least and at most; `null` where not known
 * - `violatingResources`: how many are not compliant; `violatingUnpriced`: of how many of them nobody knows the cost;
 *   `violatingKnown`: what the others cost
 * - `costliest`: resources that are not compliant, `topByCost`: rules that are broken, the most expensive first
 * - `unknownAccounts`: accounts whose cost is in no figure; `paid`: what asking cost, in US dollars
 *
 * With `unknown` nothing is known, which is not 0, and `reason` says why.
 *
 * @category models
 * @since 0.1.0
 */
export const ReportCosts = Schema.Union([
  Schema.Struct({
    status: Schema.Literal("known"),
    currency: Schema.String,
    period: Period,
    source: Schema.String,
    total: Schema.Finite,
    attributable: Schema.Finite,
    gap: Schema.Finite,
    gapPercent: Schema.NullOr(Schema.Finite),
    gapByKind: GapByKind,
    groupBy: Schema.optionalKey(Schema.String),
    breakdown: Schema.optionalKey(Schema.Array(Schema.Struct({
      group: Schema.String,
      total: Schema.Finite,
      gap: Schema.Finite,
      gapByKind: GapByKind
    }))),
    untaggable: Schema.Finite,
    notApplicable: Schema.Finite,
    unseen: Schema.Finite,
    spendWeightedScore: Schema.NullOr(Schema.Finite),
    spendWeightedScoreBounds: Schema.NullOr(Schema.Struct({ lowest: Schema.Finite, highest: Schema.Finite })),
    violatingResources: Schema.Natural,
    violatingUnpriced: Schema.Natural,
    violatingKnown: Schema.Finite,
    costliest: Schema.Array(Schema.Struct({
      arn: Schema.NonEmptyString,
      type: ResourceType.ResourceType,
      accountId: AccountId,
      region: Location,
      violations: Schema.Natural,
      amount: Schema.Finite,
      monthly: Schema.Finite,
      basis: Schema.Literals(["actual", "allocated", "estimated"])
    })),
    topByCost: Schema.Array(TopViolation),
    unknownAccounts: Schema.Array(NotKnown),
    notUsed: Schema.Array(NotKnown),
    notes: Schema.Array(Schema.String),
    paid: Schema.Struct({ calls: Schema.Natural, usd: Schema.Finite })
  }),
  Schema.Struct({ status: Schema.Literal("unknown"), reason: Schema.String, period: Period })
])
/** @since 0.1.0 */
export type ReportCosts = typeof ReportCosts.Type

/**
 * An amount with its currency, which is named by its code: `1,234.50 USD`, for dollars are
 * not only those of one country. One that is not nothing is never rounded to nothing.
 *
 * @since 0.1.0
 */
export const amount = (value: number, currency: string): string => {
  if (value > 0 && value < 0.005) return `less than 0.01 ${currency}`
  if (value < 0 && value > -0.005) return `more than -0.01 ${currency}`
  const [whole = "", cents = ""] = Math.abs(value).toFixed(2).split(".")
  return `${value < 0 ? "-" : ""}${grouped(Number(whole))}.${cents} ${currency}`
}

const sourceNames: Readonly<Record<string, string>> = {
  focus: "FOCUS files",
  cur: "CUR files",
  "cost-explorer-resources": "Cost Explorer, by resource",
  "cost-explorer-services": "Cost Explorer, by service and Region"
}

/**
 * A source of costs as people know it.
 *
 * @since 0.1.0
 */
export const sourceName = (source: string): string => Object.hasOwn(sourceNames, source) ? sourceNames[source]! : source

const percent = (share: number): string => {
  const text = (share * 100).toFixed(1)
  return `${share < 1 && text === "100.0" ? "99.9" : share > 0 && text === "0.0" ? "0.1" : text}%`
}

/**
 * The currency of every `costAttributionGap` of a report.
 *
 * @since 0.1.0
 */
export const currencyOf = (costs: ReportCosts | undefined): string | undefined =>
  costs?.status === "known" ? costs.currency : undefined

type GapKinds = Extract<ReportCosts, { status: "known" }>["gapByKind"]

const kindsOf = ({ noTag, notActivated, notBackfilled, wrongValue }: GapKinds, money: (value: number) => string): string => {
  const kinds = [
    [noTag, "without a tag"],
    [wrongValue, "with a wrong value"],
    [notActivated, "of tags that the bill does not show"],
    [notBackfilled, "of days before the bill showed the tags"]
  ] as const
  const told = kinds.flatMap(([value, name]) => value > 0 ? [`${money(value)} ${name}`] : [])
  return told.length === 0 ? "" : `: ${told.join(", ")}`
}

/**
 * What the costs come to, a fact a line. Reasons and notes may quote what AWS answered.
 *
 * @since 0.1.0
 */
export const facts = (costs: ReportCosts): ReadonlyArray<readonly [name: string, value: string]> => {
  const { end, start } = costs.period
  if (costs.status === "unknown") return [["Cost", `unknown, from ${start} to ${end} (not included)`], ["Why", costs.reason]]
  const { currency, spendWeightedScore: score, spendWeightedScoreBounds: bounds } = costs
  const money = (value: number) => amount(value, currency)
  const range = bounds === null || bounds.lowest === bounds.highest
    ? ""
    : `between ${percent(bounds.lowest)} and ${percent(bounds.highest)} with what is not known or estimated`
  return [
    ["Spend", `${money(costs.total)} from ${start} to ${end} (not included), by ${sourceName(costs.source)}`],
    ["Score by spend", [score === null ? "unknown" : percent(score), range].filter((part) => part !== "").join(", ")],
    [
      "Not compliant",
      `${count(costs.violatingResources, "resource")}, ${money(costs.violatingKnown)}${
        costs.violatingUnpriced === 0 ? "" : ` without the ${grouped(costs.violatingUnpriced)} of unknown cost`
      }`
    ],
    [
      "Attribution gap",
      `${money(costs.gap)}${costs.gapPercent === null ? "" : ` (${percent(costs.gapPercent / 100)})`}${kindsOf(costs.gapByKind, money)}`
    ],
    ["Cannot be tagged", money(costs.untaggable)],
    ["Not known whose", money(costs.unseen)],
    ...costs.notes.map((note) => ["Note", note] as const),
    ...costs.unknownAccounts.map(({ accountId = "", reason }): readonly [string, string] => [
      "Cost unknown",
      `${accountId}: ${reason}`
    ]),
    ...costs.paid.calls === 0
      ? []
      : [["Asking cost", `${amount(costs.paid.usd, "USD")}, ${count(costs.paid.calls, "call")} of Cost Explorer`] as const]
  ]
}

/**
 * The resources that are not compliant and cost most.
 *
 * @since 0.1.0
 */
export const columns = [
  { title: "Monthly", number: true },
  { title: "Basis" },
  { title: "Account" },
  { title: "Region" },
  { title: "Violations", number: true },
  { title: "Resource" }
]

/** @since 0.1.0 */
export const rows = (costs: ReportCosts, most: number): ReadonlyArray<readonly [monthly: string, basis: string, accountId: string, region: string, violations: string, arn: string]> =>
  costs.status === "unknown"
    ? []
    : costs.costliest.slice(0, most).map(({ accountId, arn, basis, monthly, region, violations }) =>
      [amount(monthly, costs.currency), basis, accountId, region, String(violations), arn] as const)
