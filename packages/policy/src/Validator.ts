/**
 * A policy made ready to judge resources, millions of them.
 *
 * @since 0.1.0
 */
import { type Resource, ResourceType } from "@cadastre/model"
import * as DateTime from "effect/DateTime"
import * as KeyCase from "./KeyCase.ts"
import { BoundedCache } from "./BoundedCache.ts"
import type { Exclusion, RequiredTag, Severity, TagPolicy } from "./TagPolicy.ts"
import { foldKey, instantOf } from "./TagPolicy.ts"
import { noProblem, problemOf, tagRule, type TagRule } from "./TagRule.ts"
import type { NotApplicableReason, Verdict } from "./Verdict.ts"
import type { Rule, Violation } from "./Violation.ts"
import * as Vocabulary from "./Vocabulary.ts"
import * as Wildcard from "./Wildcard.ts"

/**
 * What a validator looks at: any `Resource`, or a stored resource's tag state.
 *
 * @since 0.1.0
 */
export type Subject = Pick<Resource, "arn" | "id" | "type" | "accountId" | "region" | "tags" | "marks">

/**
 * A compiled policy. It may be kept and shared; it holds caches of bounded size.
 *
 * @since 0.1.0
 */
export interface Validator {
  /** Judges one resource. Allocates nothing when the resource complies. */
  readonly check: (resource: Subject) => Verdict
  /** The required tags that apply to a type, in policy order. */
  readonly requiredTags: (type: string) => ReadonlyArray<RequiredTag>
  /** Exclusions that have expired: they no longer apply. */
  readonly expiredWaivers: ReadonlyArray<Exclusion>
  /** When the next waiver expires, milliseconds since 1970: compile again then. `Infinity` where none does. */
  readonly validUntil: number
}

const none: readonly [] = Object.freeze<readonly []>([])
const compliant: Verdict = Object.freeze({ _tag: "Compliant", violations: none })
const unknown: Verdict = Object.freeze({ _tag: "Unknown", violations: none })
const notApplicable = (reason: NotApplicableReason): Verdict =>
  Object.freeze({ _tag: "NotApplicable", reason, violations: none })
const nothingRequired = notApplicable("nothing-required")
const marked = {
  "aws-created": notApplicable("aws-created"),
  default: notApplicable("default"),
  deleted: notApplicable("deleted"),
  untaggable: notApplicable("untaggable"),
  unconfirmed: notApplicable("unconfirmed")
} as const

/** The rules that one resource type is judged by. */
interface TypeRules {
  readonly required: ReadonlyArray<TagRule>
  readonly requiredTags: ReadonlyArray<RequiredTag>
  /** Whether the type counts in the score. */
  readonly scored: boolean
  /** Whether keys of this type are compared without regard to case. */
  readonly fold: boolean
}

/** What a key is, whatever resource it is on. */
interface KeyFacts {
  readonly folded: string
  /** AWS's own key (`aws:…`): exempt from rules about keys. */
  readonly reserved: boolean
  /** The pattern that prohibits it. */
  readonly prohibitedBy: string | undefined
  /** What the naming rules have against it. */
  readonly illNamed: string | undefined
  /** The policy's tag that it would be, but for its case. */
  readonly miscased: string | undefined
  /** There is nothing to say about it. */
  readonly clean: boolean
}

/** More types than AWS has: only hostile input gets here. */
const maxTypes = 4096

const aKeyWithoutSpecials = /^[\p{L}\p{M}\p{N}_.:/-]*$/u

/**
 * Compiles a policy.
 *
 * `now` (milliseconds since 1970; the system clock by default) decides which
 * waivers have expired: compile again when one more has, see `validUntil`.
 *
 * For each resource, in this order:
 *
 * 1. A mark (`aws-created`, `default`, `deleted`, `untaggable`, `unconfirmed`) or an unexpired waiver: `NotApplicable`.
 * 2. Tags are unknown: `Unknown`, or `NotApplicable` where nothing is required of the type anyway.
 * 3. Each required tag, in policy order, gives at most one violation: `missing_required_tag` or `wrong_key_case`;
 *    else `empty_value`; else `invalid_value`; else `invalid_format`. The key is looked for under its name, then under
 *    its aliases; without regard to case when the policy or the service (IAM) says so, the exact spelling first.
 * 4. Optional tags that are there: the same checks of the value, as warnings.
 * 5. Prohibited keys (errors), then naming rules (warnings): each in code unit order of the keys. The latter include
 *    keys that differ from one of the policy's in case only.
 *
 * Keys beginning with `aws:` are AWS's own. They are exempt from step 5 and count as a tag of the policy only when it
 * spells them exactly so.
 *
 * @throws TypeError when a regex of the policy does not compile, which `PolicyFile.load` and the Schema rule out
 * @since 0.1.0
 */
