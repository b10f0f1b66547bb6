/**
 * Arguments as agents write them, read as the schema means them.
 *
 * @since 0.1.0
 */
import { Untrusted } from "@cadastre/report"
import type { StandardSchemaV1, StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { clipped } from "./Budget.ts"

/** As much of a JSON Schema as is looked at here. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: JsonSchema | boolean
}

/**
 * The Standard Schema of a tool's arguments. What is meant is plain from the
 * schema, so it is read leniently: one value where a list is asked and the
 * reverse, lists and objects as text, numbers and switches as text, any case
 * for the values of an enumeration and as much of one as is no other,
 * `resourceTypes` and `resource_type` for `resource_types`, `regions` beside
 * `filters` for `regions` in it, `null` and blank text for what is left out,
 * `Owner=me` and AWS's `[{"Key": "Owner", "Values": ["me"]}]` for what has keys
 * of the caller's own. What is not meant by anything (an unknown key, an unknown
 * value) is an error that names what there is.
 *
 * The JSON Schema says what is best sent: an object and nothing beside it, for
 * there are clients that take no other.
 *
 * @category constructors
 * @since 0.1.0
 */
export const standardSchema = <T, E>(schema: Schema.Codec<T, E>): StandardSchemaWithJSON => {
  const { jsonSchema } = Schema.toStandardJSONSchemaV1(schema)["~standard"]
  const { validate } = Schema.toStandardSchemaV1(schema, { parseOptions: { onExcessProperty: "error" } })["~standard"]
  const asked = jsonSchema.input({ target: "draft-2020-12" }) as JsonSchema
  return {
    "~standard": {
      version: 1,
      vendor: "cadastre",
      jsonSchema: {
        input: (options) => objectSchema(jsonSchema.input(options)),
        output: (options) => objectSchema(jsonSchema.output(options))
      },
      validate: (value) => {
        const issues: Array<StandardSchemaV1.Issue> = []
        const read = readAs(asked, value, [], issues)
        return issues.length > 0 ? { issues } : validate(read)
      }
    }
  }
}

/** What has no fields takes anything: some clients send such a call a field of their own. */
const objectSchema = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { not: _, ...rest } = schema
  return "properties" in rest ? closed(rest) : { ...rest, type: "object", properties: {} }
}

/**
 * The description of a parameter that is taken and that clients are not told of.
 *
 * @category constants
 * @since 0.1.0
 */
export const unlisted = "(unlisted)"

/** Objects with fields have no others. */
const closed = ({ $schema: _, ...schema }: Record<string, unknown>): Record<string, unknown> => ({
  ...schema,
  ...("properties" in schema ? { properties: mapped(schema.properties), additionalProperties: false } : {})
})

const mapped = (properties: unknown): unknown =>
  Predicate.isObject(properties)
    ? Object.fromEntries(
      Object.entries(properties).flatMap(([key, of]) =>
        !Predicate.isObject(of) ? [[key, of]] : "description" in of && of.description === unlisted ? [] : [[key, closed({ ...of })]])
    )
    : properties

type Path = ReadonlyArray<PropertyKey>
type Issues = Array<StandardSchemaV1.Issue>

const readAs = (schema: JsonSchema, value: unknown, path: Path, issues: Issues): unknown => {
  switch (schema.type) {
    case "array": {
      const items = Array.isArray(value) ? value : listOf(value)
      const of = schema.items
      return of === undefined ? items : items.map((item: unknown, at) => readAs(of, item, [...path, at], issues))
    }
    case "object":
      return schema.properties === undefined
        ? recordOf(schema, value, path, issues)
        : structOf(schema, schema.properties, value, path, issues)
    default:
      return scalarOf(schema, Array.isArray(value) && value.length === 1 ? value[0] : value, path, issues)
  }
}

const listOf = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value !== "string") return [value]
  const parsed = parse(value, "[")
  return Array.isArray(parsed) ? parsed : value.split(",").map((item) => item.trim()).filter((item) => item !== "")
}

type Properties = Readonly<Record<string, JsonSchema>>

const structOf = (
  { required = [] }: JsonSchema,
  properties: Properties,
  value: unknown,
  path: Path,
  issues: Issues
): unknown => {
  const given = objectOf(value)
  if (given === undefined) {
    issues.push({ message: `Expected an object with ${Object.keys(properties).join(", ")}`, path: [...path] })
    return value
  }
  const read = new Map<string, unknown>()
  const inner = new Map<string, Array<readonly [key: string, item: unknown]>>()
  for (const [key, item] of Object.entries(given)) {
    if (item === null) continue
    const name = nameOf(properties, key)
    const place = name === undefined ? placeOf(properties, key) : undefined
    if (place !== undefined) inner.set(place, [...inner.get(place) ?? [], [key, item]])
    else if (name === undefined) {
      const valid = Object.keys(properties).join(", ") || "none"
      issues.push({ message: `There is no parameter "${shown(key)}". Valid parameters: ${valid}`, path: [...path] })
    } else if (read.has(name)) {
      issues.push({ message: `The parameter ${name} is given twice`, path: [...path, name] })
    } else if (!isBlank(item) || required.includes(name)) read.set(name, item)
  }
  for (const [place, items] of inner) {
    const there = read.get(place)
    const object = there === undefined ? {} : objectOf(there)
    // What is no object is told of below.
    if (object === undefined) continue
    const twice = items.find(([key]) => Object.hasOwn(object, key))
    if (twice === undefined) read.set(place, { ...object, ...Object.fromEntries(items) })
    else issues.push({ message: `The parameter ${place}.${shown(twice[0])} is given twice`, path: [...path] })
  }
  for (const name of required) {
    if (!read.has(name)) issues.push({ message: missing(properties[name]), path: [...path, name] })
  }
  return Object.fromEntries(
    [...read].map(([name, item]) => [name, readAs(properties[name] ?? {}, item, [...path, name], issues)])
  )
}

