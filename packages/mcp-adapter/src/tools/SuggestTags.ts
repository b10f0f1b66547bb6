/** @since 0.1.0 */
import type { Suggestions } from "@cadastre/compliance"
import { Arn, resourceTypeOf } from "@cadastre/model"
import type { Candidate, Suggestion } from "@cadastre/policy"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { clipped, firstLines } from "../Budget.ts"
import * as CoverageAnswer from "../CoverageAnswer.ts"
import * as Engine from "../Engine.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import * as Scanning from "../Scanning.ts"
import * as ScanResult from "../ScanResult.ts"
import { RequestRefused } from "../ToolFailure.ts"

const CandidateAnswer = {
  confidence: Schema.Finite.annotate({ description: "0 to 1: how often such a suggestion proved right on tags that are known." }),
  reasoning: Schema.String
}

const SuggestionAnswer = Schema.Struct({
  tag_key: Schema.String,
  current_value: Schema.optionalKey(Schema.String),
  suggested_value: Schema.NullOr(Schema.String).annotate({ description: "null where nothing speaks for any value." }),
  ...CandidateAnswer,
  alternatives: Schema.Array(Schema.Struct({ value: Schema.String, ...CandidateAnswer }))
})

const Output = {
  resource_arn: Schema.String,
  found: Schema.Boolean.annotate({ description: "Whether the resource was seen. If not, coverage may say why." }),
  resource_type: Schema.optionalKey(Schema.String),
  account_id: Schema.optionalKey(Schema.String),
  region: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String),
  suggestions: Schema.Array(SuggestionAnswer).annotate({
    description: "One for each required tag that is missing or wrong; none where nothing is. They are guesses: let a person decide."
  }),
  suggestions_truncated: Schema.Boolean,
  scan_timestamp: Schema.String,
  coverage: CoverageAnswer.CoverageAnswer,
  policy_hash: Schema.String
}
type Output = Schema.Struct.Type<typeof Output>

/**
 * Suggests values for the missing and wrong tags of a resource.
 *
 * @category tools
 * @since 0.1.0
 */
export const suggestTags = Scanning.make({
  name: "suggest_tags",
  title: "Suggest tags",
  description: "Suggests values for the required tags that a resource lacks or has wrong, learned from the resources around " +
    "it (same stack, cluster, network, names), each with its evidence and a confidence. Tags nothing.",
  input: {
    resource_arn: Schema.String.annotate({ description: "The ARN of the resource." }),
    include: ScanArguments.include,
    force_refresh: ScanArguments.forceRefresh
  },
  output: Output,
  work: Effect.fn("suggest_tags")(function*({ force_refresh = false, include, resource_arn }, options) {
    const { policy } = yield* PolicyInForce
    const arn = resource_arn.trim()
    const parsed = Option.getOrUndefined(Arn.parse(arn))
    if (parsed === undefined) {
      return yield* new RequestRefused({
        why: `${Untrusted.code(clipped(arn, 128))} is no ARN.`,
        remedy: "Write arn:partition:service:region:account:resource, such as arn:aws:sns:eu-west-1:111122223333:orders."
      })
    }
    const { Compliance } = yield* Engine.compliance
    const { accountId, region } = parsed
    const result = yield* (yield* Compliance).suggest({
      policy,
      arns: [arn],
      // What is near it teaches most. What has no Region is compared with its own kind.
      ...(region === "" ? { types: [resourceTypeOf(parsed)] } : { regions: [region] }),
      ...(/^\d{12}$/u.test(accountId) ? { accounts: [accountId] } : {}),
      ...(include === undefined ? {} : { include }),
      forceRefresh: force_refresh
    }, options)
    return resultOf(arn, result)
  })
})

const resultOf = (arn: string, result: Suggestions.SuggestionsResult): ScanResult.ScanResult<Output> => {
  const [resource] = result.resources
  const found = resource !== undefined || result.notFound.length === 0
  const suggestions = resource?.suggestions ?? []
  return ScanResult.make({
    version: `${result.scanTimestamp} ${result.policyHash}`,
    list: "suggestions",
    items: suggestions,
    show: suggestionOf,
    text: firstLines(markdownOf(arn, found, suggestions, result), 8000),
    answer: (shown, whole): Output => ({
      resource_arn: ResourceAnswer.text(arn, 1024),
      found,
      ...(resource === undefined ? {} : {
        resource_type: resource.type,
        account_id: resource.accountId,
        region: resource.region,
        ...(resource.name === undefined ? {} : { name: ResourceAnswer.text(resource.name) })
      }),
      suggestions: shown,
      suggestions_truncated: !whole && shown.length < suggestions.length,
      scan_timestamp: result.scanTimestamp,
      coverage: CoverageAnswer.make(result.coverage, whole ? Number.POSITIVE_INFINITY : 12_000),
      policy_hash: result.policyHash
    })
  })
}

const suggestionOf = ({ candidates, current, tag }: Suggestion): typeof SuggestionAnswer.Type => {
  const [best, ...others] = candidates
  return {
    tag_key: ResourceAnswer.text(tag),
    ...(current === undefined ? {} : { current_value: ResourceAnswer.text(current) }),
    suggested_value: best === undefined ? null : ResourceAnswer.text(best.value),
    confidence: best?.confidence ?? 0,
    reasoning: best === undefined ? "nothing in the scope of this scan speaks for any value" : reasonsOf(best),
    alternatives: others.map((one) => ({ value: ResourceAnswer.text(one.value), confidence: one.confidence, reasoning: reasonsOf(one) }))
  }
}

const reasonsOf = ({ evidence }: Candidate): string => ResourceAnswer.text(evidence.map(({ text }) => text).join("; "), 600)

const markdownOf = (
  arn: string,
  found: boolean,
  suggestions: ReadonlyArray<Suggestion>,
  { coverage }: Suggestions.SuggestionsResult
): string => {
  const name = Untrusted.code(clipped(arn, 300))
  const lines = suggestions.map(({ candidates: [best], tag }) =>
    best === undefined
      ? `- ${Untrusted.code(clipped(tag, 128))}: nothing speaks for any value`
      : `- ${Untrusted.code(clipped(tag, 128))} = ${Untrusted.code(clipped(best.value, 256))} ` +
        `(confidence ${best.confidence.toFixed(2)}): ${Untrusted.code(clipped(reasonsOf(best), 300))}`
  )
  return [
    CoverageAnswer.toMarkdown(coverage),
    "",
    found
      ? suggestions.length === 0
        ? `${name} lacks no required tag.`
        : `**${suggestions.length} required tags of ${name} are missing or wrong:**`
      : coverage.complete
      ? `**${name} was not found**: there is no such resource, or nothing scans its type.`
      : `**${name} was not seen**: it does not exist, or is in what could not be seen.`,
    ...lines
  ].join("\n")
}