export const compile = (policy: TagPolicy, options?: { readonly now?: number }): Validator => {
  const now = options?.now ?? DateTime.toEpochMillis(DateTime.nowUnsafe())
  const foldAlways = policy.tag_naming_rules?.case_sensitivity === false
  const maxKeyLength = policy.tag_naming_rules?.max_key_length ?? 128
  const maxValueLength = policy.tag_naming_rules?.max_value_length ?? 256
  const specialsAllowed = policy.tag_naming_rules?.allow_special_characters ?? true

  const expiredWaivers = Object.freeze((policy.exclusions ?? []).filter((exclusion) => hasExpired(exclusion, now)))
  const applying = (policy.exclusions ?? []).filter((exclusion) => !hasExpired(exclusion, now))
  const waivers = applying.map((waiver) => ({
    matches: Wildcard.compile(waiver.pattern),
    verdict: Object.freeze<Verdict>({ _tag: "NotApplicable", reason: "waived", waiver, violations: none })
  }))

  const required = policy.required_tags.map((tag) => ({
    tag,
    rule: tagRule(tag, tag.severity ?? "error", tag.aliases ?? [], foldAlways),
    types: new Set((tag.applies_to ?? []).map(Vocabulary.normalise))
  }))
  const optional = (policy.optional_tags ?? []).map((tag) => tagRule(tag, "warning", [], foldAlways))
  const keysOfPolicy = new Set([...required.map(({ rule }) => rule), ...optional].flatMap(({ keys }) =>
    keys.map(({ exact }) => exact)))
  const nameByFolded = new Map([...optional, ...required.map(({ rule }) => rule)].map(({ keys, name }) =>
    [keys[0]!.folded, name]))

  const rulesByType = new Map<string, TypeRules>()
  const rulesOf = (type: string): TypeRules => {
    const known = rulesByType.get(type)
    if (known !== undefined) return known
    const service = ResourceType.serviceOf(type)
    const applicable = required.filter(({ types }) =>
      types.size === 0 || types.has("*") || types.has(type) || types.has(`${service}:*`))
    const rules: TypeRules = {
      required: applicable.map(({ rule }) => rule),
      requiredTags: applicable.map(({ tag }) => tag),
      scored: applicable.length > 0 || required.length === 0,
      fold: foldAlways || KeyCase.isIgnoredBy(service)
    }
    if (rulesByType.size >= maxTypes) rulesByType.clear()
    rulesByType.set(type, rules)
    return rules
  }

  const prohibited = (policy.prohibited_tags ?? []).map((pattern) => ({
    pattern,
    matches: Wildcard.compile(pattern),
    matchesFolded: Wildcard.compile(foldKey(pattern))
  }))
  const factsOf = (key: string, fold: boolean): KeyFacts => {
    const folded = foldKey(key)
    const reserved = folded.startsWith("aws:")
    const prohibitedBy = reserved
      ? undefined
      : prohibited.find(({ matches, matchesFolded }) => fold ? matchesFolded(folded) : matches(key))?.pattern
    const tooLong = isLongerThan(key, maxKeyLength) ? `its key is longer than ${maxKeyLength} characters` : undefined
    const special = specialsAllowed || aKeyWithoutSpecials.test(key)
      ? undefined
      : "its key has characters other than letters, digits and - _ . : /"
    const illNamed = reserved ? undefined : sentence(tooLong, special)
    const miscased = reserved || fold || keysOfPolicy.has(key) ? undefined : nameByFolded.get(folded)
    const clean = prohibitedBy === undefined && illNamed === undefined && miscased === undefined
    return { folded, reserved, prohibitedBy, illNamed, miscased, clean }
  }
  const facts = new BoundedCache<KeyFacts>()
  const foldedFacts = new BoundedCache<KeyFacts>()
  const factsFor = (key: string, fold: boolean): KeyFacts => {
    const cache = fold ? foldedFacts : facts
    const known = cache.get(key)
    if (known !== undefined) return known
    const found = factsOf(key, fold)
    cache.set(key, found)
    return found
  }

  /** The first key, in code unit order, that is `folded` when its case does not matter. */
  const findFolded = (tags: Tags, folded: string, fold: boolean): string | undefined => {
    let found: string | undefined
    for (const key in tags) {
      const known = factsFor(key, fold)
      if (known.folded !== folded || known.reserved || !Object.hasOwn(tags, key)) continue
      if (found === undefined || key < found) found = key
    }
    return found
  }

  const findKey = (tags: Tags, rule: TagRule, fold: boolean): string | undefined => {
    for (const { exact, folded } of rule.keys) {
      if (Object.hasOwn(tags, exact)) return exact
      if (!fold) continue
      const key = findFolded(tags, folded, fold)
      if (key !== undefined) return key
    }
    return undefined
  }

  /** Whether any key or value needs a closer look: the one pass over the tags of a compliant resource. */
  const isRemarkable = (tags: Tags, fold: boolean): boolean => {
    for (const key in tags) {
      const known = factsFor(key, fold)
      if (!known.clean) return true
      if (!known.reserved && isLongerThan(tags[key]!, maxValueLength)) return true
    }
    return false
  }

  const checkKeys = (resource: Subject, tags: Tags, rules: TypeRules, found: Array<Violation>): void => {
    const keys = Object.keys(tags).sort()
    for (const key of keys) {
      const { prohibitedBy } = factsFor(key, rules.fold)
      if (prohibitedBy === undefined) continue
      const message = prohibitedBy === key
        ? `${key} is a prohibited tag`
        : `${key} is a prohibited tag (it matches ${prohibitedBy})`
      found.push(violation(resource, key, "prohibited_tag", "error", message, tags[key]))
    }
    for (const key of keys) {
      const { illNamed, miscased, reserved } = factsFor(key, rules.fold)
      if (reserved) continue
      const value = tags[key]!
      const tooLong = isLongerThan(value, maxValueLength)
        ? `its value is longer than ${maxValueLength} characters`
        : undefined
      const misspelt = miscased === undefined ||
          found.some(({ rule, tag }) => rule === "wrong_key_case" && tag === miscased)
        ? undefined
        : `its key should be written ${miscased}`
      const wrong = sentence(illNamed, misspelt, tooLong)
      if (wrong === undefined) continue
      found.push(violation(resource, key, "naming_rule", "warning", `${key}: ${wrong}`, value,
        misspelt === undefined ? undefined : miscased))
    }
  }

  const check = (resource: Subject): Verdict => {
    if (resource.marks !== undefined) return marked[resource.marks[0]]
    for (const waiver of waivers) if (waiver.matches(resource.arn)) return waiver.verdict
    const rules = rulesOf(resource.type)
    const { tags } = resource
    if (tags === null) return rules.scored ? unknown : nothingRequired
    const { fold } = rules
    let found: Array<Violation> | undefined
    for (const rule of rules.required) {
      const key = findKey(tags, rule, fold)
      if (key === undefined) {
        const other = findFolded(tags, rule.keys[0]!.folded, fold)
        found ??= []
        found.push(
          other === undefined
            ? violation(resource, rule.name, "missing_required_tag", rule.severity,
              `the required tag ${rule.name} is missing`)
            : violation(resource, rule.name, "wrong_key_case", rule.severity,
              `the required tag ${rule.name} is written ${other}, which is another key for AWS`, tags[other],
              rule.name)
        )
        continue
      }
      const problem = problemOf(rule, tags[key]!, foldAlways)
      if (problem !== noProblem) {
        found ??= []
        found.push(violation(resource, rule.name, problem.rule, rule.severity, problem.message, tags[key], problem.expected))
      }
    }
    for (const rule of optional) {
      const key = findKey(tags, rule, fold)
      if (key === undefined) continue
      const problem = problemOf(rule, tags[key]!, foldAlways)
      if (problem !== noProblem) {
        found ??= []
        found.push(violation(resource, rule.name, problem.rule, rule.severity, problem.message, tags[key], problem.expected))
      }
    }
    if (isRemarkable(tags, fold)) {
      found ??= []
      checkKeys(resource, tags, rules, found)
    }
    if (found === undefined || found.length === 0) return rules.scored ? compliant : nothingRequired
    return rules.scored
      ? { _tag: "Checked", compliant: found.every(({ severity }) => severity === "warning"), violations: found }
      : { _tag: "NotApplicable", reason: "nothing-required", violations: found }
  }

  return { check, requiredTags: (type) => rulesOf(ResourceType.normalise(type)).requiredTags, expiredWaivers, validUntil: Math.min(...applying.map(expiryOf)) }
}

