/**
 * Tag policies of AWS Organizations: read, merged, explained, and converted from and to the native format.
 *
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type TagPolicy, Vocabulary } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AwsTypeNames from "./AwsTypeNames.ts"
import { maxPolicyLength, parse } from "./AwsTagPolicyDocument.ts"
import { type EffectivePolicy, merge } from "./AwsTagPolicyMerge.ts"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { Draft, type DraftTag } from "./Draft.ts"
import { ofWildcards, wildcardsOf } from "./WholeValue.ts"

/** @since 0.1.0 */
export { type AwsTagPolicyDocument, maxPolicyLength, parse } from "./AwsTagPolicyDocument.ts"
/** @since 0.1.0 */
export {
  type Decision,
  differences,
  type EffectivePolicy,
  type EffectiveTag,
  explain,
  type Level,
  merge,
  type Merged,
  type Origin,
  type Remark
} from "./AwsTagPolicyMerge.ts"

/**
 * A native policy, and what AWS does besides judging: `enforcedFor` has, by tag key, the resource types for which AWS
 * refuses values that do not comply. It requires nothing and so is no part of the policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Imported {
  readonly policy: TagPolicy
  readonly enforcedFor: Readonly<Record<string, ReadonlyArray<string>>>
}

const Effective = Schema.Struct({
  tags: Schema.optionalKey(Schema.Record(
    Schema.String,
    Schema.Struct({
      tag_key: Schema.optionalKey(Schema.String),
      tag_value: Schema.optionalKey(Schema.Array(Schema.String)),
      enforced_for: Schema.optionalKey(Schema.Array(Schema.String)),
      report_required_tag_for: Schema.optionalKey(Schema.Array(Schema.String))
    })
  ))
})

const decodeEffective = Schema.decodeUnknownResult(Effective)

/**
 * Reads an effective policy, as `DescribeEffectivePolicy` gives it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parseEffective = Effect.fn("AwsTagPolicy.parseEffective")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<EffectivePolicy, PolicyError> {
  const document = PolicyDocument.read(text)
  const decoded = document.issues.length > 0 ? undefined : decodeEffective(document.value)
  if (decoded === undefined || Result.isFailure(decoded)) {
    const wrong = decoded === undefined
      ? document.issues
      : [document.issueAt([], "value", `it is no effective tag policy: ${decoded.failure.message.replace(/\s+/gu, " ")}`)]
    return yield* failure(options.source, wrong)
  }
  const tags = Object.entries(decoded.success.tags ?? {}).map(([key, tag]) =>
    [key.toLowerCase(), { ...tag, tag_key: tag.tag_key ?? key.toLowerCase() }] as const)
  return { tags: Object.fromEntries(tags) }
})

/**
 * Converts an effective policy.
 *
 * A tag that is reported as missing for some types (`report_required_tag_for`) is required of these, any other tag is
 * optional. Values with a `*` become a regular expression; `*` alone is no limit.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromEffective = (effective: EffectivePolicy): Conversion<Imported> => {
  const draft = new Draft()
  const enforcedFor: Array<readonly [string, ReadonlyArray<string>]> = []
  for (const { enforced_for = [], report_required_tag_for = [], tag_key, tag_value = [] } of Object.values(effective.tags)) {
    draft.add({ name: tag_key, ...valuesFrom(tag_value), types: typesFrom(report_required_tag_for) })
    if (enforced_for.length > 0) enforcedFor.push([tag_key, enforced_for])
  }
  const { dropped, result } = draft.finish()
  return { result: { policy: result, enforcedFor: Object.fromEntries(enforcedFor) }, dropped }
}

const valuesFrom = (values: ReadonlyArray<string>): Pick<DraftTag, "values" | "regex"> =>
  values.length === 0 || values.includes("*")
    ? {}
    : values.some((value) => value.includes("*"))
    ? { regex: ofWildcards(values) }
    : { values }

const typesFrom = (types: ReadonlyArray<string>): ReadonlyArray<string> | undefined =>
  types.length === 0
    ? undefined
    : AwsTypeNames.everyService.every((service) => types.includes(service))
    ? []
    : types.map(AwsTypeNames.fromAws)

const isEffective = (value: unknown): boolean => {
  const decoded = decodeEffective(value)
  return Result.isSuccess(decoded) &&
    Object.values(decoded.success.tags ?? {}).some((tag) => Object.values(tag).some((setting) => setting !== undefined))
}

/**
 * Converts the text of one tag policy, as if it were the only one: what it appends is all there is. Takes an effective
 * policy as well.
 *
 * Fails with all that AWS would not take, each with line and column.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("AwsTagPolicy.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<Imported>, PolicyError> {
  if (isEffective(PolicyDocument.read(text).value)) return fromEffective(yield* parseEffective(text, options))
  const document = yield* parse(text, options)
  const { effective, remarks } = merge([{ target: "itself", policies: [document] }])
  const { dropped, result } = fromEffective(effective)
  const controls = [document, ...document.tags, ...document.tags.flatMap(({ settings }) => Object.values(settings))]
    .flatMap(({ allowed }) => allowed === undefined ? [] : [allowed])
  return {
    result,
    dropped: [
      ...dropped,
      ...controls.map(({ line }): Dropped => ({
        what: `@@operators_allowed_for_child_policies in line ${line}`,
        why: "a native policy has no policies below it"
      })),
      ...remarks.map(({ by, key, operator, setting, values }): Dropped => ({
        what: `${key}.${setting}: ${operator} ${JSON.stringify(values)} in line ${by.line}`,
        why: "it changes nothing in this policy alone"
      }))
    ]
  }
})

interface Out {
  readonly name: string
  values: ReadonlyArray<string>
  required: ReadonlyArray<string>
  readonly enforced: ReadonlyArray<string>
}

const can = {
  optionalTags: true,
  types: true,
  regexes: true,
  aliases: false,
  severities: false,
  namingRules: false,
  prohibitedTags: false,
  descriptions: false,
  exclusions: false
}

/**
 * Writes a native policy as a tag policy: required tags are reported as missing for their types, optional ones have a
 * key and values. Nothing is enforced unless `enforcedFor` says so, by tag key.
 *
 * The text keeps below 10,000 characters: where it would not, types are widened to `service:ALL_SUPPORTED`, then
 * values and at last tags are left out, the last first; `dropped` says which.
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (
  policy: TagPolicy,
  options: { readonly enforcedFor?: Readonly<Record<string, ReadonlyArray<string>>> } = {}
): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "a tag policy", can)]
  const drop = (what: string, why: string) => void dropped.push({ what, why })
  const tags: Array<Out> = []
  const all = [
    ...policy.required_tags.map((tag) => ({ tag, required: requiredOf(tag.applies_to) })),
    ...(policy.optional_tags ?? []).map((tag) => ({ tag, required: [] }))
  ]
  for (const { required, tag } of all) {
    const what = `the tag ${tag.name}`
    if (tags.some(({ name }) => name.toLowerCase() === tag.name.toLowerCase())) {
      drop(what, "a tag policy has one key in all of its cases")
      continue
    }
    if (tag.name.startsWith("@@")) {
      drop(what, "what begins with @@ is an operator in a tag policy")
      continue
    }
    const wildcards = typeof tag.validation_regex === "string" ? wildcardsOf(tag.validation_regex) : undefined
    const listed = tag.allowed_values ?? []
    if (tag.validation_regex && (wildcards === undefined || listed.length > 0)) {
      drop(`${what}: validation_regex`, "a tag policy has no regular expressions")
    }
    // A list with one value less would refuse what the policy allows.
    const values = listed.length > 0 ? listed : wildcards ?? []
    const why = listed.some((value) => value.includes("*"))
      ? "* stands for anything in a tag policy"
      : values.some((value) => value.length > 256)
      ? "a value of a tag policy has 256 characters at most"
      : undefined
    if (why !== undefined) drop(`${what}: its values`, why)
    const enforced = options.enforcedFor !== undefined && Object.hasOwn(options.enforcedFor, tag.name)
      ? options.enforcedFor[tag.name]!
      : []
    tags.push({ name: tag.name, values: why === undefined ? values : [], required, enforced })
  }
  return { result: fit(tags, drop), dropped }
}

const requiredOf = (appliesTo: ReadonlyArray<string> | null | undefined): ReadonlyArray<string> => {
  const types = (appliesTo ?? []).map(Vocabulary.normalise)
  return types.length === 0 || types.includes("*") ? AwsTypeNames.everyService : [...new Set(types.map(AwsTypeNames.toAws))]
}

const fit = (tags: Array<Out>, drop: (what: string, why: string) => void): string => {
  const because = `the policy would have more than ${maxPolicyLength} characters`
  const lengthOf = (tag: Out) => JSON.stringify(documentOf([tag])).length - JSON.stringify(documentOf([])).length + 1
  let length = tags.reduce((sum, tag) => sum + lengthOf(tag), JSON.stringify(documentOf([])).length)
  const change = (tag: Out, how: () => void) => {
    const before = lengthOf(tag)
    how()
    length -= before - lengthOf(tag)
  }
  for (const tag of tags.toReversed()) {
    if (length <= maxPolicyLength) break
    const widened = [...new Set(tag.required.map((type) => `${type.slice(0, type.indexOf(":"))}:ALL_SUPPORTED`))]
    if (JSON.stringify(widened).length >= JSON.stringify(tag.required).length) continue
    drop(`the tag ${tag.name}: its types`, `${because}: it has all types of their services instead`)
    change(tag, () => void (tag.required = widened))
  }
  for (const tag of tags.toReversed()) {
    if (length <= maxPolicyLength) break
    if (tag.values.length === 0) continue
    drop(`the tag ${tag.name}: its values`, because)
    change(tag, () => void (tag.values = []))
  }
  while (length > maxPolicyLength) {
    const last = tags.pop()
    if (last === undefined) break
    drop(`the tag ${last.name}`, because)
    length -= lengthOf(last)
  }
  const text = JSON.stringify(documentOf(tags), null, 2)
  return `${text.length < maxPolicyLength ? text : JSON.stringify(documentOf(tags))}\n`
}

const documentOf = (tags: ReadonlyArray<Out>) => {
  const assign = <A>(value: A) => ({ "@@assign": value })
  const list = (name: string, values: ReadonlyArray<string>) => values.length === 0 ? {} : { [name]: assign(values) }
  return {
    tags: Object.fromEntries(tags.map(({ enforced, name, required, values }) => [name.toLowerCase(), {
      tag_key: assign(name),
      ...list("tag_value", values),
      ...list("enforced_for", enforced),
      ...list("report_required_tag_for", required)
    }]))
  }
}

export { fromText as import, toText as export }
