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
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
}

/**
 * The Standard Schema of a tool's arguments. What is meant is plain from the
 * schema, so it is read leniently: one value where a list is asked and the
 * reverse, lists and objects as text, numbers and switches as text, any case
 * for the values of an enumeration, `resourceTypes` for `resource_types`, `null`
 * for what is left out. What is not meant by anything (an unknown key, an
 * unknown value) is an error that names what there is.
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
      jsonSchema,
      validate: (value) => {
        const issues: Array<StandardSchemaV1.Issue> = []
        const read = readAs(asked, value, [], issues)
        return issues.length > 0 ? { issues } : validate(read)
      }
    }
  }
}

type Path = ReadonlyArray<PropertyKey>

const readAs = (schema: JsonSchema, value: unknown, path: Path, issues: Array<StandardSchemaV1.Issue>): unknown => {
  switch (schema.type) {
    case "array": {
      const items = Array.isArray(value) ? value : listOf(value)
      const of = schema.items
      return of === undefined ? items : items.map((item: unknown, at) => readAs(of, item, [...path, at], issues))
    }
    case "object":
      return objectOf(schema, value, path, issues)
    default:
      return scalarOf(schema, Array.isArray(value) && value.length === 1 ? value[0] : value, path, issues)
  }
}

const listOf = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value !== "string") return [value]
  const parsed = parse(value, "[")
  return Array.isArray(parsed) ? parsed : value.split(",").map((item) => item.trim()).filter((item) => item !== "")
}

const objectOf = (
  schema: JsonSchema,
  value: unknown,
  path: Path,
  issues: Array<StandardSchemaV1.Issue>
): unknown => {
  const given = typeof value === "string" ? parse(value, "{") : value
  const { additionalProperties: of, properties } = schema
  if (!Predicate.isObject(given)) return given
  if (properties === undefined) {
    // Its keys are the caller's own, and so are its texts: no comma divides them.
    return typeof of !== "object" ? given : Object.fromEntries(
      Object.entries(given).map(([key, item]) => {
        const whole = of.type === "array" && typeof item === "string" && !item.trimStart().startsWith("[")
        return [key, readAs(of, whole ? [item] : item, [...path, key], issues)]
      })
    )
  }
  const read = new Map<string, unknown>()
  for (const [key, item] of Object.entries(given)) {
    if (item === null) continue
    const name = Object.hasOwn(properties, key) ? key : Object.keys(properties).find((name) => fold(name) === fold(key))
    if (name === undefined) {
      const valid = Object.keys(properties).join(", ") || "none"
      issues.push({ message: `There is no parameter "${shown(key)}". Valid parameters: ${valid}`, path: [...path] })
    } else if (read.has(name)) {
      issues.push({ message: `The parameter ${name} is given twice`, path: [...path, name] })
    } else read.set(name, readAs(properties[name]!, item, [...path, name], issues))
  }
  return Object.fromEntries(read)
}

const scalarOf = (
  schema: JsonSchema,
  value: unknown,
  path: Path,
  issues: Array<StandardSchemaV1.Issue>
): unknown => {
  if (schema.enum !== undefined && typeof value === "string") {
    const meant = schema.enum.find((option) => typeof option === "string" && fold(option) === fold(value.trim()))
    if (meant !== undefined) return meant
    const valid = schema.enum.join(", ")
    issues.push({ message: `"${shown(value)}" is unknown. Valid values: ${valid}`, path: [...path] })
    return value
  }
  switch (schema.type) {
    case "string":
      return typeof value === "number" ? String(value) : value
    case "boolean":
      return typeof value === "string" && /^\s*(?:true|false)\s*$/iu.test(value) ? /true/iu.test(value) : value
    case "number":
    case "integer":
      return typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value
    default:
      return value
  }
}

const parse = (text: string, opening: string): unknown => {
  if (!text.trimStart().startsWith(opening)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const fold = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/gu, "")

const shown = (text: string): string => Untrusted.visible(clipped(text, 64))
