/**
 * A check of the estate, laid over its bill: what its resources cost, and what the policy says of that money.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import {
  type AttributionGap as Gap,
  CostError,
  type CostPeriod,
  type CostSource,
  NotAvailable,
  ResourceCosts,
  type Spend
} from "@cadastre/cost"
import type { Cell, Resource } from "@cadastre/model"
import { isCompliant, type TagPolicy, type Validator, type Verdict } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * Which costs are asked for.
 *
 * - `period`: the last 30 complete days by default, at most 365 days; `end` is not part of it
 * - `currency`: which one, where the bill has several; that of the most lines by default
 *
 * @category models
 * @since 0.1.0
 */
export interface CostRequest {
  readonly period?: Partial<CostPeriod.CostPeriod>
  readonly currency?: string
}

/**
 * What was seen, and by what it is judged.
 *
 * - `result`: a check that was made with its resources
 * - `reach`: its accounts as they are called: Cost Explorer is asked in each; one that is not here has a cost that is
 *   not known
 * - `regions`: the filter of the check: only what was spent there counts, and what has no Region
 * - `compiled`: the policy; `validator`: the one of the check, see `ScoreScope.validator`
 *
 * @category models
 * @since 0.1.0
 */
export interface JudgedEstate {
  readonly result: ComplianceResult
  readonly reach: ReadonlyArray<Account>
  readonly regions: ReadonlyArray<string>
  readonly policy: TagPolicy
  readonly compiled: Pick<Validator, "requiredTags">
  readonly validator: Pick<Validator, "check">
}

/**
 * An estate with its bill: what `GapReport.make` takes, and what each resource costs.
 *
 * @category models
 * @since 0.1.0
 */
export interface PricedEstate {
  readonly spend: Spend
  readonly resources: ReadonlyArray<Gap.JudgedResource>
  readonly isSeen: Gap.GapRequest["isSeen"]
  readonly costs: ResourceCosts.ResourceCosts
}

/**
 * Asks what the estate's accounts spent, one question an account and period whatever the number of resources, and puts
 * it down to them. With `byTag`, one question more: what the bill shows by that tag. Fails with `CostError` where no source knows the cost, or there is none: that is unknown, never 0.
 *
 * @category constructors
 * @since 0.1.0
 */
export const price = Effect.fn("EstateCosts.price")(function*(
  source: Option.Option<CostSource["Service"]>,
  estate: JudgedEstate,
  { byTag, currency, period }: CostRequest & { readonly period: CostPeriod.CostPeriod; readonly byTag?: string }
): Effect.fn.Return<PricedEstate, CostError> {
  const { compiled, policy, reach, result, validator } = estate
  if (Option.isNone(source)) return yield* notAsked("no source of costs is configured")
  const accounts = reach.filter(({ id }) => result.accountIds.includes(id))
  if (accounts.length === 0) return yield* notAsked("none of the accounts can be asked")
  const spend = ofScope(
    yield* source.value.spend({
      accounts,
      period,
      ...(byTag === undefined
        ? {}
        : { byTag: { tagKey: byTag, ...(estate.regions.length === 0 ? {} : { regions: result.scope.regions }) } }),
      tagKeys: [...new Set(policy.required_tags.flatMap(({ aliases, name }) => [name, ...aliases ?? []]))]
    }),
    estate
  )
  const requiredKeys = keysOf(compiled)
  const isSeen = seen(result)
  const resources = result.resources.map((resource) =>
    judged(resource, validator.check(resource), requiredKeys(resource.type)))
  return { spend, resources, isSeen, costs: ResourceCosts.make(spend, resources, isSeen, currency) }
})

const notAsked = (message: string) => new CostError({ source: "none", reason: new NotAvailable({ message }) })

/** The spend of the Regions that were asked for; what has no Region is of all. Accounts that nobody asked are unknown. */
const ofScope = (spend: Spend, { reach, regions, result: { accountIds, scope } }: JudgedEstate): Spend => {
  const inScope = new Set<string>(scope.regions)
  return {
    ...spend,
    lines: regions.length === 0 ? spend.lines : spend.lines.filter(({ region }) => region === "global" || inScope.has(region)),
    unknownAccounts: [
      ...spend.unknownAccounts,
      ...accountIds.filter((id) => !reach.some((account) => account.id === id)).map((accountId) => ({
        source: spend.source,
        accountId,
        reason: "it could not be asked"
      }))
    ]
  }
}

/** Of each type, the keys that are required of it; each may go by others. */
const keysOf = (validator: Pick<Validator, "requiredTags">) => {
  const known = new Map<string, ReadonlyArray<ReadonlyArray<string>>>()
  return (type: string): ReadonlyArray<ReadonlyArray<string>> => {
    const found = known.get(type)
    if (found !== undefined) return found
    const made = validator.requiredTags(type)
      .filter(({ severity }) => severity !== "warning")
      .map(({ aliases, name }) => [name, ...aliases ?? []])
    known.set(type, made)
    return made
  }
}

const judged = (
  resource: Resource,
  verdict: Verdict,
  requiredKeys: ReadonlyArray<ReadonlyArray<string>>
): Gap.JudgedResource => ({
  arn: resource.arn,
  id: resource.id,
  type: resource.type,
  accountId: resource.accountId,
  region: resource.region,
  attributes: resource.attributes,
  ...(resource.state === undefined ? {} : { state: resource.state }),
  tags: resource.tags,
  requiredKeys,
  standing: standingOf(verdict)
})

/** Rules that a resource breaks by not having a tag; all others are broken by a value or a key that it has. */
const lacks: ReadonlySet<string> = new Set(["missing_required_tag", "wrong_key_case", "empty_value"])

const standingOf = (verdict: Verdict): Gap.TagStanding => {
  switch (verdict._tag) {
    case "Unknown":
      return "unknown"
    case "NotApplicable":
      return verdict.reason === "untaggable" ? "untaggable" : "not-applicable"
    default:
      return isCompliant(verdict)
        ? "compliant"
        : verdict.violations.some(({ rule, severity }) => severity === "error" && lacks.has(rule))
        ? "no-tag"
        : "wrong-value"
  }
}

/**
 * Whether all of a type was seen somewhere. A type without Regions has one cell for all of them; of a scan by tags
 * nothing was seen whole.
 */
const seen = ({ coverage, scope }: ComplianceResult) => {
  const cells = new Set(
    scope.tags !== undefined
      ? []
      : coverage.table.filter(({ outcome }) => outcome === "scanned" || outcome === "unsupported").map(keyOf)
  )
  return (accountId: string, region: string, type: string): boolean =>
    cells.has(`${accountId} ${region} ${type}`) || cells.has(`${accountId} global ${type}`)
}

const keyOf = ({ accountId, region, type }: Cell): string => `${accountId} ${region} ${type}`
