/**
 * The schema of what a tool answers, as clients read it.
 *
 * @since 0.1.0
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import * as Schema from "effect/Schema"

/** As much of a JSON Schema as is looked at here. */
interface JsonSchema {
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: ReadonlyArray<string>
  readonly [key: string]: unknown
}

/**
 * The Standard Schema of an answer. The protocol wants the JSON Schema of one
 * object: where there are several forms of the answer, told apart by `status`, it
 * has the properties of all of them, and those that all have are `required`. It is short, see `brief`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <T, E>(schema: Schema.Codec<T, E>): StandardSchemaWithJSON => {
  const standard = Schema.toStandardJSONSchemaV1(Schema.toStandardSchemaV1(schema))
  const { jsonSchema, ...rest } = standard["~standard"]
  return {
    "~standard": {
      ...rest,
      jsonSchema: {
        input: (options) => brief(oneObject(jsonSchema.input(options))),
        output: (options) => brief(oneObject(jsonSchema.output(options)))
      }
    }
  }
}

const oneObject = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { anyOf: forms, ...rest } = schema as JsonSchema
  if (forms === undefined) return schema
  const status = forms.flatMap(({ properties = {} }) => enumOf(properties.status))
  return {
    ...rest,
    type: "object",
    properties: {
      ...Object.assign({}, ...forms.toReversed().map(({ properties }) => properties)) as Record<string, unknown>,
      status: { type: "string", enum: status }
    },
    required: forms.map(({ required = [] }) => required).reduce((a, b) => a.filter((key) => b.includes(key))),
    additionalProperties: false
  }
}

const enumOf = (status: unknown): ReadonlyArray<unknown> => {
  if (typeof status !== "object" || status === null) return []
  if ("enum" in status && Array.isArray(status.enum)) return status.enum
  return "const" in status ? [status.const] : []
}

/**
 * Without what says little, for each client reads the schemas of all tools, and an assistant pays for them: that a count
 * is not below 0, which fields there always are but of the answer itself, what the parts of its parts are. What is left is true.
 * A part that is there several times is written once, under `$defs`.
 */
const brief = ({ $schema: _, ...schema }: Record<string, unknown>): Record<string, unknown> => {
  const whole = shortened(schema, 0)
  const times = new Map<string, number>()
  countParts(whole, times)
  const names = new Map([...times].filter(([text, count]) => (count - 1) * text.length > worthIt).map(([text], at) => [text, `d${at}`]))
  const { properties, ...rest } = whole
  const shared = [...names].map(([text, name]) => [name, withRefs(JSON.parse(text) as Part, names, text)])
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: mapped(properties as Parts, (part) => withRefs(part, names)) }),
    ...(shared.length === 0 ? {} : { $defs: Object.fromEntries(shared) })
  }
}

type Part = Readonly<Record<string, unknown>>
type Parts = Readonly<Record<string, Part>>

/** A reference takes some characters, too. */
const worthIt = 60

const mapped = (parts: Parts, f: (part: Part) => Part): Parts =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, f(part)]))

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null && !Array.isArray(value)

/** A schema whose parts, wherever they are, are something else. */
const over = (schema: Part, f: (part: Part, isField: boolean) => Part): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === "properties") return [key, mapped(value as Parts, (part) => f(part, true))]
      if (key === "anyOf") return [key, (value as ReadonlyArray<Part>).map((part) => f(part, false))]
      return [key, (key === "items" || key === "additionalProperties") && isPart(value) ? f(value, false) : value]
    })
  )

/** Where an object is in so many others, what it has is for who reads it to see. */
const deepest = 2

/** What is said in words is not said in fields as well. */
const isTold = ({ description, type }: Part): boolean => type === "object" && description !== undefined

/** `depth`: in so many objects it is. */
const shortened = (schema: Part, depth: number): Record<string, unknown> => {
  if (depth >= deepest && schema["type"] === "object") return { type: "object" }
  if (depth > 0 && isTold(schema)) return { type: "object", description: schema["description"] }
  const { anyOf: forms, description, maximum, minimum, pattern: _, required, ...rest } = depth > 1 ? without(schema, "enum") : schema
  const { additionalProperties, ...others } = rest
  return {
    ...over(others, (part, isField) => shortened(part, isField ? depth + 1 : depth)),
    ...(isPart(additionalProperties) ? { additionalProperties: shortened(additionalProperties, depth + 1) } : {}),
    ...(forms === undefined ? {} : anyOf((forms as ReadonlyArray<Part>).map((form) => shortened(form, depth)))),
    ...(minimum === undefined || minimum === 0 ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(description === undefined || depth > 1 ? {} : { description }),
    ...(required === undefined || depth > 0 ? {} : { required })
  }
}

/** A number or null is a type of its own. */
const anyOf = (forms: ReadonlyArray<Part>): Part =>
  forms.every((form) => Object.keys(form).join() === "type")
    ? { type: forms.map(({ type }) => type) }
    : { anyOf: forms }

const without = (schema: Part, key: string): Part =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key))

const countParts = (part: Part, times: Map<string, number>): void => {
  over(part, (inner) => {
    const text = JSON.stringify(inner)
    if (text.length > worthIt) times.set(text, (times.get(text) ?? 0) + 1)
    countParts(inner, times)
    return inner
  })
}

const withRefs = (part: Part, names: ReadonlyMap<string, string>, self?: string): Part => {
  const text = JSON.stringify(part)
  const name = text === self ? undefined : names.get(text)
  return name === undefined ? over(part, (inner) => withRefs(inner, names)) : { $ref: `#/$defs/${name}` }
}
