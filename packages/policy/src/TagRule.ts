/** What a policy says of one tag, ready to judge values. */
import { BoundedCache } from "./BoundedCache.ts"
import * as LinearRegex from "./LinearRegex.ts"
import type { OptionalTag, Severity } from "./TagPolicy.ts"
import { foldKey } from "./TagPolicy.ts"

/** A key of the policy, and how it is compared where case does not matter. */
interface Key {
  readonly exact: string
  readonly folded: string
}

export interface TagRule {
  readonly name: string
  readonly keys: ReadonlyArray<Key>
  readonly severity: Severity
  readonly allowed: ReadonlySet<string> | undefined
  readonly allowedText: string
  readonly regex: LinearRegex.LinearRegex | undefined
  readonly problems: BoundedCache<Problem>
}

/** What is wrong with a value, ready to be told; values repeat a lot, so that this is written once for each. */
export interface Problem {
  readonly rule: "empty_value" | "invalid_value" | "invalid_format"
  readonly message: string
  readonly expected: string | undefined
}

/** Nothing is wrong. A value of its own: what was found out is kept in a cache, where `undefined` means unknown. */
export const noProblem: Problem = Object.freeze<Problem>({ rule: "empty_value", message: "", expected: undefined })

export const tagRule = (
  tag: OptionalTag,
  severity: Severity,
  aliases: ReadonlyArray<string>,
  foldValues: boolean
): TagRule => {
  const allowed = tag.allowed_values ?? []
  const regex = typeof tag.validation_regex === "string" ? LinearRegex.compile(tag.validation_regex) : undefined
  if (typeof regex === "string") throw new TypeError(`validation_regex of ${tag.name} ${regex}`)
  return {
    name: tag.name,
    keys: [tag.name, ...aliases].map((exact) => ({ exact, folded: foldKey(exact) })),
    severity,
    allowed: allowed.length === 0 ? undefined : new Set(foldValues ? allowed.map(foldKey) : allowed),
    allowedText: allowed.join(", "),
    regex,
    problems: new BoundedCache()
  }
}

/** What is wrong with a value; `noProblem` when nothing is. */
export const problemOf = (rule: TagRule, value: string, foldValues: boolean): Problem => {
  // The common rules need no memory: a value that is in the set, a value that is there at all.
  if (rule.regex === undefined && !foldValues && (rule.allowed === undefined || rule.allowed.has(value)) && !isBlank(value)) {
    return noProblem
  }
  const known = rule.problems.get(value)
  if (known !== undefined) return known
  const problem = isBlank(value)
    ? badValue(rule, "empty_value", value)
    : rule.allowed !== undefined && !rule.allowed.has(foldValues ? foldKey(value) : value)
    ? badValue(rule, "invalid_value", value)
    : rule.regex !== undefined && !rule.regex.matches(value)
    ? badValue(rule, "invalid_format", value)
    : noProblem
  rule.problems.set(value, problem)
  return problem
}

/** Not inside the function: each evaluation of a regex literal allocates. */
const anythingVisible = /\S/u

const isBlank = (value: string): boolean => !anythingVisible.test(value)

const badValue = (tag: TagRule, rule: Problem["rule"], value: string): Problem => {
  switch (rule) {
    case "empty_value":
      return { rule, message: `${tag.name} has no value`, expected: tag.allowedText || tag.regex?.pattern }
    case "invalid_value":
      return { rule, message: `${tag.name} is ${quote(value)}, which is not one of its allowed values`, expected: tag.allowedText }
    case "invalid_format":
      return { rule, message: `${tag.name} is ${quote(value)}, which does not match ${tag.regex?.pattern}`, expected: tag.regex?.pattern }
  }
}

const quote = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
