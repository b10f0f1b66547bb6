/** @since 0.1.0 */
import type { GapResult } from "@cadastre/compliance"
import { CostText, Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clipped, firstLines, within } from "../Budget.ts"
import * as CoverageAnswer from "../CoverageAnswer.ts"
import * as Engine from "../Engine.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import * as Scanning from "../Scanning.ts"
import * as ScanResult from "../ScanResult.ts"

const Amounts = {
  total_spend: Schema.Finite.annotate({ description: "In currency, over time_period; as all amounts here." }),
  attributable_spend: Schema.Finite,
  attribution_gap: Schema.Finite.annotate({ description: "Of resources that could tell whose they are and do not." }),
  attribution_gap_percentage: Schema.NullOr(Schema.Finite).annotate({ description: "Percent of total_spend, 0 to 100; null where nothing was spent." }),
  untaggable_spend: Schema.Finite.annotate({ description: "Tax, support, data transfer and the like: nobody's violation." }),
  not_applicable_spend: Schema.Finite,
  unseen_spend: Schema.Finite.annotate({ description: "Nobody knows whose it is: neither attributable nor a gap." }),
  gap_by_kind: Schema.Struct({
    no_tag: Schema.Finite,
    wrong_value: Schema.Finite,
    not_activated: Schema.Finite,
    not_backfilled: Schema.Finite
  }),
  by_basis: Schema.Struct({ actual: Schema.Finite, allocated: Schema.Finite, estimated: Schema.Finite }),
  resources: Schema.Record(Schema.String, Schema.Natural).annotate({ description: "How many bear cost in each part." })
}

const NotKnown = Schema.Array(Schema.Struct({
  source: Schema.String,
  account_id: Schema.optionalKey(Schema.String),
  reason: Schema.String
}))

const Output = {
  ...Amounts,
  currency: Schema.String,
  source: Schema.String.annotate({ description: "Whom the cost is from." }),
  time_period: Schema.Struct({ start: Schema.String, end: Schema.String }).annotate({ description: "Whole days, UTC, without end." }),
  group_by: Schema.String,
  untaggable_by_kind: Schema.Record(Schema.String, Schema.Finite),
  unseen_by_reason: Schema.Record(Schema.String, Schema.Finite),
  spend_weighted_score: Schema.NullOr(Schema.Finite).annotate({ description: "0 to 1." }),
  compliance_score: Schema.optionalKey(Schema.Finite).annotate({ description: "0 to 1, by number of resources." }),
  breakdown: Schema.Array(Schema.Struct({ group: Schema.String, ...Amounts })).annotate({ description: "The largest gap first." }),
  breakdown_total: Schema.Natural,
  breakdown_truncated: Schema.Boolean,
  unknown_accounts: NotKnown.annotate({ description: "Accounts whose cost is not known: they are in no figure." }),
  unknown_accounts_total: Schema.Natural,
  not_used: NotKnown.annotate({ description: "Better sources that were tried, and why they were not used." }),
  paid: Schema.Struct({ calls: Schema.Natural, usd: Schema.Finite }).annotate({ description: "What asking AWS cost." }),
  scan_timestamp: Schema.String,
  account_ids: Schema.Array(Schema.String),
  accounts_total: Schema.Natural,
  coverage: CoverageAnswer.CoverageAnswer,
  policy_hash: Schema.String,
  from_cache: Schema.Boolean,
  age_seconds: Schema.Natural,
  notes: Schema.Array(Schema.String)
}
type Output = Schema.Struct.Type<typeof Output>

const day = Schema.optionalKey(Schema.String.annotate({ description: "A day, as 2026-11-01." }))

/**
 * Measures what of the spend nobody can be asked about.
 *
 * @category tools
 * @since 0.1.0
 */
export const getCostAttributionGap = Scanning.make({
  name: "get_cost_attribution_gap",
  title: "Get the cost attribution gap",
  description: "Lays the estate over its bill: what was spent, how much of it the required tags attribute to somebody, and " +
    "the gap, by its kinds. AWS Cost Explorer takes about 0.01 US dollars for each request; the server has a budget for it " +
    "and says what it paid. Changes nothing in AWS.",
  input: {
    resource_types: ScanArguments.resourceTypes,
    time_period: Schema.optionalKey(
      Schema.Struct({ start: day, end: day }).annotate({
        description: "From start to the day before end, UTC, at most 365 days; the last 30 complete days by default."
      })
    ),
    group_by: Schema.optionalKey(Schema.Literals(["resource_type", "region", "account", "service", "tag"]).annotate({ description: "resource_type by default." })),
    tag_key: Schema.optionalKey(Schema.String.annotate({ description: "With group_by tag: by whose values; the first required tag by default." })),
    filters: ScanArguments.filters,
    include: ScanArguments.include,
    force_refresh: ScanArguments.forceRefresh
  },
  output: Output,
  work: Effect.fn("get_cost_attribution_gap")(function*(args, options) {
    const { policy } = yield* PolicyInForce
    const { Compliance } = yield* Engine.compliance
    const result = yield* (yield* Compliance).attributionGap({
      ...ScanArguments.requestOf(policy, args),
      ...(args.time_period === undefined ? {} : { period: daysOf(args.time_period) }),
      ...(args.group_by === undefined ? {} : { groupBy: args.group_by }),
      ...(args.tag_key === undefined ? {} : { tagKey: args.tag_key })
    }, options)
    return resultOf(result)
  })
})

