/**
 * Resources that lack a required tag, or have no tag at all.
 *
 * @since 0.1.0
 */
import { AccountId, Coverage, Location, type Resource, ResourceType, Tags } from "@cadastre/model"
import type { TagPolicy, Validator } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import * as BillSiblings from "./BillSiblings.ts"
import { amountOf, PricedAmount } from "./CheckCosts.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import type { PricedEstate } from "./EstateCosts.ts"

/**
 * One of them.
 *
 * - `missingTags`: required tags that it does not have, in policy order; an empty value is no tag, and a key in
 *   another case is not the key where AWS tells cases apart
 * - `hasNoTags`: it has none, not even tags that nobody requires
 * - `cost`: what it costs, where that was asked for and is known
 *
 * @category models
 * @since 0.1.0
 */
export const UntaggedResource = Schema.Struct({
  arn: Schema.NonEmptyString,
  id: Schema.NonEmptyString,
  name: Schema.optionalKey(Schema.String),
  type: ResourceType.ResourceType,
  accountId: AccountId,
  region: Location,
  tags: Tags.Tags,
  missingTags: Schema.Array(Schema.String),
  hasNoTags: Schema.Boolean,
  cost: Schema.optionalKey(PricedAmount)
})
/** @since 0.1.0 */
export type UntaggedResource = typeof UntaggedResource.Type

/**
 * An untagged resource of which nobody knows what it costs.
 *
 * - `reason`: see `ResourceCosts.CostUnknown`; `no-cost`: no source knows the cost of anything
 *
 * @category models
 * @since 0.1.0
 */
export const UnpricedResource = Schema.Struct({
  ...UntaggedResource.fields,
  reason: Schema.Literals(["unknown-account", "not-scanned", "unknown-type", "no-cost"])
})
/** @since 0.1.0 */
export type UnpricedResource = typeof UnpricedResource.Type

const Period = Schema.Struct({ start: Schema.String, end: Schema.String })

const NotKnown = Schema.Struct({
  source: Schema.String,
  accountId: Schema.optionalKey(Schema.String),
  reason: Schema.String
})

/**
 * What the untagged resources cost.
 *
 * - `known`: `monthly` is what those cost that are listed in `resources`, a month; `belowMinimum` is how many are not
 *   listed because they cost less than `minMonthlyCost`; `unseenSiblings`: see `BillSiblings`. The rest is as in `GapReport`
 * - `unknown`: no source knows the cost of anything, and `reason` says why
 *
 * @category models
 * @since 0.1.0
 */
export const UntaggedCosts = Schema.Union([
  Schema.Struct({
    status: Schema.Literal("known"),
    currency: Schema.String,
    source: Schema.String,
    period: Period,
    monthly: Schema.Finite,
    minMonthlyCost: Schema.optionalKey(Schema.Finite),
    belowMinimum: Schema.Natural,
    ...BillSiblings.fields,
    unknownAccounts: Schema.Array(NotKnown),
    notUsed: Schema.Array(NotKnown),
    notes: Schema.Array(Schema.String),
    paid: Schema.Struct({ calls: Schema.Natural, usd: Schema.Finite })
  }),
  Schema.Struct({ status: Schema.Literal("unknown"), reason: Schema.String, period: Period })
])
/** @since 0.1.0 */
export type UntaggedCosts = typeof UntaggedCosts.Type

/**
 * - `resources`: by ARN; where costs were asked for, those whose cost is known, the most expensive first
 * - `costs`, `costUnknown`: where they were asked for, what they come to, and apart **those of unknown cost**: a least
 *   cost leaves none of them out
 * - `totalUntagged`, `withoutAnyTag`: whatever they cost, how many lack a required tag, how many have none at all
 * - `byTag`: how many lack each required tag, in policy order
 * - `totalResources`: those that are scored; `unknownTags`: those whose tags could not be read, which may lack any
 * - `coverage`: what could not be seen may hold more
 *
 * @category models
 * @since 0.1.0
 */
export const UntaggedResult = Schema.Struct({
  totalUntagged: Schema.Natural,
  withoutAnyTag: Schema.Natural,
  totalResources: Schema.Natural,
  unknownTags: Schema.Natural,
  byTag: Schema.Array(Schema.Struct({ tag: Schema.String, missing: Schema.Natural })),
  resources: Schema.Array(UntaggedResource),
  costs: Schema.optionalKey(UntaggedCosts),
  costUnknown: Schema.optionalKey(Schema.Array(UnpricedResource)),
  accountIds: Schema.Array(AccountId),
  scanTimestamp: Schema.String,
  policyHash: Schema.String,
  coverage: Coverage.Coverage,
  fromCache: Schema.Boolean,
  ageSeconds: Schema.Natural
})
/** @since 0.1.0 */
export type UntaggedResult = typeof UntaggedResult.Type