const missing = ({ description, enum: values }: JsonSchema = {}): string =>
  `It is missing.${values === undefined ? description === undefined ? "" : ` ${description}` : ` Valid values: ${values.join(", ")}`}`

/** An object, or what stands for one. */
const objectOf = (value: unknown): object | undefined => {
  const given = typeof value === "string" ? parse(value, "{") : value
  return Predicate.isObject(given) ? given : Array.isArray(given) && given.length === 0 ? {} : undefined
}

const nameOf = (properties: Properties, key: string): string | undefined => {
  if (Object.hasOwn(properties, key)) return key
  const names = Object.keys(properties)
  return names.find((name) => fold(name) === fold(key)) ?? names.find((name) => singular(name) === singular(key))
}

/** The one parameter that has this one in it. */
const placeOf = (properties: Properties, key: string): string | undefined => {
  const places = Object.entries(properties).flatMap(([name, of]) =>
    of.properties !== undefined && nameOf(of.properties, key) !== undefined ? [name] : [])
  return places.length === 1 ? places[0] : undefined
}

/** Its keys are the caller's own, and so are its texts: no comma divides them. */
const recordOf = ({ additionalProperties: of }: JsonSchema, value: unknown, path: Path, issues: Issues): unknown => {
  const given = objectOf(value) ?? (typeof of === "object" && of.type === "array" ? pairsOf(value) : undefined)
  if (given === undefined) {
    issues.push({ message: "Expected an object, a value or a list of values for each key", path: [...path] })
    return value
  }
  return typeof of !== "object" ? given : Object.fromEntries(
    Object.entries(given).map(([key, item]) => {
      const whole = of.type === "array" && typeof item === "string" && !item.trimStart().startsWith("[")
      return [key, readAs(of, whole ? [item] : item, [...path, key], issues)]
    })
  )
}

/** `Owner=me`, `Owner` for any value of it, and AWS's own way of writing filters by tags. */
const pairsOf = (value: unknown): object | undefined => {
  const parsed = typeof value === "string" ? parse(value, "[") : value
  const pairs = (Array.isArray(parsed) ? parsed : [parsed]).map(pairOf)
  const all = new Map<string, ReadonlyArray<unknown>>()
  for (const pair of pairs) {
    if (pair === undefined) return undefined
    all.set(pair.key, [...all.get(pair.key) ?? [], ...pair.values])
  }
  return Object.fromEntries(all)
}

const pairOf = (item: unknown): { readonly key: string; readonly values: ReadonlyArray<unknown> } | undefined => {
  if (typeof item === "string") {
    const [, key = "", value = "*"] = /^([^=]+)(?:=(.*))?$/su.exec(item) ?? []
    return key.trim() === "" ? undefined : { key: key.trim(), values: [value] }
  }
  if (!Predicate.isObject(item)) return undefined
  const fields = new Map<string, unknown>(Object.entries(item).map(([name, inner]) => [singular(name), inner]))
  const key = fields.get("key")
  const value = fields.get("value") ?? []
  return typeof key !== "string" || [...fields.keys()].some((name) => name !== "key" && name !== "value")
    ? undefined
    : { key, values: Array.isArray(value) ? value.length === 0 ? ["*"] : value : [value] }
}

const scalarOf = (schema: JsonSchema, value: unknown, path: Path, issues: Issues): unknown => {
  if (schema.enum !== undefined && typeof value === "string") {
    const meant = optionOf(schema.enum, fold(value))
    if (meant !== undefined) return meant
    const valid = schema.enum.join(", ")
    issues.push({ message: `"${shown(value)}" is unknown. Valid values: ${valid}`, path: [...path] })
    return value
  }
  switch (schema.type) {
    case "string":
      return typeof value === "number" ? String(value) : value
    case "boolean":
      return switches.get(String(value).trim().toLowerCase()) ?? value
    case "number":
    case "integer":
      return typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value
    default:
      return value
  }
}

const switches: ReadonlyMap<string, boolean> = new Map(
  [["true", true], ["yes", true], ["on", true], ["1", true], ["false", false], ["no", false], ["off", false], ["0", false]]
)

/** `errors` can mean `errors_only` alone. */
const optionOf = (options: ReadonlyArray<unknown>, meant: string): unknown => {
  const texts = options.filter((option) => typeof option === "string")
  const begun = meant.length < 3 ? [] : texts.filter((option) => fold(option).startsWith(meant))
  return texts.find((option) => fold(option) === meant) ?? (begun.length === 1 ? begun[0] : undefined)
}

const parse = (text: string, opening: string): unknown => {
  if (!text.trimStart().startsWith(opening)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const isBlank = (item: unknown): boolean => typeof item === "string" && item.trim() === ""

const fold = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/gu, "")

const singular = (name: string): string => fold(name).replace(/s$/u, "")

const shown = (text: string): string => Untrusted.visible(clipped(text, 64))
