/**
 * The gap as numbers, for people and programs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { servicesNamed } from "./BillingServices.ts"
import { currenciesOf, type Gap, type GapRequest, GroupBy, measure } from "./AttributionGap.ts"
import * as GapTally from "./GapTally.ts"
import { type Money, toNumber } from "./Money.ts"
import * as ScoreMoney from "./ScoreMoney.ts"
import type { Spend, TagSpend } from "./Spend.ts"

/**
 * Money, in units of the report's currency, and resources:
 *
 * - `total`: what was spent, before credits and refunds: the sum of `attributable`, `gap`, `untaggable`,
 *   `notApplicable` and `unseen`
 * - `gap`: of resources that could tell whose they are and do not: `noTag` + `wrongValue` + `notActivated` +
 *   `notBackfilled`
 * - `gapPercent`: `gap` ÷ `total` × 100; `null` where nothing was spent
 * - `untaggable`: tax, support and the like, which is nobody's violation; `untaggableByKind` says which
 * - `notApplicable`: of resources that the policy asks nothing of
 * - `unseen`: not known whose it is, so neither compliant nor a gap; `unseenByReason` says why
 * - `givenBack`: credits, refunds and sums below zero, in no other figure; `null` where the source leaves them out
 * - `byBasis`: how much of the resources' money is `actual`, `allocated` and `estimated`
 * - `spendWeightedScore`: money of resources that follow the policy ÷ money of all that it asks something of, 0 to 1;
 *   `null` where there is none or some of the cost is not known
 * - `resources`: how many bear cost in each part
 *
 * @category models
 * @since 0.1.0
 */
export const GapFigures = Schema.Struct({
  total: Schema.Finite,
  attributable: Schema.Finite,
  gap: Schema.Finite,
  gapPercent: Schema.NullOr(Schema.Finite),
  untaggable: Schema.Finite,
  notApplicable: Schema.Finite,
  unseen: Schema.Finite,
  givenBack: Schema.NullOr(Schema.Finite),
  gapByKind: Schema.Struct({
    noTag: Schema.Finite,
    wrongValue: Schema.Finite,
    notActivated: Schema.Finite,
    notBackfilled: Schema.Finite
  }),
  untaggableByKind: Schema.Record(Schema.String, Schema.Finite),
  unseenByReason: Schema.Record(Schema.String, Schema.Finite),
  byBasis: Schema.Struct({ actual: Schema.Finite, allocated: Schema.Finite, estimated: Schema.Finite }),
  spendWeightedScore: Schema.NullOr(Schema.Finite),
  resources: Schema.Struct({
    attributable: Schema.Natural,
    noTag: Schema.Natural,
    wrongValue: Schema.Natural,
    notActivated: Schema.Natural,
    notBackfilled: Schema.Natural,
    untaggable: Schema.Natural,
    notApplicable: Schema.Natural,
    unseen: Schema.Natural
  })
})
/** @since 0.1.0 */
export type GapFigures = typeof GapFigures.Type

const NotUsed = Schema.Struct({
  source: Schema.String,
  accountId: Schema.optionalKey(Schema.String),
  reason: Schema.String
})

/**
 * The figures of everything, and of each group: every amount is in exactly one.
 *
 * - `spendWeightedScoreBounds`: the lowest and the highest score by spend that is consistent with what is not known:
 *   money that is `unseen` or of unreadable tags may follow the policy or not, and what is estimated may be of any of
 *   those it was shared out over; `null` where there is none, or the cost of an account is not known
 * - `period`: whole days, UTC, without `end`
 * - `billedByTag`: by tag, what the bill itself shows under each of its values, whatever the resources have now; `null` for
 *   what it shows without the tag. Where the source was asked for it; amounts that were given back are left out
 * - `unknownAccounts`: accounts whose cost is not known: they are in no figure
 * - `notUsed`: better sources that were tried, and why they were not used
 * - `paid`: what asking cost, in US dollars
 *
 * @category models
 * @since 0.1.0
 */
export const GapReport = Schema.Struct({
  ...GapFigures.fields,
  spendWeightedScoreBounds: Schema.NullOr(ScoreMoney.Bounds),
  period: Schema.Struct({ start: Schema.String, end: Schema.String }),
  currency: Schema.String,
  source: Schema.String,
  groupBy: GroupBy,
  tagKey: Schema.optionalKey(Schema.String),
  breakdown: Schema.Array(Schema.Struct({ group: Schema.String, ...GapFigures.fields })),
  billedByTag: Schema.optionalKey(Schema.Array(Schema.Struct({ value: Schema.NullOr(Schema.String), amount: Schema.Finite }))),
  unknownAccounts: Schema.Array(NotUsed),
  notUsed: Schema.Array(NotUsed),
  notes: Schema.Array(Schema.String),
  paid: Schema.Struct({ calls: Schema.Natural, usd: Schema.Finite })
})
/** @since 0.1.0 */
export type GapReport = typeof GapReport.Type

