/** @since 0.1.0 */
import type { Untagged } from "@cadastre/compliance"
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

const UntaggedAnswer = Schema.Struct({
  ...ResourceAnswer.fields,
  current_tags: ResourceAnswer.TagsAnswer,
  missing_required_tags: Schema.Array(Schema.String),
  has_no_tags: Schema.Boolean,
  monthly_cost_estimate: Schema.optionalKey(Schema.Finite.annotate({ description: "In cost_currency, of 30 days." })),
  cost_basis: Schema.optionalKey(Schema.String.annotate({ description: "actual, allocated or estimated." })),
  cost_unknown: Schema.optionalKey(
    Schema.String.annotate({ description: "Why nobody knows what it costs. It is not 0." })
  )
})

const Output = {
  total_untagged: Schema.Natural.annotate({ description: "How many lack a required tag." }),
  without_any_tag: Schema.Natural,
  total_resources: Schema.Natural.annotate({ description: "How many are scored in all." }),
  unknown_tags: Schema.Natural,
  missing_by_tag: Schema.Array(Schema.Struct({ tag: Schema.String, missing: Schema.Natural })),
  resources: Schema.Array(UntaggedAnswer).annotate({
    description: "The most expensive first where costs were asked for; then those of unknown cost."
  }),
  resources_total: Schema.Natural,
  resources_truncated: Schema.Boolean,
  total_monthly_cost: Schema.NullOr(Schema.Finite).annotate({
    description: "Of those whose cost is known, in cost_currency; null when not asked for or not known."
  }),
  cost_currency: Schema.optionalKey(Schema.String),
  cost_unknown_total: Schema.optionalKey(Schema.Natural),
  below_minimum: Schema.optionalKey(Schema.Natural).annotate({ description: "Not listed: they cost less than was asked for." }),
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

/**
 * Lists what lacks a required tag or has none at all.
 *
 * @category tools
 * @since 0.1.0
 */
export const findUntaggedResources = Scanning.make({
  name: "find_untagged_resources",
  title: "Find untagged resources",
  description: "Lists resources that lack a required tag of the policy in force, or have no tag at all, with what they " +
    "cost where that is asked for. Says first what could not be seen: there may be more. Changes nothing in AWS.",
  input: {
    resource_types: ScanArguments.resourceTypes,
    regions: ScanArguments.texts("Region codes or wildcards such as eu-*; all enabled Regions by default."),
    filters: ScanArguments.filters,
    include_costs: Schema.optionalKey(
      Schema.Boolean.annotate({ description: "Whether to say what each costs a month. AWS takes about 0.01 US dollars for each request; the server has a budget " +
        "for it. False by default." })
    ),
    min_cost_threshold: Schema.optionalKey(
      Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
        description: "Lists only what costs as much a month or more, in the currency of the bill; asks for costs. What is of unknown cost " +
          "stays listed."
      })
    ),
    include: ScanArguments.include,
    force_refresh: ScanArguments.forceRefresh
  },
  output: Output,
  work: Effect.fn("find_untagged_resources")(function*(args, options) {
    const { policy } = yield* PolicyInForce
    const { Compliance } = yield* Engine.compliance
    const { include_costs = false, min_cost_threshold } = args
    const found = yield* (yield* Compliance).findUntagged({
      ...ScanArguments.requestOf(policy, args),
      ...(include_costs || min_cost_threshold !== undefined ? { costs: true } : {}),
      ...(min_cost_threshold === undefined ? {} : { minMonthlyCost: min_cost_threshold })
    }, options)
    return resultOf(found)
  })
})

