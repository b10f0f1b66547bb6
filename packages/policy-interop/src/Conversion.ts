/**
 * What every conversion gives: its result, and what the other format has no words for.
 *
 * @since 0.1.0
 */
import { PolicyError, type PolicyIssue, type TagPolicy } from "@cadastre/policy"
import * as Arr from "effect/Array"

/**
 * Something that the result does not say.
 *
 * - `what`: a part of the policy that was converted, such as `required_tags Owner: validation_regex`
 * - `why`: why the result does not have it, or what it has instead
 *
 * @since 0.1.0
 * @category models
 */
export interface Dropped {
  readonly what: string
  readonly why: string
}

/**
 * The result of a conversion, and all that it does not say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversion<A> {
  readonly result: A
  readonly dropped: ReadonlyArray<Dropped>
}

/** What a format can say of a native policy. */
export interface Expresses {
  readonly optionalTags: boolean
  readonly types: boolean
  readonly regexes: boolean
  readonly aliases: boolean
  readonly severities: boolean
  readonly namingRules: boolean
  readonly prohibitedTags: boolean
  readonly descriptions: boolean
  readonly exclusions: boolean
}

/** The parts of a policy that a format has no words for. */
export const inexpressible = (policy: TagPolicy, format: string, can: Expresses): ReadonlyArray<Dropped> => {
  const dropped: Array<Dropped> = []
  const no = (what: string, why: string) => void dropped.push({ what, why: `${format} ${why}` })
  for (const key of ["version", "last_updated", "description", "metadata"] as const) {
    if (policy[key] !== undefined) no(key, "has no place for it")
  }
  for (const tag of policy.required_tags) {
    const at = `required_tags ${tag.name}`
    if (!can.descriptions && tag.description) no(`${at}: description`, "has no place for it")
    if (!can.regexes && tag.validation_regex) no(`${at}: validation_regex`, "has no regular expressions")
    if (!can.aliases && (tag.aliases ?? []).length > 0) no(`${at}: aliases`, "knows one key for a tag")
    if (!can.severities && tag.severity === "warning") no(`${at}: severity`, "knows no warnings: the tag is required")
    if (!can.types && (tag.applies_to ?? []).length > 0) no(`${at}: applies_to`, "asks it of every type")
  }
  for (const tag of policy.optional_tags ?? []) {
    const at = `optional_tags ${tag.name}`
    if (!can.optionalTags) no(at, "has no tags that may be absent")
    else {
      if (!can.descriptions && tag.description) no(`${at}: description`, "has no place for it")
      if (!can.regexes && tag.validation_regex) no(`${at}: validation_regex`, "has no regular expressions")
    }
  }
  if (!can.namingRules && policy.tag_naming_rules !== undefined) {
    no("tag_naming_rules", "has no rules for how keys and values are written")
  }
  if (!can.prohibitedTags) {
    for (const pattern of policy.prohibited_tags ?? []) no(`prohibited_tags ${pattern}`, "prohibits no keys")
  }
  if (!can.exclusions) {
    for (const { pattern } of policy.exclusions ?? []) no(`exclusions ${pattern}`, "has no waivers by ARN")
  }
  return dropped
}

/** All problems of a text, in order. */
export const failure = (source: string, issues: ReadonlyArray<PolicyIssue>): PolicyError => {
  const inOrder = issues.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, 1000)
  return new PolicyError({
    source,
    issues: Arr.isArrayNonEmpty(inOrder) ? inOrder : [{ line: 1, column: 1, path: "", message: "cannot be read" }]
  })
}
