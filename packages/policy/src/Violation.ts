/**
 * One resource breaking one rule of the policy.
 *
 * @since 0.1.0
 */
import { AccountId, Location, ResourceType } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { Severity } from "./TagPolicy.ts"

/**
 * What can be broken.
 *
 * - `missing_required_tag`: the key is not there
 * - `wrong_key_case`: instead, the key is there in another case, where AWS tells cases apart
 * - `empty_value`: the key is there without a value, or with white space only
 * - `invalid_value`: the value is not an allowed one
 * - `invalid_format`: the whole value does not match the regex
 * - `prohibited_tag`: the key is one that no resource may have
 * - `naming_rule`: key or value are written against the naming rules
 *
 * @since 0.1.0
 */
export const Rule = Schema.Literals([
  "missing_required_tag",
  "wrong_key_case",
  "empty_value",
  "invalid_value",
  "invalid_format",
  "prohibited_tag",
  "naming_rule"
])
/** @since 0.1.0 */
export type Rule = typeof Rule.Type

/**
 * One resource breaking one rule. **Its identity is ARN + tag + rule.**
 *
 * - `tag`: the policy's name of the tag, also where the resource has it under an alias; for `prohibited_tag` and
 *   `naming_rule` the resource's own key
 * - `currentValue`: absent where the tag is missing
 * - `expected`: allowed values joined by `, `, the regex, the right key, or what the naming rules allow
 * - `message`: a sentence for people
 *
 * @since 0.1.0
 */
export const Violation = Schema.Struct({
  arn: Schema.NonEmptyString,
  resourceId: Schema.NonEmptyString,
  resourceType: ResourceType.ResourceType,
  accountId: AccountId,
  region: Location,
  tag: Schema.String,
  rule: Rule,
  severity: Severity,
  currentValue: Schema.optionalKey(Schema.String),
  expected: Schema.optionalKey(Schema.String),
  message: Schema.String
})
/** @since 0.1.0 */
export type Violation = typeof Violation.Type

/**
 * The identity of a violation as a text: equal for the same ARN, tag and rule.
 *
 * @since 0.1.0
 */
export const identityOf = ({ arn, rule, tag }: Pick<Violation, "arn" | "rule" | "tag">): string =>
  JSON.stringify([arn, tag, rule])
