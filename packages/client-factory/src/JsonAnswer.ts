/**
 * Reads JSON answers: `JSON.parse`, then only what a shape has to change.
 *
 * The SDK walks its schema over every value of an answer that is parsed
 * already. This one compiles each shape once into what differs from plain JSON
 * (timestamps, blobs, members of another name) and leaves the rest as it was
 * parsed, in place.
 *
 * It is stricter: an answer that is no object, or that holds something else
 * where the shape has a structure, a list, a map or a text, is malformed; one
 * that is an error with the status of success is that error. The SDK takes such a thing as it is, or
 * for nothing at all. A number where the shape has a text is that text: some
 * stand-ins write account ids, tokens and tags so.
 *
 * @since 0.1.0
 */
import { isUtf8 } from "node:buffer"
import { AwsJsonRpcProtocol, AwsRestJsonProtocol } from "@aws-sdk/core/protocols"
import { JsonShapeDeserializer2 } from "@smithy/core/protocols"
import { NormalizedSchema } from "@smithy/core/schema"
import type { $Schema } from "@smithy/types"
import * as AnswerDate from "./AnswerDate.ts"
import { RefusalInDisguise } from "./RefusalInDisguise.ts"

/**
 * The answer is not the JSON that the operation is answered with.
 *
 * @category errors
 * @since 0.1.0
 */
class MalformedJson extends Error {
  override readonly name = "MalformedJson"
}

/** The SDK's own reader, which has the last word on single values. */
interface SdkReader {
  readonly settings: { readonly jsonName?: boolean }
  readonly read: (schema: $Schema, data: Uint8Array | string) => unknown
  readonly readObject: (schema: $Schema, data: unknown) => unknown
  readonly setSerdeContext: (context: unknown) => void
}

/**
 * Gives a client that speaks JSON, as RPC or as REST, this reader. Leaves any
 * other client as it is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const install = (client: { readonly config: object }): void => {
  const protocol = "protocol" in client.config ? client.config.protocol : undefined
  // The slots are the protocols' own, and every answer is read through them; they are only not declared writable.
  if (protocol instanceof AwsJsonRpcProtocol) {
    const slot = protocol as unknown as { deserializer: SdkReader }
    if (slot.deserializer instanceof JsonShapeDeserializer2) slot.deserializer = new JsonAnswerReader(slot.deserializer)
  } else if (protocol instanceof AwsRestJsonProtocol) {
    const slot = (protocol as unknown as { readonly deserializer: { codecDeserializer: SdkReader } }).deserializer
    if (slot.codecDeserializer instanceof JsonShapeDeserializer2) {
      slot.codecDeserializer = new JsonAnswerReader(slot.codecDeserializer)
    }
  }
}

/** Turns a parsed value into what the SDK promises, in place where it can. */
type Reader = (value: unknown) => unknown

interface Member {
  readonly name: string
  readonly schema: NormalizedSchema
  /** What a value is that is right as it was parsed; `undefined` where it has to be read. */
  readonly plain: "string" | "boolean" | undefined
  readonly read: Reader
}

/** What errors consist of, those of AWS and those of gateways before it. */
const errorMembers: ReadonlySet<string> = new Set([
  "__type",
  "code",
  "detail",
  "error",
  "errorcode",
  "errormessage",
  "errors",
  "errortype",
  "exception",
  "fault",
  "message",
  "reason",
  "status",
  "statuscode",
  "title"
])

/** How many of a structure's members must be there, which are its first; shapes made before they said so have none. */
const requiredCount = (shape: NormalizedSchema): number => {
  const schema: unknown = shape.getSchema()
  const count: unknown = Array.isArray(schema) ? schema[6] : undefined
  return typeof count === "number" ? count : 0
}

const isInBody = (member: NormalizedSchema): boolean => {
  const traits = member.getMergedTraits()
  return traits.httpHeader === undefined && traits.httpPrefixHeaders === undefined &&
    traits.httpResponseCode === undefined && traits.httpPayload === undefined
}

/** Stands in for the SDK's reader of successful answers. */
class JsonAnswerReader {
  readonly #sdk: SdkReader
  readonly #readers = new WeakMap<object, Reader>()

  constructor(sdk: SdkReader) {
    this.#sdk = sdk
  }

  get settings(): SdkReader["settings"] {
    return this.#sdk.settings
  }

  setSerdeContext(context: unknown): void {
    this.#sdk.setSerdeContext(context)
  }

  readObject(schema: $Schema, data: unknown): unknown {
    return this.#sdk.readObject(schema, data)
  }

