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
 * has the properties of all of them, and says for each which there are.
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
        input: (options) => compact(oneObject(jsonSchema.input(options))),
        output: (options) => compact(oneObject(jsonSchema.output(options)))
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
    additionalProperties: false,
    anyOf: forms.map(({ properties = {}, required = [] }) => ({
      properties: { status: { enum: enumOf(properties.status) } },
      required
    }))
  }
}

const enumOf = (status: unknown): ReadonlyArray<unknown> => {
  if (typeof status !== "object" || status === null) return []
  if ("enum" in status && Array.isArray(status.enum)) return status.enum
  return "const" in status ? [status.const] : []
}

/** Without what says nothing: each client reads the schemas of all tools. */
const compact = (schema: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) =>
        !(key === "additionalProperties" && value === true) && !(key === "maximum" && value === Number.MAX_SAFE_INTEGER))
      .map(([key, value]) => [key, compacted(value)])
  )

const compacted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(compacted)
    : typeof value === "object" && value !== null
    ? compact(value as Record<string, unknown>)
    : value
