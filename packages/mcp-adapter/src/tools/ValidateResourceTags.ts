/** @since 0.1.0 */
import type { ValidatedResource, ValidationResult } from "@cadastre/compliance"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clipped, firstLines, within } from "../Budget.ts"
import * as Engine from "../Engine.ts"
import { quoted, safe } from "../ErrorSanitiser.ts"
import { inputLimits } from "../InputLimits.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import * as Scanning from "../Scanning.ts"
import * as ScanResult from "../ScanResult.ts"
import * as ViolationAnswer from "../ViolationAnswer.ts"

const outcomes = [
  "compliant",
  "violating",
  "unknown-tags",
  "not-applicable",
  "not-found",
  "unsupported",
  "not-in-scope",
  "invalid-arn",
  "unknown"
] as const

const ValidatedAnswer = Schema.Struct({
  resource_arn: Schema.String.annotate({ description: "As it was asked for." }),
  outcome: Schema.Literals(outcomes),
  is_compliant: Schema.NullOr(Schema.Boolean).annotate({
    description: "null where nobody can say: not found, not seen, tags unreadable, not scored."
  }),
  resource_type: Schema.optionalKey(Schema.String),
  account_id: Schema.optionalKey(Schema.String),
  region: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String),
  current_tags: Schema.optionalKey(Schema.NullOr(ResourceAnswer.TagsAnswer)),
  violations: Schema.Array(ViolationAnswer.ViolationAnswer),
  violations_total: Schema.Natural,
  reason: Schema.optionalKey(Schema.String)
})

const Output = {
  total_resources: Schema.Natural.annotate({ description: "ARNs that were asked for, each once." }),
  compliant_resources: Schema.Natural,
  non_compliant_resources: Schema.Natural,
  undecided_resources: Schema.Natural.annotate({
    description: "Neither compliant nor not: see outcomes. Never count them as compliant."
  }),
  outcomes: Schema.Record(Schema.String, Schema.Natural),
  complete: Schema.Boolean.annotate({ description: "Whether all that is in scope could be seen, tags included." }),
  results: Schema.Array(ValidatedAnswer),
  results_truncated: Schema.Boolean,
  scan_timestamp: Schema.String,
  account_ids: Schema.Array(Schema.String),
  policy_hash: Schema.String
}
type Output = Schema.Struct.Type<typeof Output>

/**
 * Judges resources that are named by their ARNs.
 *
 * @category tools
 * @since 0.1.0
 */
export const validateResourceTags = Scanning.make({
  name: "validate_resource_tags",
  title: "Validate the tags of resources",
  description: "Judges 1 to 100 resources, named by their ARNs, by the tag policy in force. What does not exist or could " +
    "not be seen is said to be so, and is never compliant. Changes nothing in AWS.",
  input: {
    resource_arns: Schema.Array(Schema.String).check(
      Schema.isMinLength(1, { message: "Name 1 to 100 ARNs" }),
      Schema.isMaxLength(inputLimits.arns, { message: "Name 1 to 100 ARNs" })
    ).annotate({
      description: "1 to 100 ARNs, of any Region and account of the estate."
    }),
    include: ScanArguments.include
  },
  output: Output,
  work: Effect.fn("validate_resource_tags")(function*({ include, resource_arns }, options) {
    const { policy } = yield* PolicyInForce
    const { Compliance } = yield* Engine.compliance
    const result = yield* (yield* Compliance).validateResources(
      { policy, arns: resource_arns, ...(include === undefined ? {} : { include }) },
      options
    )
    return resultOf(result)
  })
})

const resultOf = (result: ValidationResult): ScanResult.ScanResult<Output> => {
  const counts = Map.groupBy(result.resources, ({ outcome }) => outcome)
  return ScanResult.make({
    version: `${result.scanTimestamp} ${result.policyHash}`,
    list: "results",
    // The order asked for.
    items: result.resources,
    show: validatedOf,
    text: firstLines(markdownOf(result), 8000),
    answer: (shown, whole): Output => ({
      total_resources: result.total,
      compliant_resources: result.compliant,
      non_compliant_resources: result.violating,
      undecided_resources: result.total - result.compliant - result.violating,
      outcomes: Object.fromEntries([...counts].map(([outcome, its]) => [outcome, its.length])),
      complete: result.complete,
      results: shown,
      results_truncated: !whole && shown.length < result.resources.length,
      scan_timestamp: result.scanTimestamp,
      account_ids: within(result.accountIds, 4000),
      policy_hash: result.policyHash
    })
  })
}

const mostViolations = 20

const validatedOf = (one: ValidatedResource): typeof ValidatedAnswer.Type => ({
  resource_arn: ResourceAnswer.text(one.arn, 1024),
  outcome: one.outcome,
  is_compliant: one.outcome === "compliant" ? true : one.outcome === "violating" ? false : null,
  ...(one.type === undefined ? {} : { resource_type: one.type }),
  ...(one.accountId === undefined ? {} : { account_id: one.accountId }),
  ...(one.region === undefined ? {} : { region: one.region }),
  ...(one.name === undefined ? {} : { name: ResourceAnswer.text(one.name) }),
  ...(one.tags === undefined ? {} : { current_tags: one.tags === null ? null : ResourceAnswer.tags(one.tags) }),
  violations: one.violations.slice(0, mostViolations).map(ViolationAnswer.make),
  violations_total: one.violations.length,
  ...reasonOf(one)
})

const reasonOf = ({ message, notApplicable }: ValidatedResource): { readonly reason?: string } => {
  const reason = message ?? notApplicable
  return reason === undefined ? {} : { reason: safe(reason, 400) }
}

const markdownOf = (result: ValidationResult): string => {
  const { compliant, complete, resources, total, violating } = result
  const undecided = total - compliant - violating
  return [
    ...(complete ? [] : ["**Incomplete: not all of these resources, or of their tags, could be seen.**", ""]),
    `**${compliant} of ${total} resources follow the policy, ${violating} do not` +
    (undecided > 0 ? `; of ${undecided} nobody can say.**` : ".**"),
    "",
    ...resources.slice(0, 40).map((one) => {
      const { reason } = reasonOf(one)
      const [first] = one.violations
      const why = reason === undefined ? first === undefined ? "" : `: ${Untrusted.code(clipped(first.message, 150))}` : `: ${quoted(reason, 200)}`
      return `- ${one.outcome}: ${Untrusted.code(clipped(one.arn, 300))}${why}` +
        (one.violations.length > 1 ? ` and ${one.violations.length - 1} more` : "")
    }),
    ...(resources.length > 40 ? [`- and ${resources.length - 40} others: see \`results\``] : [])
  ].join("\n")
}