/** Midnight is the day that it begins. */
const daysOf = ({ end, start }: { readonly start?: string; readonly end?: string }) => ({
  ...(start === undefined ? {} : { start: dayOf(start) }),
  ...(end === undefined ? {} : { end: dayOf(end) })
})

const dayOf = (text: string): string =>
  text.trim().replace(/T00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?$/u, "")

const resultOf = (result: GapResult): ScanResult.ScanResult<Output> => {
  const notes = result.notes.slice(0, 20).map((note) => ResourceAnswer.text(note, 500))
  return ScanResult.make({
    version: `${result.scanTimestamp} ${result.policyHash}`,
    list: "breakdown",
    items: result.breakdown,
    show: ({ group, ...figures }) => ({ group: ResourceAnswer.text(group), ...amountsOf(figures) }),
    text: firstLines(markdownOf(result, notes), 8000),
    answer: (shown, whole): Output => {
      const bytes = (share: number) => whole ? Number.POSITIVE_INFINITY : share
      return {
        ...amountsOf(result),
        currency: result.currency,
        source: result.source,
        time_period: result.period,
        group_by: result.groupBy,
        untaggable_by_kind: result.untaggableByKind,
        unseen_by_reason: result.unseenByReason,
        spend_weighted_score: result.spendWeightedScore,
        ...(result.complianceScore === undefined ? {} : { compliance_score: result.complianceScore }),
        breakdown: shown,
        breakdown_total: result.breakdown.length,
        breakdown_truncated: !whole && shown.length < result.breakdown.length,
        unknown_accounts: within(result.unknownAccounts.map(notKnownOf), bytes(4000)),
        unknown_accounts_total: result.unknownAccounts.length,
        not_used: within(result.notUsed.map(notKnownOf), bytes(4000)),
        paid: result.paid,
        scan_timestamp: result.scanTimestamp,
        account_ids: within(result.accountIds, bytes(4000)),
        accounts_total: result.accountIds.length,
        coverage: CoverageAnswer.make(result.coverage, bytes(12_000)),
        policy_hash: result.policyHash,
        from_cache: result.fromCache,
        age_seconds: result.ageSeconds,
        notes
      }
    }
  })
}

type Figures = Omit<GapResult["breakdown"][number], "group">

const amountsOf = (figures: Figures): Schema.Struct.Type<typeof Amounts> => ({
  total_spend: figures.total,
  attributable_spend: figures.attributable,
  attribution_gap: figures.gap,
  attribution_gap_percentage: figures.gapPercent,
  untaggable_spend: figures.untaggable,
  not_applicable_spend: figures.notApplicable,
  unseen_spend: figures.unseen,
  gap_by_kind: {
    no_tag: figures.gapByKind.noTag,
    wrong_value: figures.gapByKind.wrongValue,
    not_activated: figures.gapByKind.notActivated,
    not_backfilled: figures.gapByKind.notBackfilled
  },
  by_basis: figures.byBasis,
  resources: {
    attributable: figures.resources.attributable,
    no_tag: figures.resources.noTag,
    wrong_value: figures.resources.wrongValue,
    not_activated: figures.resources.notActivated,
    not_backfilled: figures.resources.notBackfilled,
    untaggable: figures.resources.untaggable,
    not_applicable: figures.resources.notApplicable,
    unseen: figures.resources.unseen
  }
})

const notKnownOf = ({ accountId, reason, source }: GapResult["notUsed"][number]) => ({
  source,
  ...(accountId === undefined ? {} : { account_id: accountId }),
  reason: ResourceAnswer.text(reason, 300)
})

const markdownOf = (result: GapResult, notes: ReadonlyArray<string>): string => {
  const { attributable, breakdown, byBasis, coverage, currency, gap, gapPercent, period, total, unknownAccounts, unseen, untaggable } = result
  const money = (amount: number) => CostText.amount(amount, currency)
  return [
    CoverageAnswer.toMarkdown(coverage),
    "",
    ...(unknownAccounts.length === 0 ? [] : [`**The cost of ${unknownAccounts.length} accounts is not known: they are in no figure.**`, ""]),
    `**Attribution gap: ${money(gap)}${gapPercent === null ? "" : ` (${gapPercent.toFixed(1)} % of ${money(total)})`}**, ` +
    `${period.start} to ${period.end} (not included), from ${result.source}.`,
    `Attributable ${money(attributable)}; not to be tagged ${money(untaggable)}; not known whose ${money(unseen)}.`,
    `Of the money of resources ${money(byBasis.actual)} is actual, ${money(byBasis.allocated)} allocated, ` +
    `${money(byBasis.estimated)} estimated.`,
    ...(breakdown.length === 0 ? [] : ["", `By ${result.groupBy}, the largest gap first:`]),
    ...breakdown.slice(0, 10).map((group) =>
      `- ${Untrusted.code(clipped(group.group, 200))}: gap ${money(group.gap)} of ${money(group.total)}`
    ),
    ...(breakdown.length > 10 ? [`- and ${breakdown.length - 10} others: see \`breakdown\``] : []),
    ...notes.flatMap((note) => ["", note])
  ].join("\n")
}
