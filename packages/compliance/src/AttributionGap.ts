/**
 * The money that nobody can be asked about: a check of the estate, laid over its bill.
 *
 * @since 0.1.0
 */
import { type AttributionGap as Gap, GapReport } from "@cadastre/cost"
import { AccountId, Coverage } from "@cadastre/model"
import * as Schema from "effect/Schema"
import type { ListRequest } from "./Compliance.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import type { CostRequest, PricedEstate } from "./EstateCosts.ts"

/**
 * - `period`, `currency`: see `CostRequest`
 * - `types`: the gap of these types alone; what shares a bill with them is scanned as well
 * - `groupBy`: `resource_type` by default; with `tag`, by the values of `tagKey` (default the first required tag), which
 *   asks Cost Explorer one question more an account: what the bill itself shows by that tag (`billedByTag`)
 *
 * @category models
 * @since 0.1.0
 */
export interface GapRequest extends Omit<ListRequest, "costs">, CostRequest {
  readonly groupBy?: Gap.GroupBy
  readonly tagKey?: string
}

/**
 * The report on the money, and what the scan behind it saw: cost of what could not be seen is `unseen`.
 *
 * - `complianceScore`, `scoreBounds`: by count, as of a check of the same types
 * - `coverage`: of the whole scan, with the types that share a bill with those
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
  scoreBounds: Schema.optionalKey(Schema.Struct({ lowest: Schema.Finite, highest: Schema.Finite })),
  coverage: Coverage.Coverage,
  fromCache: Schema.Boolean,
  ageSeconds: Schema.Natural
})
/** @since 0.1.0 */
export type GapResult = typeof GapResult.Type

/**
 * The tag that a gap by tag is broken down by.
 *
 * @category getters
 * @since 0.1.0
 */
export const tagKeyOf = ({ policy, tagKey }: Pick<GapRequest, "policy" | "tagKey">): string | undefined =>
  tagKey ?? policy.required_tags[0]?.name

/**
 * The gap of an estate that was priced.
 *
 * - `result`: the check of all that was scanned; `asAsked`: of the types that are asked about
 * - `types`: those that are asked about, all by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const gapOf = (
  { isSeen, resources, spend }: PricedEstate,
  { asAsked, result, types }: {
    readonly result: ComplianceResult
    readonly asAsked: ComplianceResult
    readonly types: ReadonlyArray<string> | undefined
  },
  request: Pick<GapRequest, "currency" | "groupBy" | "policy" | "tagKey">
): GapResult => {
  const { currency, groupBy } = request
  const tagKey = tagKeyOf(request)
  const report = GapReport.make(spend, {
    resources,
    isSeen,
    ...(types === undefined ? {} : { types }),
    groupBy: groupBy ?? "resource_type",
    ...(groupBy === "tag" && tagKey !== undefined ? { tagKey } : {}),
    ...(currency === undefined ? {} : { currency })
  })
  const { accountIds, ageSeconds, coverage, fromCache, policyHash, scanTimestamp } = result
  const { complianceScore, scoreBounds } = asAsked
  return {
    ...report,
    accountIds,
    scanTimestamp,
    policyHash,
    ...(complianceScore === undefined ? {} : { complianceScore }),
    ...(scoreBounds === undefined ? {} : { scoreBounds }),
    coverage,
    fromCache,
    ageSeconds
  }
}
