/**
 * What is wrong with a policy file, and where.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One problem of a policy file.
 *
 * - `line`, `column`: of the offending key or value, from 1; columns in UTF-16 code units
 * - `path`: of the same, such as `required_tags[0].name`; empty for the whole file
 * - `message`: what is wrong
 * - `hint`: why, or what to do
 *
 * @since 0.1.0
 */
export const PolicyIssue = Schema.Struct({
  line: Schema.Int,
  column: Schema.Int,
  path: Schema.String,
  message: Schema.String,
  hint: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type PolicyIssue = typeof PolicyIssue.Type

/**
 * A policy file that cannot be used: all its problems, by line and column.
 *
 * `source` is the name of the file, as the caller gave it.
 *
 * @since 0.1.0
 */
export class PolicyError extends Schema.TaggedError<PolicyError>()("PolicyError", {
  source: Schema.String,
  issues: Schema.NonEmptyArray(PolicyIssue)
}) {
  /** One line a problem: `source:line:column: what — why or what to do`. */
  override get message(): string {
    return this.issues.map(({ column, hint, line, message }) =>
      `${this.source}:${line}:${column}: ${message}${hint === undefined ? "" : ` — ${hint}`}`
    ).join("\n")
  }
}
