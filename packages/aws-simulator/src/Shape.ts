/**
 * A small view of the Smithy schemas that the SDK clients carry: enough to
 * write what a service would answer and to read what a client sends.
 *
 * Schemas are nested tuples, e.g. `[3, namespace, name, traits, memberNames,
 * memberSchemas]`; a member with traits of its own is `[schema, traits]`;
 * numbers stand for simple types, with 64 added for a list of them and 128 for
 * a map (`@smithy/core/schema`).
 *
 * @since 0.1.0
 */

/** The traits of a shape or a member that matter on the wire. */
interface Traits {
  readonly xmlName?: string
  readonly xmlFlattened?: 1
  readonly xmlAttribute?: 1
  readonly xmlNamespace?: readonly [prefix: string | 0, uri: string]
  readonly ec2QueryName?: string
  readonly jsonName?: string
  readonly httpLabel?: 1
  readonly httpQuery?: string
  readonly httpHeader?: string
  readonly httpPayload?: 1
  readonly httpResponseCode?: 1
  readonly http?: readonly [method: string, path: string, status: number]
  readonly awsQueryError?: readonly [code: string, status: number]
  readonly error?: "client" | "server"
  readonly httpError?: number
}

/** How a moment is written when its member does not say. */
export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds"

/** A type, its members resolved on first use because schemas may refer to themselves. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "blob" | "document" | "unit"; readonly traits: Traits }
  | { readonly kind: "timestamp"; readonly traits: Traits; readonly format: TimestampFormat | undefined }
  | { readonly kind: "list"; readonly traits: Traits; readonly member: () => Member }
  | { readonly kind: "map"; readonly traits: Traits; readonly key: () => Member; readonly value: () => Member }
  | {
    readonly kind: "structure"
    readonly name: string
    readonly traits: Traits
    readonly members: () => ReadonlyMap<string, Member>
    /** The members that are always there. */
    readonly required: ReadonlySet<string>
  }

/** A place that a type is used in. */
export interface Member {
  readonly shape: Shape
  /** The member's own traits, without those of its type. */
  readonly traits: Traits
}

/** An operation as its client describes it. */
export interface OperationShape {
  readonly name: string
  readonly namespace: string
  readonly traits: Traits
  readonly input: Shape
  readonly output: Shape
}

const known = new WeakMap<object, Shape>()
const simple = new Map<number, Shape>()
const noTraits: Traits = {}

const flagNames = ["httpLabel", "idempotent", "idempotencyToken", "sensitive", "httpPayload", "httpResponseCode"]

const traitsOf = (traits: unknown): Traits => {
  if (typeof traits === "object" && traits !== null) return traits
  const flags = Number(traits)
  if (flags === 0) return noTraits
  return Object.fromEntries(flagNames.flatMap((name, at) => ((flags >> at) & 1) === 1 ? [[name, 1]] : []))
}

const resolve = (schema: unknown): unknown => {
  let found = schema
  while (typeof found === "function") found = (found as () => unknown)()
  return found
}

/** The type behind a schema of the SDK. */
const of = (schema: unknown): Shape => {
  const found = resolve(schema)
  if (found === "unit" || found === undefined) return { kind: "unit", traits: noTraits }
  if (typeof found === "number") return simpleOf(found)
  if (!Array.isArray(found)) throw new TypeError(`not a schema: ${JSON.stringify(found)}`)
  if (found.length === 2) return of(found[0])
  const cached = known.get(found)
  if (cached !== undefined) return cached
  const shape = composite(found)
  known.set(found, shape)
  return shape
}

/** The member behind an entry of a structure's, list's or map's schema. */
const member = (schema: unknown): Member => {
  const found = resolve(schema)
  return Array.isArray(found) && found.length === 2
    ? { shape: of(found[0]), traits: traitsOf(found[1]) }
    : { shape: of(found), traits: noTraits }
}

/** An operation by its schema (`[9, namespace, name, traits, input, output]`). */
export const operation = (schema: unknown): OperationShape => {
  const [, namespace, name, traits, input, output] = schema as ReadonlyArray<unknown>
  return {
    name: String(name),
    namespace: String(namespace),
    traits: traitsOf(traits),
    input: of(input),
    output: of(output)
  }
}

const composite = (schema: ReadonlyArray<unknown>): Shape => {
  const traits = traitsOf(schema[3])
  switch (schema[0]) {
    case 0: {
      const inner = of(schema[4])
      return { ...inner, traits: { ...inner.traits, ...traits } }
    }
    case 1:
      return { kind: "list", traits, member: once(() => member(schema[4])) }
    case 2:
      return { kind: "map", traits, key: once(() => member(schema[4])), value: once(() => member(schema[5])) }
    case 3:
    case -3:
    case 4:
      return {
        kind: "structure",
        name: String(schema[2]),
        traits,
        members: once(() => {
          const schemas = schema[5] as ReadonlyArray<unknown>
          return new Map((schema[4] as ReadonlyArray<string>).map((name, at) => [name, member(schemas[at])]))
        }),
        // They come first; how many they are stands at the end.
        required: new Set((schema[4] as ReadonlyArray<string>).slice(0, Number(schema[6] ?? 0)))
      }
    default:
      throw new TypeError(`unknown kind of schema: ${String(schema[0])}`)
  }
}

const simpleOf = (code: number): Shape => {
  const cached = simple.get(code)
  if (cached !== undefined) return cached
  const shape = makeSimple(code)
  simple.set(code, shape)
  return shape
}

const makeSimple = (code: number): Shape => {
  const traits = noTraits
  if (code >= 128) {
    return { kind: "map", traits, key: () => member(0), value: () => member(code & 63) }
  }
  if (code >= 64) return { kind: "list", traits, member: () => member(code & 63) }
  switch (code) {
    case 0:
      return { kind: "string", traits }
    case 1:
    case 17:
    case 19:
      return { kind: "number", traits }
    case 2:
      return { kind: "boolean", traits }
    case 4:
      return { kind: "timestamp", traits, format: undefined }
    case 5:
      return { kind: "timestamp", traits, format: "date-time" }
    case 6:
      return { kind: "timestamp", traits, format: "http-date" }
    case 7:
      return { kind: "timestamp", traits, format: "epoch-seconds" }
    case 15:
      return { kind: "document", traits }
    case 21:
    case 42:
      return { kind: "blob", traits }
    default:
      throw new TypeError(`unknown simple schema: ${code}`)
  }
}

const once = <A>(make: () => A): () => A => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

/** A moment in one of the three forms. */
export const timestamp = (value: Date, format: TimestampFormat): string => {
  switch (format) {
    case "date-time":
      return value.toISOString()
    case "http-date":
      return value.toUTCString()
    case "epoch-seconds":
      return String(value.getTime() / 1000)
  }
}
