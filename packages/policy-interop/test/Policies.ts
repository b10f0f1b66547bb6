/** Policies at random, with texts that no format likes. */
import { type TagPolicy, Vocabulary } from "@cadastre/policy"
import * as fc from "fast-check"

/** Quotes, line breaks, templates of HCL, and what is special in YAML, SQL, Rego and regular expressions. */
const nasty = [
  "\"", "'", "\\", "\n", "\r", "\t", "${", "%{", "$${", "$$${", "%%{", "{{", "}}", "{0}", "#", "//", "/*", ": ", "- ", "&a", "*", "!x", "|", ">",
  "@", "`", "%", "_", ",", "[", "]", "(", ")", "^", "$", ".", ".*", "?", "+", "~", "null", "true", "yes", "1e3", "0x1", "007", "2026-01-01",
  "__proto__", "constructor", "é", "ß", "İ", "日本", "🏷", "\u2028", "\u0000", "\u0085", "\uFEFF", "\uE000", " ", "a", "B", "prod", "tag:", "aws:", "=", "policy := {"
] as const

export const hostile = (maxLength: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...nasty), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 20 }) },
    { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _.:/=+@-]{0,20}$/u) }
  ).map((text) => text.toWellFormed().slice(0, maxLength).toWellFormed()).filter((text) => /\S/u.test(text))

const regexes = ["^CC-[0-9]{4}$", "[a-z]+", "a|b", "^a|b$", "^(?:x|y)$", "\\d{2,}", "^$", "^[^|]+$", "(?i)prod", "\\$\\{x\\}", "^\"q\"$", "^[]a]+$", "^\\Qa|b\\E$", "\\pL+", "\\\\$", "^(a)|(b)$"]

const wildcards = ["^(?:100|200.*)$", "^(?:.*-prod)$", "^(?:a\\.b|c.*d)$", "^(?:x\\$\\{|y.*)$"]

const tagRules = {
  allowed_values: fc.option(fc.uniqueArray(hostile(40), { maxLength: 4 })),
  validation_regex: fc.option(fc.constantFrom(...regexes, ...wildcards)),
  description: hostile(30)
}

const types = fc.oneof(
  fc.constantFrom(...Vocabulary.types),
  fc.constantFrom(...Vocabulary.services).map((service) => `${service}:*`),
  fc.constant("*")
)

/** Each tag has values or an expression, as both would have to agree; keys are unlike each other in lower case. */
export const policies: fc.Arbitrary<TagPolicy> = fc.record({
  keys: fc.uniqueArray(hostile(60), { minLength: 12, maxLength: 12, selector: (key) => key.toLowerCase() }),
  required: fc.array(
    fc.record({ ...tagRules, applies_to: fc.option(fc.uniqueArray(types, { maxLength: 4 })), severity: fc.constantFrom("error" as const, "warning" as const) }),
    { maxLength: 5 }
  ),
  optional: fc.array(fc.record(tagRules), { maxLength: 3 }),
  prohibited: fc.uniqueArray(hostile(30), { maxLength: 3 }),
  naming: fc.option(fc.record({
    case_sensitivity: fc.boolean(),
    allow_special_characters: fc.boolean(),
    max_key_length: fc.integer({ min: 1, max: 128 })
  }), { nil: undefined })
}).map(({ keys, naming, optional, prohibited, required }) => {
  const tag = <A extends { readonly allowed_values: ReadonlyArray<string> | null; readonly validation_regex: string | null }>(rules: A, at: number) => ({
    ...rules,
    name: keys[at]!,
    ...(rules.allowed_values?.length ? { validation_regex: null } : {})
  })
  // A pattern that prohibits a tag of the policy is no policy.
  const names = new Set(keys.map((key) => key.toLowerCase()))
  const bans = prohibited.filter((pattern) => !pattern.includes("*") && !names.has(pattern.toLowerCase()))
  return {
    version: "1.0",
    required_tags: required.map((rules, at) => ({ ...tag(rules, at), ...(at === 0 ? { aliases: [keys[11]!] } : {}) })),
    optional_tags: optional.map((rules, at) => tag(rules, required.length + at)),
    prohibited_tags: bans,
    ...(naming === undefined ? {} : { tag_naming_rules: naming }),
    exclusions: [{ pattern: "arn:aws:s3:::legacy-*", reason: "old" }]
  }
})

/** A tag without what has no effect, lists as sets. */
export const sortedPolicy = ({ optional_tags, prohibited_tags, required_tags, tag_naming_rules }: TagPolicy) => {
  const byName = <A extends { readonly name: string }>(tags: ReadonlyArray<A>) => tags.toSorted((a, b) => a.name < b.name ? -1 : 1)
  const rules = ({ allowed_values, name, validation_regex }: TagPolicy["required_tags"][number]) => ({
    name,
    allowed_values: (allowed_values ?? []).toSorted(),
    validation_regex: validation_regex ?? null
  })
  return {
    required: byName(required_tags).map((tag) => ({
      ...rules(tag),
      applies_to: (tag.applies_to ?? []).toSorted(),
      severity: tag.severity ?? "error",
      aliases: tag.aliases ?? []
    })),
    optional: byName(optional_tags ?? []).map(rules),
    prohibited: (prohibited_tags ?? []).toSorted(),
    naming: tag_naming_rules ?? {}
  }
}