  read(schema: $Schema, data: Uint8Array | string): unknown {
    if (typeof data !== "string") check(data)
    const shape = NormalizedSchema.of(schema)
    // Errors are read without a shape.
    if (!shape.isStructSchema()) return this.#sdk.read(schema, data)
    const parsed: unknown = JSON.parse(textOf(data))
    if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
      throw new MalformedJson("the answer is no JSON object")
    }
    this.#checkMembers(shape, parsed)
    // Numbers that a double cannot hold need the text that they were written as.
    return isExact(shape) ? this.#sdk.read(schema, data) : this.#readerOf(shape)(parsed)
  }

  /**
   * An answer without a single known member is an empty one, some services leave out a list that is empty; unless it
   * must have one, looks like an error, or like an answer whose members are spelt as another protocol does.
   */
  #checkMembers(shape: NormalizedSchema, answer: object): void {
    const names = Object.keys(answer)
    const members = Array.from(shape.structIterator(), ([name, member]) => ({ name: this.#keyOf(name, member), member }))
    if (members.some(({ name }) => Object.hasOwn(answer, name))) return
    const spelt = new Set(members.map(({ name }) => name.toLowerCase()))
    if (!names.some((name) => errorMembers.has(name.toLowerCase()) || spelt.has(name.toLowerCase()))) {
      const needed = members.slice(0, requiredCount(shape)).find(({ member }) => isInBody(member))
      if (needed === undefined) return
      throw new MalformedJson(`the answer is without ${needed.name}, which it must have`)
    }
    throw RefusalInDisguise.ofJson(answer) ??
      new MalformedJson(`the answer holds nothing that was asked for, but ${names.slice(0, 3).join(", ").slice(0, 100)}`)
  }

  #keyOf(name: string, member: NormalizedSchema): string {
    return this.#sdk.settings.jsonName === true ? member.getMergedTraits().jsonName ?? name : name
  }

  /** One reader for each structure: a structure may hold itself. */
  #readerOf(shape: NormalizedSchema): Reader {
    const identity: unknown = shape.getSchema()
    if (!shape.isStructSchema() || typeof identity !== "object" || identity === null) return this.#compile(shape)
    const known = this.#readers.get(identity)
    if (known !== undefined) return known
    const reader = this.#compile(shape)
    this.#readers.set(identity, reader)
    return reader
  }

  #compile(shape: NormalizedSchema): Reader {
    if (shape.isUnionSchema()) return expecting("object", (value) => this.#sdk.readObject(shape, value))
    if (shape.isStructSchema()) return this.#struct(shape)
    if (shape.isListSchema()) return this.#list(shape)
    if (shape.isMapSchema()) return this.#map(shape)
    const plain = plainOf(shape)
    if (plain !== undefined) return (value) => typeof value === plain ? value : asPlain(value, plain)
    if (shape.isNumericSchema()) return (value) => typeof value === "number" ? value : asNumber(this.#sdk.readObject(shape, value))
    if (shape.isTimestampSchema()) return (value) => this.#time(shape, value)
    return (value) => this.#sdk.readObject(shape, value)
  }

  /** Some stand-ins write dates in another of AWS's formats than the service does. */
  #time(shape: NormalizedSchema, value: unknown): unknown {
    try {
      return this.#sdk.readObject(shape, value)
    } catch (error) {
      const date = typeof value === "string" ? AnswerDate.read(value) : undefined
      if (date === undefined) throw error
      return date
    }
  }

  #struct(shape: NormalizedSchema): Reader {
    // Compiled when the first value of this shape is read: a structure may hold itself.
    let members: ReadonlyMap<string, Member> | undefined
    return expecting("object", (value) => {
      members ??= this.#members(shape)
      const struct = value as Record<string, unknown>
      // What says what it is may hold more than the shape knows: the SDK keeps that.
      if (typeof struct.__type === "string") return this.#sdk.readObject(shape, struct)
      for (const key in struct) {
        const member = members.get(key)
        const found = struct[key]
        if (member === undefined || member.name !== key || found === null) return rebuilt(struct, members)
        if (member.plain === undefined) struct[key] = member.read(found)
        else if (typeof found !== member.plain) struct[key] = asPlain(found, member.plain)
      }
      return struct
    })
  }

  #members(shape: NormalizedSchema): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>()
    for (const [name, schema] of shape.structIterator()) {
      members.set(this.#keyOf(name, schema), { name, schema, plain: plainOf(schema), read: this.#readerOf(schema) })
    }
    return members
  }

  #list(shape: NormalizedSchema): Reader {
    const read = this.#readerOf(shape.getValueSchema())
    return expecting("list", (value) => {
      const list = value as Array<unknown>
      for (let i = 0; i < list.length; i++) {
        const found = list[i]
        if (found === null) throw new MalformedJson("the answer holds nothing where there should be an item of a list")
        list[i] = read(found)
      }
      return list
    })
  }

  #map(shape: NormalizedSchema): Reader {
    const item = shape.getValueSchema()
    const plain = plainOf(item)
    const read = this.#readerOf(item)
    return expecting("object", (value) => {
      const map = value as Record<string, unknown>
      if (plain !== undefined && Object.values(map).every((found) => typeof found === plain)) return map
      // The keys are input: entries are made anew, never assigned. A tag without a value has the empty one.
      return Object.fromEntries(Object.entries(map).map(([key, found]) =>
        [key, found === null ? plain === "string" ? "" : null : read(found)]))
    })
  }
}

