import { PolicyFile, policyHash, TagPolicy, Vocabulary } from "@cadastre/policy"
import { ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { jsonSchema } from "../src/PolicyJsonSchema.ts"

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
const published: unknown = JSON.parse(read("schema/tag-policy.schema.json"))

const policy: TagPolicy = {
  version: "1",
  required_tags: [
    { name: "A", allowed_values: ["x", "y"], applies_to: ["rds:db", "s3:bucket"] },
    { name: "B", aliases: ["b1", "b2"] }
  ],
  prohibited_tags: ["p", "q"],
  exclusions: [{ pattern: "arn:*", reason: "r", expires: null }]
}

describe("policyHash", () => {
  it("is that of the same demands, however they are written", () => {
    const same: TagPolicy = {
      exclusions: [{ reason: "r", pattern: "arn:*" }],
      prohibited_tags: ["q", "p", "q"],
      tag_naming_rules: { max_key_length: 128, case_sensitivity: true },
      optional_tags: [],
      required_tags: [
        { severity: "error", aliases: ["b1", "b2"], name: "B", validation_regex: null, applies_to: ["*"] },
        { applies_to: ["s3:bucket", "RDS:db-instance"], name: "A", allowed_values: ["y", "x"] }
      ],
      description: "d",
      metadata: { a: 1 },
      last_updated: "2026",
      version: "1"
    }
    assert.strictEqual(policyHash(policy), policyHash(same))
    assert.match(policyHash(policy), /^[0-9a-f]{64}$/u)
  })

  it("is another for other demands", () => {
    const [a, b] = policy.required_tags
    const others: ReadonlyArray<TagPolicy> = [
      { ...policy, version: "2" },
      { ...policy, required_tags: [a!] },
      { ...policy, required_tags: [{ ...a!, severity: "warning" }, b!] },
      { ...policy, required_tags: [{ ...a!, allowed_values: ["x"] }, b!] },
      { ...policy, required_tags: [{ ...a!, validation_regex: "." }, b!] },
      { ...policy, required_tags: [{ ...a!, applies_to: ["rds:db"] }, b!] },
      { ...policy, required_tags: [a!, { ...b!, aliases: ["b2", "b1"] }] },
      { ...policy, required_tags: [a!], optional_tags: [{ name: "B" }] },
      { ...policy, prohibited_tags: ["p"] },
      { ...policy, tag_naming_rules: { case_sensitivity: false } },
      { ...policy, exclusions: [] }
    ]
    assert.strictEqual(new Set([policy, ...others].map(policyHash)).size, others.length + 1)
  })
})

describe("Vocabulary", () => {
  it("has every type of the first catalogue, under its usual name", () => {
    assert.isAtLeast(Vocabulary.types.length, 75)
    assert.strictEqual(new Set(Vocabulary.types).size, Vocabulary.types.length)
    for (const type of Vocabulary.types) {
      assert.isTrue(Schema.is(ResourceType.ResourceType)(type), type)
      assert.strictEqual(ResourceType.normalise(type), type)
    }
  })
})

describe("JSON Schema", () => {
  it("is fresh", () => assert.deepStrictEqual(published, JSON.parse(JSON.stringify(jsonSchema))))

  it("describes every field", () => {
    const undescribed = (node: unknown, path: string): ReadonlyArray<string> =>
      Object.entries(at(node, "properties") ?? {}).flatMap(([key, field]) => [
        ...typeof at(field, "description") === "string" ? [] : [`${path}.${key}`],
        ...undescribed(field, `${path}.${key}`),
        ...undescribed(at(field, "items"), `${path}.${key}[]`)
      ])
    assert.deepStrictEqual(undescribed(published, ""), [])
  })

  it.effect("accepts the samples, and agrees with the Schema on the shape of anything", () =>
    Effect.gen(function*() {
      const sample: unknown = JSON.parse(read("samples/tagging_policy.json"))
      assert.isTrue(accepts(published, sample))
      const fromYaml = yield* PolicyFile.load(read("samples/policy.yaml"), { source: "policy.yaml" })
      assert.isTrue(accepts(published, fromYaml))

      const decodes = Schema.decodeUnknownResult(TagPolicy, { onExcessProperty: "error" })
      const junk = fc.constantFrom<unknown>(null, 1, "", "x", [], {}, true, ["x"], [null], 129, 1.5)
      const paths = leaves(sample)
      let rejected = 0
      const hows = fc.constantFrom("replace", "add", "drop")
      fc.assert(fc.property(fc.constantFrom(...paths), junk, hows, (path, value, how) => {
        const changed = change(sample, path, value, how)
        const schemaSays = decodes(changed)._tag === "Success"
        if (!schemaSays) rejected++
        assert.strictEqual(accepts(published, changed), schemaSays, JSON.stringify({ path, value, how }))
      }), { numRuns: 2000 })
      assert.isAbove(rejected, 100)
    }))
})

const at = (node: unknown, key: PropertyKey): unknown =>
  typeof node === "object" && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined

/** Every place of a value, as paths. */
const leaves = (value: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> => [
  ...path.length === 0 ? [] : [path],
  ...typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
    : []
]

const change = (value: unknown, [key, ...rest]: ReadonlyArray<string>, by: unknown, how: string): unknown => {
  if (key === undefined) return by
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => String(index) === key ? change(item, rest, by, how) : item)
  }
  const entries = Object.entries(Object(value))
  if (rest.length > 0) {
    return Object.fromEntries(entries.map(([name, inner]) =>
      [name, name === key ? change(inner, rest, by, how) : inner]))
  }
  if (how === "drop") return Object.fromEntries(entries.filter(([name]) => name !== key))
  return Object.fromEntries([...entries, [how === "add" ? `${key}2` : key, by]])
}

/** As much of JSON Schema as the published file uses; fails on any other word. */
const accepts = (schema: unknown, value: unknown): boolean =>
  Object.entries(Object(schema)).every(([word, says]) => {
    switch (word) {
      case "$schema":
      case "title":
      case "description":
      case "examples":
        return true
      case "type":
        return says === "array" ? Array.isArray(value)
          : says === "object" ? typeof value === "object" && value !== null && !Array.isArray(value)
          : says === "null" ? value === null
          : says === "integer" ? Number.isInteger(value)
          : typeof value === says
      case "properties":
        return Object.entries(Object(says)).every(([key, inner]) =>
          typeof value !== "object" || value === null || !Object.hasOwn(value, key) || accepts(inner, at(value, key)))
      case "additionalProperties":
        return says !== false || typeof value !== "object" || value === null ||
          Object.keys(value).every((key) => at(at(schema, "properties"), key) !== undefined)
      case "required":
        return typeof value !== "object" || value === null ||
          (says as ReadonlyArray<string>).every((key) => Object.hasOwn(value, key))
      case "items":
        return !Array.isArray(value) || value.every((item) => accepts(says, item))
      case "anyOf":
        return (says as ReadonlyArray<unknown>).some((inner) => accepts(inner, value))
      case "allOf":
        return (says as ReadonlyArray<unknown>).every((inner) => accepts(inner, value))
      case "enum":
        return (says as ReadonlyArray<unknown>).includes(value)
      case "pattern":
        return typeof value !== "string" || new RegExp(String(says), "u").test(value)
      case "minLength":
        return typeof value !== "string" || [...value].length >= Number(says)
      case "maxLength":
        return typeof value !== "string" || [...value].length <= Number(says)
      case "minimum":
        return typeof value !== "number" || value >= Number(says)
      case "maximum":
        return typeof value !== "number" || value <= Number(says)
      default:
        throw new Error(`the published schema uses ${word}, which this test does not know`)
    }
  })