/**
 * Measures the gap and writes it down; groups of the largest gap first.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (spend: Spend, request: GapRequest): GapReport => of(measure(spend, request), spend, request)

/**
 * Writes down a gap that was measured, as a whole or in parts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (gap: Gap, spend: Spend, request: Omit<GapRequest, "resources" | "isSeen">): GapReport => {
  const [first = "USD", ...others] = currenciesOf(spend)
  const currency = request.currency ?? first
  const isWhole = spend.unknownAccounts.length === 0
  const breakdown = [...gap.groups].map(([group, tally]) => ({ group, ...figuresOf(tally, spend, isWhole) }))
  return {
    ...figuresOf(gap.whole, spend, isWhole),
    spendWeightedScoreBounds: isWhole ? ScoreMoney.boundsOf(gap.score) : null,
    period: spend.period,
    currency,
    source: spend.source,
    groupBy: request.groupBy ?? "resource_type",
    ...(request.tagKey === undefined ? {} : { tagKey: request.tagKey }),
    breakdown: breakdown.toSorted((a, b) => b.gap - a.gap || b.total - a.total || (a.group < b.group ? -1 : 1)),
    ...(request.groupBy === "tag" && request.tagKey === spend.byTag?.tagKey && spend.byTag !== undefined
      ? { billedByTag: billed(spend.byTag, currency, request.types) }
      : {}),
    unknownAccounts: spend.unknownAccounts,
    notUsed: spend.notUsed,
    notes: [...spend.notes, ...notesOf(gap, spend), ...otherCurrencies([first, ...others], currency)],
    paid: spend.paid
  }
}

const figuresOf = (tally: GapTally.GapTally, spend: Spend, isWhole: boolean): GapFigures => {
  const amount = (part: GapTally.Part) => tally.amounts[part] ?? 0n
  const resources = (part: GapTally.Part) => tally.resources[part] ?? 0
  const total = GapTally.totalOf(tally)
  const gap = GapTally.gapOf(tally)
  const follows = amount("attributable") + amount("notActivated") + amount("notBackfilled")
  const asked = follows + amount("noTag") + amount("wrongValue")
  return {
    total: toNumber(total),
    attributable: toNumber(amount("attributable")),
    gap: toNumber(gap),
    gapPercent: total === 0n ? null : 100 * ratio(gap, total),
    untaggable: toNumber(amount("untaggable")),
    notApplicable: toNumber(amount("notApplicable")),
    unseen: toNumber(amount("unseen")),
    givenBack: spend.shares ? null : toNumber(tally.givenBack),
    gapByKind: {
      noTag: toNumber(amount("noTag")),
      wrongValue: toNumber(amount("wrongValue")),
      notActivated: toNumber(amount("notActivated")),
      notBackfilled: toNumber(amount("notBackfilled"))
    },
    untaggableByKind: numbers(tally.untaggable),
    unseenByReason: numbers(tally.unseen),
    byBasis: {
      actual: toNumber(tally.basis.actual ?? 0n),
      allocated: toNumber(tally.basis.allocated ?? 0n),
      estimated: toNumber(tally.basis.estimated ?? 0n)
    },
    spendWeightedScore: asked === 0n || !isWhole ? null : ratio(follows, asked),
    resources: {
      attributable: resources("attributable"),
      noTag: resources("noTag"),
      wrongValue: resources("wrongValue"),
      notActivated: resources("notActivated"),
      notBackfilled: resources("notBackfilled"),
      untaggable: resources("untaggable"),
      notApplicable: resources("notApplicable"),
      unseen: resources("unseen")
    }
  }
}

/** By value, the most expensive first. */
const billed = (
  { lines }: TagSpend,
  currency: string,
  types: ReadonlyArray<string> | undefined
): ReadonlyArray<{ readonly value: string | null; readonly amount: number }> => {
  const sums = new Map<string | null, Money>()
  for (const line of lines) {
    const services = servicesNamed(line.service)
    const isAsked = types === undefined || services.some((known) => known.types.some(({ type }) => types.includes(type)))
    if (line.currency !== currency || line.amount <= 0n || !isAsked) continue
    sums.set(line.value, (sums.get(line.value) ?? 0n) + line.amount)
  }
  return [...sums]
    .toSorted(([a, x], [b, y]) => x > y ? -1 : x < y ? 1 : (a ?? "") < (b ?? "") ? -1 : 1)
    .map(([value, amount]) => ({ value, amount: toNumber(amount) }))
}

const ratio = (part: Money, whole: Money): number => Number(part) / Number(whole)

const numbers = (sums: Readonly<Record<string, Money>>): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, toNumber(sum)]))

const notesOf = ({ whole }: Gap, spend: Spend): ReadonlyArray<string> => {
  const notes: Array<string> = []
  if ((whole.basis.estimated ?? 0n) > 0n) {
    notes.push("The bill was asked by service and Region: amounts of single resources are estimates, by their size")
  }
  if ((whole.unseen["not-scanned"] ?? 0n) > 0n) {
    notes.push("Some of the spend is of types or Regions that were not scanned: it is neither compliant nor a gap")
  }
  if ((whole.unseen["not-found"] ?? 0n) > 0n) {
    notes.push("Some of the spend is of resources that the scan did not find: they may be gone since")
  }
  if (spend.tagKeys.length > 0 && spend.keyStandings.size === 0 && spend.lines.every(({ keys }) => keys === undefined)) {
    notes.push("Whether the tags are cost allocation tags is not known: tags that the bill does not show are not told")
  }
  const inactive = [...spend.keyStandings].flatMap(([key, { status }]) => status === "inactive" ? [key] : [])
  if (inactive.length > 0) notes.push(`Not shown by the bill: ${inactive.join(", ")}. Activate as cost allocation tags`)
  if (spend.unknownAccounts.length > 0) {
    notes.push(`The cost of ${spend.unknownAccounts.length} accounts is not known: the figures do not speak of them`)
  }
  return notes
}

const otherCurrencies = (all: ReadonlyArray<string>, chosen: string): ReadonlyArray<string> => {
  const others = all.filter((currency) => currency !== chosen)
  return others.length === 0 ? [] : [`Only ${chosen} is counted; there is spend in ${others.join(", ")} as well`]
}
