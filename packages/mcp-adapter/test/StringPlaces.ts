/** Where a JSON Schema takes text: for tests that put something into every place there is. */

/** How to write arguments with a text in one place; everything else in them is as small as it may be. */
export interface StringPlace {
  /** Such as `filters.tags.*`. */
  readonly path: string
  readonly put: (text: string) => Readonly<Record<string, unknown>>
}

interface JsonSchema {
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: JsonSchema | boolean
}

/** The words that this file knows. A schema that says more than these is not read here: its places would be left out unseen. */
const known: ReadonlySet<string> = new Set([
  "$schema",
  "additionalProperties",
  "default",
  "description",
  "enum",
  "items",
  "maxItems",
  "maximum",
  "minItems",
  "minimum",
  "properties",
  "required",
  "title",
  "type"
])

interface Inner {
  readonly path: string
  readonly value: (text: string) => unknown
}

const inside = (schema: JsonSchema, path: string): ReadonlyArray<Inner> => {
  const unknown = Object.keys(schema).filter((key) => !known.has(key))
  if (unknown.length > 0) throw new Error(`${path} has ${unknown.join(", ")}, which tests do not read`)
  const { additionalProperties, items, properties = {}, type } = schema
  switch (type) {
    case "boolean":
    case "integer":
    case "number":
      return []
    case "array":
      return inside(items ?? {}, `${path}[]`).map(({ path, value }) => ({ path, value: (text) => [value(text)] }))
    case "object": {
      // Of no fields: it takes any.
      if (Object.keys(properties).length === 0 && additionalProperties === undefined) {
        return [{ path: `${path}*`, value: (text) => ({ anything: text, [text]: "x" }) }]
      }
      const named = Object.entries(properties).flatMap(([name, inner]) =>
        inside(inner, path === "" ? name : `${path}.${name}`).map(({ path, value }): Inner => ({ path, value: (text) => ({ [name]: value(text) }) }))
      )
      if (typeof additionalProperties !== "object") return named
      // Keys of the caller's own are text too.
      const ofKeys = inside(additionalProperties, `${path}.*`).flatMap(({ path, value }): ReadonlyArray<Inner> => [
        { path: `${path} (key)`, value: (text) => ({ [text]: value("x") }) },
        { path, value: (text) => ({ Owner: value(text) }) }
      ])
      return [...named, ...ofKeys]
    }
    // Of no type: it takes anything.
    default:
      return [{ path, value: (text) => text }]
  }
}

/** What is needed beside the place, each way that leads elsewhere: an enumeration has several. */
const bases = (
  { properties = {}, required = [] }: JsonSchema,
  filled: Readonly<Record<string, unknown>>,
  place: string | undefined
): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  required.filter((name) => name !== place).reduce<ReadonlyArray<Readonly<Record<string, unknown>>>>(
    (all, name) => all.flatMap((base) => (properties[name]?.enum ?? [filled[name]]).map((value) => ({ ...base, [name]: value }))),
    // A scan of everything takes long.
    [Object.fromEntries(["resource_types"].filter((name) => name in properties && name in filled).map((name) => [name, filled[name]]))]
  )

/**
 * Every place of the schema of a tool's arguments, and with each what else the tool needs so that it is read at all:
 * `filled` has what is written there.
 */
export const placesIn = (schema: object, filled: Readonly<Record<string, unknown>>): ReadonlyArray<StringPlace> =>
  inside(schema, "").flatMap(({ path, value }) =>
    bases(schema, filled, /^\w+/u.exec(path)?.[0]).map((base) => ({ path, put: (text) => ({ ...base, ...value(text) as object }) }))
  )

/** How many there are, counted in the text of the schema: for tests that none is left out. */
export const countOf = (schema: object): number => {
  const text = JSON.stringify(schema)
  return [...text.matchAll(/"type":"string"/gu)].length + [...text.matchAll(/"\w+":\{(?:"description":"[^"]*")?\}/gu)].length +
    [...text.matchAll(/"additionalProperties":\{/gu)].length
}
