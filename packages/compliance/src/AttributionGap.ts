/**
 * The money that nobody can be asked about: a check of the estate, laid over its bill.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import { type AttributionGap as Gap, BillingServices, type CostError, CostPeriod, CostSource, GapReport, type Spend } from "@cadastre/cost"
import { AccountId, type Cell, Coverage, type Resource } from "@cadastre/model"
import { compile, isCompliant, type Validator, type Verdict } from "@cadastre/policy"
import { type ScanPlanError, ScannerRegistry } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type CheckOptions, Compliance, type ListRequest, type MultiRegionScanError } from "./Compliance.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import * as ScoreScope from "./ScoreScope.ts"

/**
 * - `period`: the last 30 complete days by default, at most 365 days; `end` is not part of it
 * - `types`: the gap of these types alone; what shares a bill with them is scanned as well
 * - `groupBy`: `resource_type` by default; with `tag`, by the values of `tagKey` (default the first required tag)
 * - `currency`: which one, where the bill has several; that of the most lines by default
 * - `reach`: the accounts as they are called: Cost Explorer is asked in each; one that was scanned and is not here has
 *   a cost that is not known
 *
 * @category models
 * @since 0.1.0
 */
export interface GapRequest extends ListRequest {
  readonly period?: Partial<CostPeriod.CostPeriod>
  readonly groupBy?: Gap.GroupBy
  readonly tagKey?: string
  readonly currency?: string
  readonly reach: ReadonlyArray<Account>
}

/**
 * The report on the money, and what the scan behind it saw: cost of what could not be seen is `unseen`.
 *
 * @category models
 * @since 0.1.0
 */
export const GapResult = Schema.Struct({
  ...GapReport.GapReport.fields,
  accountIds: Schema.Array(AccountId),
  scanTimestamp: Schema.String,
  policyHash: Schema.String,
  complianceScore: Schema.optionalKey(Schema.Finite),
  coverage: Coverage.Coverage,
  fromCache: Schema.Boolean,
  ageSeconds: Schema.Natural
})
/** @since 0.1.0 */
export type GapResult = typeof GapResult.Type

/**
 * Scans, judges and lays the result over what was spent. Fails with `CostError` where no source knows the cost: that is
 * unknown, and never 0.
 *
 * @category use-cases
 * @since 0.1.0
 */
export const attributionGap = Effect.fn("Compliance.attributionGap")(function*(
  request: GapRequest,
  options?: CheckOptions
): Effect.fn.Return<
  GapResult,
  ScanPlanError | MultiRegionScanError | CostError | CostPeriod.CostPeriodError,
  Compliance | CostSource | ScannerRegistry
> {
  const { currency, groupBy, period: asked, reach, tagKey: given, ...rest } = request
  const period = yield* CostPeriod.make(asked)
  const registry = yield* ScannerRegistry
  const named = request.types ?? []
  // Everything is asked for by no name or by this one.
  const all = named.length === 0 || named.some((name) => name.trim().toLowerCase() === "all")
  const types = all ? undefined : (yield* registry.resolve(named)).map(({ type }): string => type)
  const result = yield* (yield* Compliance).check({
    ...rest,
    ...(types === undefined ? {} : { types: BillingServices.withSiblings(types) }),
    severity: "all",
    withResources: true
  }, options)
  const compiled = compile(request.policy, { now: yield* Clock.currentTimeMillis })
  const freeTypes = (yield* registry.entries).flatMap(({ free, type }) => free ? [type] : [])
  const validator = ScoreScope.validator(compiled, { freeTypes, include: request.include ?? [] })
  const requiredKeys = keysOf(compiled)
  const tagKey = given ?? request.policy.required_tags[0]?.name
  const spend = yield* (yield* CostSource).spend({
    accounts: reach.filter(({ id }) => result.accountIds.includes(id)),
    period,
    tagKeys: [...new Set(request.policy.required_tags.flatMap(({ aliases, name }) => [name, ...aliases ?? []]))]
  })
  const report = GapReport.make(ofScope(spend, result, request), {
    resources: result.resources.map((resource) => judged(resource, validator.check(resource), requiredKeys(resource.type))),
    isSeen: seen(result),
    ...(types === undefined ? {} : { types }),
    groupBy: groupBy ?? "resource_type",
    ...(groupBy === "tag" && tagKey !== undefined ? { tagKey } : {}),
    ...(currency === undefined ? {} : { currency })
  })
  const { accountIds, ageSeconds, complianceScore, coverage, fromCache, policyHash, scanTimestamp } = result
  return {
    ...report,
    accountIds,
    scanTimestamp,
    policyHash,
    ...(complianceScore === undefined ? {} : { complianceScore }),
    coverage,
    fromCache,
    ageSeconds
  }
})

/** The spend of the Regions that were asked for; what has no Region is of all. Accounts that nobody asked are unknown. */
const ofScope = (spend: Spend, { accountIds, scope }: ComplianceResult, { reach, regions = [] }: GapRequest): Spend => {
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

/** Whether all of a type was seen somewhere. A type without Regions has one cell for all of them. */
const seen = ({ coverage }: ComplianceResult) => {
  const cells = new Set(
    coverage.table.filter(({ outcome }) => outcome === "scanned" || outcome === "unsupported").map(keyOf)
  )
  return (accountId: string, region: string, type: string): boolean =>
    cells.has(`${accountId} ${region} ${type}`) || cells.has(`${accountId} global ${type}`)
}

const keyOf = ({ accountId, region, type }: Cell): string => `${accountId} ${region} ${type}`