/**
 * The untagged ones of a check that was made with its resources. What is not
 * scored is left out; a resource of which nothing is required is in only when it
 * has no tags at all.
 *
 * - `validator`: the one of the check, see `ScoreScope.validator`
 *
 * @category constructors
 * @since 0.1.0
 */
export const untaggedOf = (
  result: ComplianceResult,
  policy: TagPolicy,
  validator: Pick<Validator, "check">
): UntaggedResult => {
  const missing = new Map(policy.required_tags.map(({ name }) => [name, 0]))
  const resources = result.resources.flatMap((resource): ReadonlyArray<UntaggedResource> => {
    if (resource.tags === null) return []
    const verdict = validator.check(resource)
    if (verdict._tag === "NotApplicable" && verdict.reason !== "nothing-required") return []
    const missingTags = policy.required_tags.flatMap(({ name }) =>
      verdict.violations.some(({ rule, tag }) => tag === name && lacks.has(rule)) ? [name] : []
    )
    const hasNoTags = Object.keys(resource.tags).length === 0
    if (missingTags.length === 0 && !hasNoTags) return []
    for (const tag of missingTags) missing.set(tag, missing.get(tag)! + 1)
    return [{ ...identityOf(resource), tags: resource.tags, missingTags, hasNoTags }]
  })
  return {
    totalUntagged: resources.filter(({ missingTags }) => missingTags.length > 0).length,
    withoutAnyTag: resources.filter(({ hasNoTags }) => hasNoTags).length,
    totalResources: result.totalResources,
    unknownTags: result.unknownTags,
    byTag: [...missing].map(([tag, missing]) => ({ tag, missing })),
    resources,
    accountIds: result.accountIds,
    scanTimestamp: result.scanTimestamp,
    policyHash: result.policyHash,
    coverage: result.coverage,
    fromCache: result.fromCache,
    ageSeconds: result.ageSeconds
  }
}

/**
 * The untagged ones with what they cost.
 *
 * - `priced`: the estate with its bill, or why there is none
 * - `siblings`: what shares the bill and was not seen
 * - `minimum`: the least that a resource costs a month to be listed; those of unknown cost are kept apart
 *
 * @category combinators
 * @since 0.1.0
 */
export const withCosts = (
  result: UntaggedResult,
  priced: PricedEstate | Extract<UntaggedCosts, { readonly status: "unknown" }>,
  siblings: ReturnType<typeof BillSiblings.unseen>,
  minimum: number | undefined
): UntaggedResult => {
  if ("status" in priced) {
    const costUnknown = result.resources.map((resource) => ({ ...resource, reason: "no-cost" as const }))
    return { ...result, resources: [], costs: priced, costUnknown }
  }
  const known: Array<UntaggedResource & { readonly cost: PricedAmount }> = []
  const costUnknown: Array<UnpricedResource> = []
  for (const resource of result.resources) {
    const cost = amountOf(priced, resource.arn)
    const found = priced.costs.costs.get(resource.arn)
    if (cost !== undefined) known.push({ ...resource, cost })
    else costUnknown.push({ ...resource, reason: found?._tag === "Unknown" ? found.reason : "no-cost" })
  }
  const resources = known
    .filter(({ cost }) => minimum === undefined || cost.monthly >= minimum)
    .toSorted((a, b) => b.cost.monthly - a.cost.monthly || (a.arn < b.arn ? -1 : 1))
  const { notes, notUsed, paid, period, source, unknownAccounts } = priced.spend
  return {
    ...result,
    resources,
    costUnknown,
    costs: {
      status: "known",
      currency: priced.costs.currency,
      source,
      period,
      // Two services may list the same resource: it is paid for once.
      monthly: [...new Map(resources.map(({ arn, cost }) => [arn, cost.monthly])).values()].reduce((sum, one) => sum + one, 0),
      ...minimum === undefined ? {} : { minMonthlyCost: minimum },
      belowMinimum: known.length - resources.length,
      unseenSiblings: siblings.unseenSiblings,
      unknownAccounts,
      notUsed,
      notes: [...siblings.notes, ...notes],
      paid
    }
  }
}

const lacks: ReadonlySet<string> = new Set(["missing_required_tag", "wrong_key_case", "empty_value"])

const identityOf = ({ accountId, arn, id, name, region, type }: Resource) => ({
  arn,
  id,
  ...name === undefined ? {} : { name },
  type,
  accountId,
  region
})
