/**
 * What missing and wrong tags of an estate should be.
 *
 * @since 0.1.0
 */
import { AccountId, Coverage, Location, type Resource, ResourceType } from "@cadastre/model"
import { makeSuggester, Suggestion, TagBacktest, type TagPolicy, type Validator } from "@cadastre/policy"
import type { Creators, Scan, ScanPlan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ArnTarget from "./ArnTarget.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * The suggestions for one resource, one for each required tag that it lacks or
 * has wrong, in policy order.
 *
 * @category models
 * @since 0.1.0
 */
export const SuggestedTags = Schema.Struct({
  arn: Schema.NonEmptyString,
  name: Schema.optionalKey(Schema.String),
  type: ResourceType.ResourceType,
  accountId: AccountId,
  region: Location,
  suggestions: Schema.Array(Suggestion)
})
/** @since 0.1.0 */
export type SuggestedTags = typeof SuggestedTags.Type

/**
 * - `resources`: by ARN; those that need no other tag are left out
 * - `notFound`: ARNs that were asked for and that the scan did not see: they do not exist, or `coverage` says why not
 * - `backtest`: how good suggestions are in this estate, where asked for
 * - `notes`: what evidence could not be had, where there was any to ask for
 *
 * @category models
 * @since 0.1.0
 */
export const SuggestionsResult = Schema.Struct({
  resources: Schema.Array(SuggestedTags),
  notFound: Schema.Array(Schema.String),
  backtest: Schema.optionalKey(Schema.Array(TagBacktest)),
  notes: Schema.optionalKey(Schema.Array(Schema.String)),
  accountIds: Schema.Array(AccountId),
  scanTimestamp: Schema.String,
  policyHash: Schema.String,
  coverage: Coverage.Coverage
})
/** @since 0.1.0 */
export type SuggestionsResult = typeof SuggestionsResult.Type

/**
 * Suggestions from a check that was made with its resources: the wider its
 * scope, the more there is to learn from.
 *
 * - `validator`: the one of the check, see `ScoreScope.validator`
 * - `arns`: for these resources only, in any way to write them; all by default
 * - `backtest`: whether to say how good they are
 * - `creators`: who made what, see `Creators` of `@cadastre/scanner-core`
 *
 * @category constructors
 * @since 0.1.0
 */
export const suggestionsOf = (
  result: ComplianceResult,
  policy: TagPolicy,
  validator: Pick<Validator, "check">,
  options: { readonly arns?: ReadonlyArray<string>; readonly backtest?: boolean; readonly creators?: Creators.FoundCreators } = {}
): SuggestionsResult => {
  const suggester = makeSuggester(policy, result.resources, {
    validator,
    ...options.creators === undefined ? {} : { creators: options.creators.creators }
  })
  const wanted = options.arns === undefined
    ? undefined
    : Map.groupBy(new Set(options.arns.map((arn) => arn.trim())), ArnTarget.keyOf)
  const seen = new Set<string>()
  const resources = result.resources.flatMap((resource): ReadonlyArray<SuggestedTags> => {
    if (wanted !== undefined) {
      const { keys, short } = ArnTarget.keysOf(resource)
      const meant = [...keys, ...short === undefined ? [] : [short]].filter((key) => wanted.has(key))
      if (meant.length === 0) return []
      for (const key of meant) seen.add(key)
    }
    const suggestions = suggester.suggest(resource)
    if (suggestions.length === 0) return []
    const { accountId, arn, name, region, type } = resource
    return [{ arn, ...name === undefined ? {} : { name }, type, accountId, region, suggestions }]
  })
  return {
    resources,
    notFound: [...wanted ?? []].flatMap(([key, arns]) => seen.has(key) ? [] : arns),
    ...options.backtest === true ? { backtest: suggester.backtest() } : {},
    ...options.creators === undefined || options.creators.notes.length === 0 ? {} : { notes: options.creators.notes },
    accountIds: result.accountIds,
    scanTimestamp: result.scanTimestamp,
    policyHash: result.policyHash,
    coverage: result.coverage
  }
}

/**
 * Who made the resources, as far as CloudTrail tells before `stop` completes.
 *
 * @category calls
 * @since 0.1.0
 */
export const creatorsOf = (
  scan: Pick<Scan["Service"], "creators">,
  plan: ScanPlan,
  resources: ReadonlyArray<Resource>,
  stop: Effect.Effect<void> = Effect.never
): Effect.Effect<Creators.FoundCreators> =>
  Effect.raceFirst(
    scan.creators(plan, resources),
    Effect.as(stop, { creators: new Map(), notes: ["CloudTrail was not asked to the end who made what: it was stopped"] })
  )
