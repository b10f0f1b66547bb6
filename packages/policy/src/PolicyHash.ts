/** @since 0.1.0 */
import { createHash } from "node:crypto"
import type { OptionalTag, TagPolicy } from "./TagPolicy.ts"
import * as Vocabulary from "./Vocabulary.ts"

/**
 * SHA-256 (64 hex digits) of what a policy demands: equal for policies that
 * judge every resource alike because they differ only in spelling (order,
 * defaults written out, type aliases) or in annotations (`$schema`, `metadata`,
 * `last_updated`, descriptions).
 *
 * @since 0.1.0
 */
export const policyHash = (policy: TagPolicy): string => {
  const known = hashes.get(policy)
  if (known !== undefined) return known
  const made = hashOf(policy)
  hashes.set(policy, made)
  return made
}

/** A policy does not change, and is asked for with every answer that comes from a cache. */
const hashes = new WeakMap<TagPolicy, string>()

const hashOf = (policy: TagPolicy): string =>
  createHash("sha256").update(JSON.stringify(canonical({
    version: policy.version,
    required_tags: policy.required_tags.map((tag) => ({
      ...valueRules(tag),
      applies_to: typesOf(tag.applies_to),
      severity: tag.severity ?? "error",
      // Their order decides which one is read.
      aliases: tag.aliases ?? []
    })).sort(byText),
    optional_tags: (policy.optional_tags ?? []).map(valueRules).sort(byText),
    tag_naming_rules: {
      case_sensitivity: true,
      allow_special_characters: true,
      max_key_length: 128,
      max_value_length: 256,
      ...policy.tag_naming_rules
    },
    prohibited_tags: sorted(policy.prohibited_tags),
    exclusions: (policy.exclusions ?? [])
      .map(({ expires, pattern, reason }) => ({ expires: expires ?? undefined, pattern, reason })).sort(byText)
  }))).digest("hex")

const valueRules = ({ allowed_values, name, validation_regex }: OptionalTag) => ({
  name,
  allowed_values: sorted(allowed_values),
  validation_regex: validation_regex ?? undefined
})

/** `*` among other types says the same as no type at all. */
const typesOf = (appliesTo: ReadonlyArray<string> | null | undefined): ReadonlyArray<string> => {
  const types = sorted(appliesTo?.map(Vocabulary.normalise))
  return types.includes("*") ? [] : types
}

const sorted = (values: ReadonlyArray<string> | null | undefined): ReadonlyArray<string> =>
  [...new Set(values ?? [])].sort()

const byText = (a: unknown, b: unknown): number => {
  const [left, right] = [JSON.stringify(canonical(a)), JSON.stringify(canonical(b))]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The same data with the keys of every object in code unit order. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, item]) => [key, canonical(item)])
  )
}
