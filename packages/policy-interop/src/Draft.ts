/**
 * A native policy in the making, of parts that others wrote: what it takes is what `PolicyFile.load` would take.
 */
import { compile, OptionalTag, RequiredTag, type TagPolicy, Vocabulary } from "@cadastre/policy"
import { AccountId, RegionId, ResourceType } from "@cadastre/model"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Conversion, Dropped } from "./Conversion.ts"

/** A tag as another format has it; `types` is there when it is required, and empty for all types. */
export interface DraftTag {
  readonly name: string
  readonly values?: ReadonlyArray<string> | undefined
  readonly regex?: string | undefined
  readonly types?: ReadonlyArray<string> | undefined
}

const decodeRequired = Schema.decodeUnknownResult(RequiredTag)
const decodeOptional = Schema.decodeUnknownResult(OptionalTag)

export class Draft {
  readonly #required: Array<RequiredTag> = []
  readonly #optional: Array<OptionalTag> = []
  readonly #prohibited = new Set<string>()
  readonly #names = new Set<string>()
  readonly dropped: Array<Dropped> = []

  drop(what: string, why: string): void {
    this.dropped.push({ what, why })
  }

  prohibit(pattern: string): void {
    if (/\S/u.test(pattern)) this.#prohibited.add(pattern)
    else this.drop("a prohibited key", "it is empty")
  }

  add({ name, regex, types, values }: DraftTag): void {
    const what = `the tag ${JSON.stringify(name)}`
    if (this.#names.has(name)) return this.drop(what, "it is there already")
    const rules: { allowed_values?: ReadonlyArray<string>; validation_regex?: string } = {}
    if (values !== undefined && values.length > 0) {
      const good = values.filter((value) => /\S/u.test(value))
      if (good.length < values.length) this.drop(`${what}: its empty value`, "an empty value is not a tag")
      if (good.length > 0) rules.allowed_values = [...new Set(good)]
    }
    if (regex !== undefined) {
      if (Result.isFailure(decodeOptional({ name: "x", validation_regex: regex }))) {
        this.drop(`${what}: the pattern ${JSON.stringify(regex)}`, "it is no regular expression that runs in linear time")
      } else if (rules.allowed_values === undefined || allows(regex, rules.allowed_values)) rules.validation_regex = regex
      else this.drop(`${what}: the pattern ${JSON.stringify(regex)}`, "it rejects some of the allowed values")
    }
    if (types === undefined) {
      const tag = decodeOptional({ name, ...rules })
      if (Result.isFailure(tag)) return this.drop(what, "its key is empty or longer than 128 characters")
      this.#names.add(name)
      this.#optional.push(tag.success)
      return
    }
    const known = [...new Set(types.flatMap((type) => {
      const usual = Vocabulary.normalise(type)
      if (isKnown(usual)) return [usual]
      this.drop(`${what}: the type ${JSON.stringify(type)}`, "it is no type that Cadastre knows")
      return []
    }))]
    // What is required of unknown types only must not become required of all.
    if (types.length > 0 && known.length === 0) {
      this.drop(`${what}: that it is required`, "none of the types that it is required of is known")
      return this.add({ name, values, regex })
    }
    const tag = decodeRequired({ name, ...rules, ...(known.length === 0 ? {} : { applies_to: known.toSorted() }) })
    if (Result.isFailure(tag)) return this.drop(what, "its key is empty or longer than 128 characters")
    this.#names.add(name)
    this.#required.push(tag.success)
  }

  finish(): Conversion<TagPolicy> {
    const prohibited = [...this.#prohibited].filter((key) => {
      if (this.#names.has(key)) this.drop(`the prohibited key ${JSON.stringify(key)}`, "it is the key of a tag as well")
      return !this.#names.has(key)
    })
    return {
      result: {
        required_tags: this.#required,
        ...(this.#optional.length === 0 ? {} : { optional_tags: this.#optional }),
        ...(prohibited.length === 0 ? {} : { prohibited_tags: prohibited })
      },
      dropped: this.dropped
    }
  }
}

const isKnown = (type: string): boolean =>
  type === "*" || (type.endsWith(":*")
    ? Vocabulary.services.includes(type.slice(0, -2))
    : Vocabulary.types.includes(type))

/** Whether a pattern accepts all of some values, as the validator would have it. */
const allows = (pattern: string, values: ReadonlyArray<string>): boolean => {
  const { check } = compile({ required_tags: [{ name: "x", validation_regex: pattern }] }, { now: 0 })
  return values.every((value) => check({ ...nobody, tags: { x: value } })._tag === "Compliant")
}

const nobody = {
  arn: "arn:aws:s3:::x",
  id: "x",
  type: ResourceType.ResourceType.make("s3:bucket"),
  accountId: AccountId.make("000000000000"),
  region: RegionId.make("us-east-1")
}

/** The vocabulary's types that a required tag applies to. */
export const typesOf = (appliesTo: ReadonlyArray<string> | null | undefined): ReadonlyArray<string> => {
  const asked = new Set((appliesTo ?? []).map(Vocabulary.normalise))
  return asked.size === 0 || asked.has("*")
    ? Vocabulary.types
    : Vocabulary.types.filter((type) => asked.has(type) || asked.has(`${type.slice(0, type.indexOf(":"))}:*`))
}

/** A list of types as a draft has it: empty where it is all of those that the format knows. */
export const orAll = (types: ReadonlyArray<string>, all: ReadonlyArray<string>): ReadonlyArray<string> => {
  const given = new Set(types)
  return all.every((type) => given.has(type)) ? [] : types
}
