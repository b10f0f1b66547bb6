/**
 * Variables of Steampipe's and Powerpipe's AWS tags mod.
 *
 * @see https://hub.steampipe.io/mods/turbot/aws_tags/variables
 * @since 0.1.0
 */
import type { PolicyError, TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { Draft, type DraftTag } from "./Draft.ts"
import * as Hcl from "./Hcl.ts"
import { ofWildcards, wildcardsOf } from "./WholeValue.ts"

const can = {
  optionalTags: true,
  types: false,
  regexes: true,
  aliases: false,
  severities: false,
  namingRules: false,
  prohibitedTags: true,
  descriptions: false,
  exclusions: false
}

/**
 * Writes a variable file (`*.spvars`, `*.ppvars`): `mandatory_tags`, `expected_tag_values` in the wildcards of SQL,
 * `prohibited_tags`. The mod asks all of every type.
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "the mod", can)]
  const values: Array<string> = []
  for (const { allowed_values, name, validation_regex } of [...policy.required_tags, ...policy.optional_tags ?? []]) {
    const wildcards = typeof validation_regex === "string" ? wildcardsOf(validation_regex) : undefined
    const listed = allowed_values ?? []
    if (validation_regex && (wildcards === undefined || listed.length > 0)) {
      dropped.push({ what: `the tag ${name}: validation_regex`, why: "the mod has no regular expressions" })
    }
    const patterns = listed.length > 0
      ? listed.map(likeOf)
      : (wildcards ?? []).map((value) => value.split("*").map(likeOf).join("%"))
    if (patterns.length > 0) values.push(`  ${Hcl.quote(name)} = ${Hcl.list(patterns)}\n`)
  }
  const optional = (policy.optional_tags ?? []).filter(({ allowed_values, validation_regex }) =>
    (allowed_values ?? []).length === 0 && (typeof validation_regex !== "string" || wildcardsOf(validation_regex) === undefined))
  for (const { name } of optional) {
    dropped.push({ what: `optional_tags ${name}`, why: "the mod knows optional tags by their values only" })
  }
  const prohibited = (policy.prohibited_tags ?? []).filter((pattern) => {
    if (pattern.includes("*")) dropped.push({ what: `prohibited_tags ${pattern}`, why: "the mod prohibits whole keys only" })
    return !pattern.includes("*")
  })
  const lines = [
    `mandatory_tags = ${Hcl.list(policy.required_tags.map(({ name }) => name))}\n`,
    `expected_tag_values = {\n${values.join("")}}\n`,
    `prohibited_tags = ${Hcl.list(prohibited)}\n`
  ]
  return { result: lines.join("\n"), dropped }
}

/** A text as a pattern of SQL's `like` that matches only it. */
const likeOf = (text: string): string => text.replace(/[\\%_]/gu, "\\$&")

/** A pattern of `like` as one with `*`; `undefined` where `*` cannot say it. */
const wildcardOf = (like: string): { readonly text: string; readonly wild: boolean } | undefined => {
  const parts = [""]
  for (let at = 0; at < like.length; at++) {
    if (like[at] === "_") return undefined
    if (like[at] === "%") parts.push("")
    else parts[parts.length - 1] += like[at] === "\\" ? like[++at] ?? "" : like[at]!
  }
  if (parts.length === 1) return { text: parts[0]!, wild: false }
  return parts.length > 2 || parts.some((part) => part.includes("*")) ? undefined : { text: parts.join("*"), wild: true }
}

/**
 * Reads a variable file. Keys that are mandatory are required of all types, others with expected values are optional.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("Steampipe.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const items = Hcl.parse(text)
  if ("message" in items) return yield* failure(options.source, [items])
  const draft = new Draft()
  const mandatory: Array<string> = []
  const expected = new Map<string, Pick<DraftTag, "values" | "regex">>()
  const issues: Array<{ readonly line: number; readonly column: number; readonly path: string; readonly message: string }> = []
  for (const item of items) {
    if (item._tag === "Block") {
      draft.drop(`the block ${item.name}`, "a variable file has no blocks")
      continue
    }
    const { column, line, name, value } = item
    const texts = textsOf(value)
    if (name === "expected_tag_values" && value._tag === "Map") {
      for (const [key, patterns] of value.entries) {
        const likes = textsOf(patterns)
        if (likes === undefined) {
          issues.push({ line, column, path: name, message: `${name}: ${JSON.stringify(key)} must be a list of texts` })
        } else expected.set(key, valuesFrom(key, likes, draft))
      }
    } else if (name === "mandatory_tags" && texts !== undefined) mandatory.push(...texts)
    else if (name === "prohibited_tags" && texts !== undefined) {
      for (const key of texts) {
        if (key.includes("*")) draft.drop(`prohibited_tags ${key}`, "* stands for anything in a native policy")
        else draft.prohibit(key)
      }
    } else if (/^(?:expected_tag_values|mandatory_tags|prohibited_tags)$/u.test(name)) {
      const message = `${name} must be a ${name.startsWith("expected") ? "map" : "list"} of texts`
      issues.push({ line, column, path: name, message })
    } else draft.drop(`the variable ${name}`, "a native policy has nothing like it")
  }
  if (issues.length > 0) return yield* failure(options.source, issues)
  for (const name of new Set(mandatory)) draft.add({ name, ...expected.get(name), types: [] })
  for (const [name, values] of expected) if (!mandatory.includes(name)) draft.add({ name, ...values })
  return draft.finish()
})

const textsOf = (value: Hcl.Hcl): ReadonlyArray<string> | undefined => {
  if (value._tag !== "List") return undefined
  const texts = value.items.flatMap((item) => item._tag === "Text" ? [item.text] : [])
  return texts.length === value.items.length ? texts : undefined
}

const valuesFrom = (name: string, likes: ReadonlyArray<string>, draft: Draft): Pick<DraftTag, "values" | "regex"> => {
  const read = likes.map(wildcardOf)
  const known = read.filter((value) => value !== undefined)
  if (known.length < read.length) {
    draft.drop(`the tag ${name}: its values`, "they have wildcards of SQL that a native policy has not")
    return {}
  }
  if (known.every(({ wild }) => !wild)) return { values: known.map(({ text }) => text) }
  if (known.some(({ text, wild }) => !wild && text.includes("*"))) {
    draft.drop(`the tag ${name}: its values`, "they have a * beside wildcards")
    return {}
  }
  return { regex: ofWildcards(known.map(({ text }) => text)) }
}

export { fromText as import, toText as export }
