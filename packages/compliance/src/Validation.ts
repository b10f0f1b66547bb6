/**
 * What became of the resources that somebody named by their ARNs.
 *
 * @since 0.1.0
 */
import { AccountId, Cell, CellReason, Location, Outcome, ResourceType, Tags } from "@cadastre/model"
import { type TagPolicy, Violation } from "@cadastre/policy"
import type { ScanRequest } from "@cadastre/scanner-core"
import * as Schema from "effect/Schema"
import type { Includable } from "./ScoreScope.ts"

/**
 * What to validate.
 *
 * - `arns`: 1 to 100, in any Region and account of the estate; what is named twice is answered once
 * - `accounts`: which accounts are in scope, as in a `ScanRequest`; all by default
 * - `include`: what is scored although it is left out by default, see `ScoreScope.Includable`
 *
 * @category models
 * @since 0.1.0
 */
export interface ValidateRequest extends Pick<ScanRequest, "accounts" | "timeoutSeconds"> {
  readonly arns: ReadonlyArray<string>
  readonly policy: TagPolicy
  readonly include?: ReadonlyArray<Includable>
}

/**
 * - `compliant`: seen, and no rule of severity `error` is broken
 * - `violating`: seen, and one is
 * - `unknown-tags`: seen, and its tags could not be read
 * - `not-applicable`: seen, and not scored
 * - `not-found`: its service was asked where it would be, and does not have it
 * - `unsupported`: there is no scanner for its type, or it is a part of a resource
 * - `not-in-scope`: of an account, a partition or a Region that is not looked at
 * - `invalid-arn`: no ARN
 * - `unknown`: where it would be could not be seen
 *
 * @category models
 * @since 0.1.0
 */
export const ValidationOutcome = Schema.Literals([
  "compliant",
  "violating",
  "unknown-tags",
  "not-applicable",
  "not-found",
  "unsupported",
  "not-in-scope",
  "invalid-arn",
  "unknown"
])
/** @since 0.1.0 */
export type ValidationOutcome = typeof ValidationOutcome.Type

/**
 * One of them.
 *
 * - `arn`: as it was asked for; `resourceArn`: as its service writes it, where it was seen
 * - `type`: as the ARN says; absent for what is no ARN
 * - `tags`: `null` when they could not be read; of an `unsupported` one, what the tagging API says, where it says anything
 * - `violations`: also those of severity `warning` of a compliant one
 * - `notApplicable`: why it is not scored, as `NotApplicableReason`
 * - `cell`: of an `unknown` one: where it would be, and how that ended
 * - `message`: what there is to say to people of what was not simply seen
 *
 * @category models
 * @since 0.1.0
 */
export const ValidatedResource = Schema.Struct({
  arn: Schema.String,
  outcome: ValidationOutcome,
  resourceArn: Schema.optionalKey(Schema.String),
  type: Schema.optionalKey(ResourceType.ResourceType),
  accountId: Schema.optionalKey(AccountId),
  region: Schema.optionalKey(Location),
  name: Schema.optionalKey(Schema.String),
  tags: Schema.optionalKey(Schema.NullOr(Tags.Tags)),
  violations: Schema.Array(Violation),
  notApplicable: Schema.optionalKey(Schema.String),
  cell: Schema.optionalKey(Schema.Struct({
    ...Cell.fields,
    outcome: Outcome,
    reason: Schema.optionalKey(CellReason)
  })),
  message: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type ValidatedResource = typeof ValidatedResource.Type

/**
 * - `total`: ARNs that were asked for, each once; the other counts are theirs, by outcome, and add up to it
 * - `complete`: all that is in scope could be seen, tags included
 * - `resources`: in the order asked for
 * - `accountIds`: the accounts that were looked at, or would have been
 *
 * @category models
 * @since 0.1.0
 */
export const ValidationResult = Schema.Struct({
  total: Schema.Natural,
  compliant: Schema.Natural,
  violating: Schema.Natural,
  unknownTags: Schema.Natural,
  notApplicable: Schema.Natural,
  notFound: Schema.Natural,
  unsupported: Schema.Natural,
  notInScope: Schema.Natural,
  invalidArn: Schema.Natural,
  unknown: Schema.Natural,
  complete: Schema.Boolean,
  resources: Schema.Array(ValidatedResource),
  accountIds: Schema.Array(AccountId),
  scanTimestamp: Schema.String,
  policyHash: Schema.String
})
/** @since 0.1.0 */
export type ValidationResult = typeof ValidationResult.Type

/** How many ARNs may be asked for at once. */
export const mostArns = 100

/**
 * No ARN at all was asked for, or too many.
 *
 * @category errors
 * @since 0.1.0
 */
export class ArnCountError extends Schema.TaggedError<ArnCountError>()("ArnCountError", { count: Schema.Natural }) {
  override get message(): string {
    return `Name 1 to ${mostArns} ARNs, not ${this.count}${this.count > mostArns ? ": ask for them in parts" : ""}`
  }
}

/**
 * The counts of what became of each.
 *
 * @category getters
 * @since 0.1.0
 */
export const countsOf = (resources: ReadonlyArray<ValidatedResource>) => {
  const of = (outcome: ValidationOutcome): number => resources.filter((one) => one.outcome === outcome).length
  const counts = {
    total: resources.length,
    compliant: of("compliant"),
    violating: of("violating"),
    unknownTags: of("unknown-tags"),
    notApplicable: of("not-applicable"),
    notFound: of("not-found"),
    unsupported: of("unsupported"),
    notInScope: of("not-in-scope"),
    invalidArn: of("invalid-arn"),
    unknown: of("unknown")
  }
  return { ...counts, complete: counts.unknown === 0 && counts.unknownTags === 0 }
}
