/**
 * Violations, as answers list them.
 *
 * @since 0.1.0
 */
import { Rule, Severity, type Violation } from "@cadastre/policy"
import { Untrusted } from "@cadastre/report"
import * as Schema from "effect/Schema"
import { clipped } from "./Budget.ts"

/**
 * @category models
 * @since 0.1.0
 */
export const ViolationAnswer = Schema.Struct({
  resource_arn: Schema.String,
  resource_id: Schema.String,
  resource_type: Schema.String,
  account_id: Schema.String,
  region: Schema.String,
  tag_name: Schema.String,
  violation_type: Rule,
  severity: Severity,
  current_value: Schema.optionalKey(Schema.String),
  expected: Schema.optionalKey(Schema.String),
  message: Schema.String
})
/** @since 0.1.0 */
export type ViolationAnswer = typeof ViolationAnswer.Type

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = (violation: Violation): ViolationAnswer => ({
  resource_arn: Untrusted.visible(violation.arn),
  resource_id: Untrusted.visible(violation.resourceId),
  resource_type: violation.resourceType,
  account_id: violation.accountId,
  region: violation.region,
  tag_name: Untrusted.visible(violation.tag),
  violation_type: violation.rule,
  severity: violation.severity,
  ...(violation.currentValue === undefined ? {} : { current_value: Untrusted.visible(violation.currentValue) }),
  ...(violation.expected === undefined ? {} : { expected: Untrusted.visible(clipped(violation.expected, 300)) }),
  message: Untrusted.visible(clipped(violation.message, 300))
})

/**
 * Errors before warnings; among them, resources with the most of them; then as they came. What was sorted before is
 * not sorted again.
 *
 * @category getters
 * @since 0.1.0
 */
export const worstFirst = (violations: ReadonlyArray<Violation>): ReadonlyArray<Violation> => {
  const known = sorted.get(violations)
  if (known !== undefined) return known
  const errors = new Map<string, number>()
  for (const { arn, severity } of violations) if (severity === "error") errors.set(arn, (errors.get(arn) ?? 0) + 1)
  const made = violations.toSorted((a, b) =>
    Number(a.severity !== "error") - Number(b.severity !== "error") ||
    (errors.get(b.arn) ?? 0) - (errors.get(a.arn) ?? 0)
  )
  sorted.set(violations, made)
  return made
}

const sorted = new WeakMap<ReadonlyArray<Violation>, ReadonlyArray<Violation>>()

/**
 * One line of Markdown.
 *
 * @category getters
 * @since 0.1.0
 */
export const line = ({ arn, message, severity }: Violation): string =>
  `- ${severity}: ${Untrusted.code(clipped(arn, 300))}: ${Untrusted.code(clipped(message, 150))}`