const resultOf = (found: Untagged.UntaggedResult): ScanResult.ScanResult<Output> => {
  const { costs, costUnknown = [] } = found
  const items: ReadonlyArray<Untagged.UntaggedResource & { readonly reason?: string }> = [
    // Without costs, those that lack most come first.
    ...(costs === undefined ? found.resources.toSorted((a, b) => b.missingTags.length - a.missingTags.length) : found.resources),
    ...costUnknown
  ]
  const notes = costs?.status === "unknown"
    ? [`The cost is not known: ${ResourceAnswer.text(costs.reason, 500)}`]
    : (costs?.notes ?? []).slice(0, 10).map((note) => ResourceAnswer.text(note, 500))
  return ScanResult.make({
    version: `${found.scanTimestamp} ${found.policyHash}`,
    list: "resources",
    items,
    show: untaggedOf,
    text: firstLines(markdownOf(found, items, notes), 8000),
    answer: (shown, whole): Output => ({
      total_untagged: found.totalUntagged,
      without_any_tag: found.withoutAnyTag,
      total_resources: found.totalResources,
      unknown_tags: found.unknownTags,
      missing_by_tag: within(found.byTag, whole ? Number.POSITIVE_INFINITY : 6000),
      resources: shown,
      resources_total: items.length,
      resources_truncated: !whole && shown.length < items.length,
      total_monthly_cost: costs?.status === "known" ? costs.monthly : null,
      ...(costs?.status === "known"
        ? { cost_currency: costs.currency, cost_unknown_total: costUnknown.length, below_minimum: costs.belowMinimum }
        : {}),
      scan_timestamp: found.scanTimestamp,
      account_ids: within(found.accountIds, whole ? Number.POSITIVE_INFINITY : 4000),
      accounts_total: found.accountIds.length,
      coverage: CoverageAnswer.make(found.coverage, whole ? Number.POSITIVE_INFINITY : 12_000),
      policy_hash: found.policyHash,
      from_cache: found.fromCache,
      age_seconds: found.ageSeconds,
      notes
    })
  })
}

const untaggedOf = (
  resource: Untagged.UntaggedResource & { readonly reason?: string }
): typeof UntaggedAnswer.Type => ({
  ...ResourceAnswer.make(resource),
  current_tags: ResourceAnswer.tags(resource.tags),
  missing_required_tags: resource.missingTags,
  has_no_tags: resource.hasNoTags,
  ...(resource.cost === undefined ? {} : { monthly_cost_estimate: resource.cost.monthly, cost_basis: resource.cost.basis }),
  ...(resource.reason === undefined ? {} : { cost_unknown: resource.reason })
})

const markdownOf = (
  found: Untagged.UntaggedResult,
  items: ReadonlyArray<Untagged.UntaggedResource>,
  notes: ReadonlyArray<string>
): string => {
  const { byTag, costs, coverage, totalResources, totalUntagged, unknownTags, withoutAnyTag } = found
  return [
    CoverageAnswer.toMarkdown(coverage),
    "",
    `**${totalUntagged} of ${totalResources} resources that were seen and must be tagged lack a required tag**; ` +
    `${withoutAnyTag} have no tag at all.`,
    ...(unknownTags > 0 ? [`Of ${unknownTags} others the tags could not be read: they may lack any.`] : []),
    ...(costs?.status === "known" ? [`Those listed with a known cost cost ${CostText.amount(costs.monthly, costs.currency)} a month.`] : []),
    ...byTag.slice(0, 20).map(({ missing, tag }) => `- ${Untrusted.code(clipped(tag, 128))}: missing ${missing} times`),
    ...(items.length === 0 ? [] : ["", "First of them:"]),
    ...items.slice(0, 10).map(({ arn, cost, missingTags }) =>
      `- ${Untrusted.code(clipped(arn, 300))}: ` +
      (missingTags.length === 0 ? "no tag at all" : `lacks ${Untrusted.code(clipped(missingTags.join(", "), 300))}`) +
      (cost === undefined || costs?.status !== "known" ? "" : `; ${CostText.amount(cost.monthly, costs.currency)} a month (${cost.basis})`)
    ),
    ...(items.length > 10 ? [`- and ${items.length - 10} others: see \`resources\``] : []),
    ...notes.flatMap((note) => ["", note])
  ].join("\n")
}
