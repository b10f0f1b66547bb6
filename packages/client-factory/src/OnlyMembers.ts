/**
 * Commands whose answers are read for what is wanted of them. A page of a
 * thousand EC2 instances is six megabytes, of which a scanner reads a tenth:
 * making objects of the rest is most of what a scan computes and holds.
 *
 * @since 0.1.0
 */
import type { MetadataBearer } from "@smithy/types"

/**
 * The members wanted of a shape: `true` for all of a member, or what is wanted
 * of it. A list is written as one of its items.
 *
 * @category models
 * @since 0.1.0
 */
export type Wanted<O> = O extends ReadonlyArray<infer Item> ? Wanted<Item>
  : { readonly [K in keyof O]?: true | (NonNullable<O[K]> extends object ? Wanted<NonNullable<O[K]>> : never) }

/**
 * An answer with the members that are wanted: to read another one is a type
 * error.
 *
 * @category models
 * @since 0.1.0
 */
export type OnlyMembers<O, W> = W extends true ? O
  : O extends ReadonlyArray<infer Item> ? Array<OnlyMembers<Item, W>>
  : O extends object ? { [K in keyof O & keyof W]: OnlyMembers<O[K], W[K]> }
  : O

interface Command<O> {
  readonly input: unknown
  readonly schema?: unknown
  readonly resolveMiddleware: (...args: ReadonlyArray<never>) => (input: never) => Promise<{ output: O }>
}

/**
 * A command like the given one, of whose answer only some members are read.
 * The first answer of a client may hold all of them. Only for clients that are
 * answered in XML: JSON is parsed as a whole anyway.
 *
 * @category constructors
 * @since 0.1.0
 */
export const only = <I extends object, O extends MetadataBearer, const W extends Wanted<Omit<O, "$metadata">>>(
  commandClass: new(input: I) => Command<O> & { readonly input: I },
  wanted: W
): new(input: I) => Command<OnlyMembers<O, W> & MetadataBearer> & { readonly input: I } => {
  let narrowed: unknown
  // The class is the SDK's; only the shape of its answer is another.
  const base = commandClass as unknown as new(input: I) => { schema: unknown; readonly input: I }
  const Only = class extends base {
    constructor(input: I) {
      super(input)
      this.schema = narrowed ??= narrowedOperation(this.schema, wanted)
    }
  }
  Object.defineProperty(Only, "name", { value: commandClass.name })
  return Only as unknown as new(input: I) => Command<OnlyMembers<O, W> & MetadataBearer> & { readonly input: I }
}

/** Smithy's numbers for the kinds of schemas, and where they keep what they consist of. */
const operationKind = 9
const structKind = 3
const listKind = 1

const narrowedOperation = (schema: unknown, wanted: object): unknown => {
  if (!Array.isArray(schema) || schema[0] !== operationKind) throw new TypeError("the command has no schema")
  const [kind, namespace, name, traits, input, output] = schema as ReadonlyArray<unknown>
  return [kind, namespace, name, traits, input, narrowedShape(output, wanted)]
}

type WantedOf = { readonly [name: string]: unknown }

const narrowedShape = (reference: unknown, wanted: object): unknown => {
  const schema = typeof reference === "function" ? (reference as () => unknown)() : reference
  if (!Array.isArray(schema)) throw new TypeError("a simple value has no members")
  const [kind, namespace, name, traits] = schema as ReadonlyArray<unknown>
  // A member with traits of its own.
  if (typeof kind !== "number") return [narrowedShape(kind, wanted), schema[1]]
  if (kind === listKind) return [kind, namespace, name, traits, narrowedShape(schema[4], wanted)]
  if (kind !== structKind) throw new TypeError(`${String(name)} has no members`)
  const members = schema[4] as ReadonlyArray<string>
  const shapes = schema[5] as ReadonlyArray<unknown>
  const names = Object.keys(wanted)
  for (const name of names) if (!members.includes(name)) throw new TypeError(`there is no member ${name}`)
  return [
    kind,
    namespace,
    name,
    traits,
    names,
    names.map((name) => {
      const inner = (wanted as WantedOf)[name]
      const shape = shapes[members.indexOf(name)]
      return typeof inner === "object" && inner !== null ? narrowedShape(shape, inner) : shape
    })
  ]
}