/**
 * A structure in which something is unknown, `null` or of another name. What
 * was read before in place is read already; the rest has not been touched.
 */
const rebuilt = (struct: Record<string, unknown>, members: ReadonlyMap<string, Member>): Record<string, unknown> => {
  const built: Record<string, unknown> = {}
  let isRead = true
  for (const [key, found] of Object.entries(struct)) {
    const member = members.get(key)
    if (member === undefined || member.name !== key || found === null) isRead = false
    if (member === undefined || found === null) continue
    // The names are the shape's, never input.
    built[member.name] = isRead ? found : member.read(found)
  }
  return built
}

/** A reader of what must be a list, or an object that is none. */
const expecting = (kind: "list" | "object", read: Reader): Reader => (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value) !== (kind === "list")) {
    throw new MalformedJson(`the answer holds ${kindOf(value)} where there should be ${kind === "list" ? "a list" : "an object"}`)
  }
  return read(value)
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`

/** Texts and booleans are what `JSON.parse` makes of them. */
const plainOf = (schema: NormalizedSchema): Member["plain"] =>
  schema.isStringSchema() && schema.getMergedTraits().mediaType === undefined
    ? "string"
    : schema.isBooleanSchema()
    ? "boolean"
    : undefined

/** A text that was written as a number or a boolean, and a boolean that was written as a text. */
const asPlain = (value: unknown, kind: "string" | "boolean"): unknown => {
  if (kind === "string") {
    if (typeof value === "boolean") return String(value)
    // What a double cannot hold is another number by now.
    if (typeof value === "number" && !(Number.isInteger(value) && !Number.isSafeInteger(value))) return String(value)
  } else if (value === "true" || value === "false") return value === "true"
  throw new MalformedJson(`the answer holds ${kindOf(value)} where there should be a ${kind === "string" ? "text" : kind}`)
}

const asNumber = (value: unknown): unknown => {
  if (typeof value === "number") return value
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN
  if (!Number.isNaN(number)) return number
  throw new MalformedJson(`the answer holds ${kindOf(value)} where there should be a number`)
}

/** Whether a number in it may be larger or finer than a double. */
const isExact = (shape: NormalizedSchema): boolean => {
  const identity: unknown = shape.getSchema()
  const known = typeof identity === "object" && identity !== null ? exact.get(identity) : undefined
  if (known !== undefined) return known
  const found = hasExact(shape, new Set())
  if (typeof identity === "object" && identity !== null) exact.set(identity, found)
  return found
}

const exact = new WeakMap<object, boolean>()

const hasExact = (shape: NormalizedSchema, seen: Set<unknown>): boolean => {
  if (shape.isBigIntegerSchema() || shape.isBigDecimalSchema() || shape.isDocumentSchema()) return true
  const identity: unknown = shape.getSchema()
  if (seen.has(identity)) return false
  if (typeof identity === "object") seen.add(identity)
  if (shape.isStructSchema()) return [...shape.structIterator()].some(([, member]) => hasExact(member, seen))
  return (shape.isListSchema() || shape.isMapSchema()) && hasExact(shape.getValueSchema(), seen)
}

const textOf = (data: Uint8Array | string): string => {
  const text = typeof data === "string" ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8")
  // A byte order mark is no part of the document.
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** Small answers cannot be nested deep enough to hurt. */
const harmlessBytes = 2 ** 20

/** Deeper than any answer of AWS. */
const maxDepth = 500

/** `JSON.parse` takes forty times the memory of an answer that is nothing but brackets. */
const check = (data: Uint8Array): void => {
  if (!isUtf8(data)) throw new MalformedJson("the answer is no UTF-8")
  if (data.byteLength <= harmlessBytes) return
  let depth = 0
  for (let at = 0; at < data.length; at++) {
    const byte = data[at]
    if (byte === quote) at = endOfText(data, at)
    else if (byte === bracket || byte === brace) {
      if (++depth > maxDepth) throw new MalformedJson(`the answer is nested more than ${maxDepth} levels deep`)
    } else if (byte === bracketEnd || byte === braceEnd) depth--
  }
}

const quote = 34
const backslash = 92
const bracket = 91
const bracketEnd = 93
const brace = 123
const braceEnd = 125

/** Where the text that starts at `start` ends; past the end of the data when it does not. */
const endOfText = (data: Uint8Array, start: number): number => {
  for (let at = start + 1; at < data.length; at++) {
    if (data[at] === backslash) at++
    else if (data[at] === quote) return at
  }
  return data.length
}
