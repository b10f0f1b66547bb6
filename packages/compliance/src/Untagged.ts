/**
 * Resources that lack a required tag, or have no tag at all.
 *
 * @since 0.1.0
 */
import { AccountId, Coverage, Location, type Resource, ResourceType, Tags } from "@cadastre/model"
import type { TagPolicy, Validator } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * One of them.
 *
 * - `missingTags`: required tags that it does not have, in policy order; an empty value is no tag, and a key in
 *   another case is not the key where AWS tells cases apart
 * - `hasNoTags`: it has none, not even tags that nobody requires
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
  hasNoTags: Schema.Boolean
})
/** @since 0.1.0 */
export type UntaggedResource = typeof UntaggedResource.Type

/**
 * - `resources`: by ARN
 * - `totalUntagged`, `withoutAnyTag`: how many lack a required tag, how many have none at all
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

const lacks: ReadonlySet<string> = new Set(["missing_required_tag", "wrong_key_case", "empty_value"])

const identityOf = ({ accountId, arn, id, name, region, type }: Resource) => ({
  arn,
  id,
  ...name === undefined ? {} : { name },
  type,
  accountId,
  region
})