type Tags = NonNullable<Subject["tags"]>

const hasExpired = (exclusion: Exclusion, now: number): boolean => expiryOf(exclusion) <= now

const expiryOf = ({ expires }: Exclusion): number =>
  expires === undefined || expires === null ? Number.POSITIVE_INFINITY : instantOf(expires)

/** In code points, as AWS counts. */
const isLongerThan = (text: string, max: number): boolean => {
  if (text.length <= max) return false
  let count = 0
  for (const _ of text) if (++count > max) return true
  return false
}

const sentence = (...parts: ReadonlyArray<string | undefined>): string | undefined => {
  const said = parts.filter((part) => part !== undefined)
  return said.length === 0 ? undefined : said.join("; ")
}

/** Without spreading: what is written here is written for each of millions of violations. */
const violation = (
  { accountId, arn, id: resourceId, region, type: resourceType }: Subject,
  tag: string,
  rule: Rule,
  severity: Severity,
  message: string,
  currentValue?: string,
  expected?: string
): Violation =>
  currentValue === undefined
    ? expected === undefined
      ? { arn, resourceId, resourceType, accountId, region, tag, rule, severity, message }
      : { arn, resourceId, resourceType, accountId, region, tag, rule, severity, expected, message }
    : expected === undefined
    ? { arn, resourceId, resourceType, accountId, region, tag, rule, severity, currentValue, message }
    : { arn, resourceId, resourceType, accountId, region, tag, rule, severity, currentValue, expected, message }
