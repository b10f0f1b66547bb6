/**
 * Reads XML answers in one pass, straight into the shape that the SDK promises.
 *
 * The SDK's own reader builds a tree of every element, appending text character
 * by character, and then walks the shape over it: on pages of EC2 that is most
 * of what a scan computes. This one compiles each shape once and goes through
 * the text once, skipping what the shape does not know.
 *
 * It replaces the SDK's reader in the clients that are answered in XML, by query
 * (EC2, RDS, IAM, STS, SNS, Auto Scaling, …) or REST (S3, Route 53, …), for
 * successful answers only: errors are still read by the SDK. It is stricter: an
 * answer whose root element is another than the operation's, or which lacks its
 * result, or has nothing of it but something else, is malformed, not empty; one
 * that is an error with the status of success is that error. It reads numeric entities beyond U+FFFF
 * right, and elements that are printed on one line with spaces between them.
 *
 * @since 0.1.0
 */
import { isUtf8 } from "node:buffer"
import { AwsQueryProtocol, AwsRestXmlProtocol, XmlShapeDeserializer } from "@aws-sdk/core/protocols"
import { NormalizedSchema } from "@smithy/core/schema"
import type { $Schema } from "@smithy/types"
import * as AnswerDate from "./AnswerDate.ts"
import { RefusalInDisguise } from "./RefusalInDisguise.ts"
import {
  close,
  type Cursor,
  cursorOf,
  eachElement,
  MalformedXml,
  next,
  openElement,
  openRoot,
  skip,
  slash,
  text
} from "./XmlCursor.ts"

type Settings = ConstructorParameters<typeof XmlShapeDeserializer>[0]

/**
 * Gives a client that is answered in XML this reader. Leaves any other client
 * as it is. `window`: bytes that are made into text at once, 64 KiB by default.
 *
 * @category combinators
 * @since 0.1.0
 */
export const install = (client: { readonly config: object }, window?: number): void => {
  const protocol = "protocol" in client.config ? client.config.protocol : undefined
  // The slots are the protocols' own, and every answer is read through them; they are only not declared writable.
  if (protocol instanceof AwsQueryProtocol) {
    const slot = protocol as unknown as { deserializer: { readonly settings: Settings } }
    slot.deserializer = new XmlAnswerDeserializer(slot.deserializer.settings, window)
  } else if (protocol instanceof AwsRestXmlProtocol) {
    const { deserializer } = protocol as unknown as { readonly deserializer: { codecDeserializer: { readonly settings: Settings } } }
    deserializer.codecDeserializer = new RestXmlAnswerDeserializer(deserializer.codecDeserializer.settings, window)
  }
}

const utf8Of = (bytes: Uint8Array | string): Buffer => {
  if (typeof bytes === "string") return Buffer.from(bytes)
  if (!isUtf8(bytes)) throw new MalformedXml("the answer is no UTF-8")
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const textOf = (bytes: Uint8Array | string): string =>
  typeof bytes === "string" ? bytes : utf8Of(bytes).toString("utf8")

class XmlAnswerDeserializer extends XmlShapeDeserializer {
  readonly #readers = new WeakMap<object, Reader>()
  readonly #window: number | undefined

  constructor(settings: Settings, window: number | undefined) {
    super(settings)
    this.#window = window
  }

  override read(schema: $Schema, bytes: Uint8Array | string, key?: string): unknown {
    const shape = NormalizedSchema.of(schema)
    // Errors are read without a shape, by the SDK's own reader.
    if (!shape.isStructSchema()) return this.readBySdk(schema, textOf(bytes), key)
    return readAnswer(this.cursorOf(bytes), this.readerOf(shape), key, (root) => root.endsWith("Response"))
  }

  protected cursorOf(bytes: Uint8Array | string): Cursor {
    return cursorOf(utf8Of(bytes), this.#window)
  }

  protected readBySdk(schema: $Schema, bytes: Uint8Array | string, key?: string): unknown {
    return super.read(schema, bytes, key)
  }

  /** One reader for each shape, however often it is used: members find theirs when they are first met. */
  protected readerOf(shape: NormalizedSchema): Reader {
    const identity: unknown = shape.getSchema()
    const known = typeof identity === "object" && identity !== null ? this.#readers.get(identity) : undefined
    if (known !== undefined) return known
    const reader = this.#compile(shape)
    if (typeof identity === "object" && identity !== null && !shape.isListSchema()) this.#readers.set(identity, reader)
    return reader
  }

  #compile(shape: NormalizedSchema): Reader {
    if (shape.isStructSchema()) return this.#struct(shape)
    if (shape.isListSchema()) return this.#list(shape)
    if (shape.isMapSchema()) return this.#map(shape)
    const traits = shape.getMergedTraits()
    if (shape.isStringSchema() && !traits.mediaType && !traits.jsonName) return { content: text, empty: () => "" }
    const kind: unknown = shape.getSchema()
    const isIso = kind === anyTimestamp || kind === isoTimestamp
    const valueOf = (value: string): unknown => {
      // @effect-diagnostics-next-line globalDate:off -- the SDK's answers hold dates
      if (isIso && plainIso.test(value)) return new Date(value)
      if (shape.isNumericSchema()) return plainInteger.test(value) ? Number(value) : this.#number(shape, value)
      if (shape.isBooleanSchema()) return booleanOf(value)
      return shape.isTimestampSchema() ? this.#time(shape, value) : this.readSchema(shape, value) as unknown
    }
    return { content: (cursor, end) => valueOf(text(cursor, end)), empty: () => valueOf("") }
  }

  /** An element without a number in it says nothing: to the SDK it is zero. */
  #number(shape: NormalizedSchema, value: string): unknown {
    if (value.trim() === "") return undefined
    const number: unknown = this.readSchema(shape, value)
    if (Number.isNaN(number) && value.trim() !== "NaN") throw new MalformedXml(`"${value.slice(0, 60)}" stands where there should be a number`)
    return number
  }

  /** Some stand-ins write dates in another of AWS's formats than the service does. */
  #time(shape: NormalizedSchema, value: string): unknown {
    if (value.trim() === "") return undefined
    try {
      return this.readSchema(shape, value)
    } catch (error) {
      const date = AnswerDate.read(value)
      if (date === undefined) throw error
      return date
    }
  }

  #struct(shape: NormalizedSchema): Reader {
    // Compiled when it is first met: a structure may hold itself.
    let members: ReadonlyMap<string, Member> | undefined
    let first: Member | undefined
    return {
      empty: () => ({}),
      content: (cursor, end) => {
        members ??= this.#members(shape)
        const struct: Record<string, unknown> = {}
        let previous: Member | undefined
        for (;;) {
          // Elements come in the same order nearly always: the one that followed last time is looked for first.
          let member = previous === undefined ? first : previous.next
          const at = next(cursor)
          const { xml } = cursor
          let value: unknown
          if (member !== undefined && xml.startsWith(member.start, at)) {
            cursor.at = at + member.start.length
            value = member.reader.content(cursor, member.end)
          } else {
            if (xml.charCodeAt(at + 1) === slash) {
              close(cursor, at, end)
              return struct
            }
            if (!openElement(cursor, at)) continue
            member = members.get(cursor.name)
            if (member === undefined) {
              if (!cursor.isEmpty) skip(cursor)
              continue
            }
            if (previous === undefined) first = member
            else previous.next = member
            value = cursor.isEmpty ? member.reader.empty() : member.reader.content(cursor, member.end)
          }
          // The names are the shape's, never input.
          if (!member.isFlatList) struct[member.name] = value
          else if (member.name in struct) (struct[member.name] as Array<unknown>).push(value)
          else struct[member.name] = [value]
          previous = member
        }
      }
    }
  }

  #members(shape: NormalizedSchema): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>()
    for (const [name, member] of shape.structIterator()) {
      const element = member.getMemberTraits().xmlName ?? name
      const isFlatList = member.isListSchema() && Boolean(member.getMergedTraits().xmlFlattened)
      members.set(element, {
        name,
        isFlatList,
        start: `<${element}>`,
        end: `</${element}>`,
        reader: this.readerOf(isFlatList ? member.getValueSchema() : member),
        next: undefined
      })
    }
    return members
  }

  #list(shape: NormalizedSchema): Reader {
    const item = shape.getValueSchema()
    const itemName = item.getMergedTraits().xmlName ?? "member"
    const itemStart = `<${itemName}>`
    const itemEnd = `</${itemName}>`
    let reader: Reader | undefined
    return {
      empty: () => [],
      content: (cursor, end) => {
        reader ??= this.readerOf(item)
        const items: Array<unknown> = []
        for (;;) {
          const at = next(cursor)
          const { xml } = cursor
          if (xml.startsWith(itemStart, at)) {
            cursor.at = at + itemStart.length
            items.push(reader.content(cursor, itemEnd))
          } else if (xml.charCodeAt(at + 1) === slash) {
            close(cursor, at, end)
            return items
          } else if (openElement(cursor, at)) {
            if (cursor.name === itemName) items.push(cursor.isEmpty ? reader.empty() : reader.content(cursor, itemEnd))
            else if (!cursor.isEmpty) skip(cursor)
          }
        }
      }
    }
  }

  #map(shape: NormalizedSchema): Reader {
    const keyName = shape.getKeySchema().getMergedTraits().xmlName ?? "key"
    const valueShape = shape.getValueSchema()
    const valueName = valueShape.getMergedTraits().xmlName ?? "value"
    let reader: Reader | undefined
    return {
      empty: () => ({}),
      content: (cursor, end) => {
        const readValue = reader ??= this.readerOf(valueShape)
        const entries: Array<[string, unknown]> = []
        eachElement(cursor, end, (element, entryIsEmpty) => {
          if (element !== "entry" || entryIsEmpty) return false
          let key = ""
          let value: unknown
          eachElement(cursor, "</entry>", (part, isEmpty) => {
            if (part === keyName) key = isEmpty ? "" : text(cursor, `</${keyName}>`)
            else if (part === valueName) value = isEmpty ? readValue.empty() : readValue.content(cursor, `</${valueName}>`)
            else return false
            return true
          })
          entries.push([key, value])
          return true
        })
        return Object.fromEntries(entries)
      }
    }
  }
}

class RestXmlAnswerDeserializer extends XmlAnswerDeserializer {
  readonly #isSdks = new WeakMap<NormalizedSchema, boolean>()

  override read(schema: $Schema, bytes: Uint8Array | string): unknown {
    const shape = NormalizedSchema.of(schema)
    if (!shape.isStructSchema() || this.#isForSdk(shape)) return this.readBySdk(schema, textOf(bytes))
    const element = rootOf(shape)
    return readAnswer(this.cursorOf(bytes), this.readerOf(shape), "", (root) => root === element)
  }

  /** Attributes, and a text in the root element itself, which S3 has in the Region of a bucket. */
  #isForSdk(shape: NormalizedSchema): boolean {
    const known = this.#isSdks.get(shape)
    if (known !== undefined) return known
    const found = hasAttributes(shape, new Set()) || [...shape.structIterator()].some(([name]) => name === rootOf(shape))
    this.#isSdks.set(shape, found)
    return found
  }

  protected override parseXml(xml: string): unknown {
    if (/^\s*<(?:!doctype\s+html|html)\b/iu.test(xml)) throw new MalformedXml("the answer is a web page")
    return super.parseXml(xml)
  }
}

const rootOf = (shape: NormalizedSchema): string => shape.getMergedTraits().xmlName ?? shape.getName() ?? ""

/** Whether a member of a shape stands in an attribute, as the kind of a grantee of S3 does. */
const hasAttributes = (shape: NormalizedSchema, seen: Set<unknown>): boolean => {
  if (shape.getMergedTraits().xmlAttribute) return true
  const identity: unknown = shape.getSchema()
  if (seen.has(identity)) return false
  if (typeof identity === "object") seen.add(identity)
  if (shape.isStructSchema()) return [...shape.structIterator()].some(([, member]) => hasAttributes(member, seen))
  return (shape.isListSchema() || shape.isMapSchema()) && hasAttributes(shape.getValueSchema(), seen)
}

/** Smithy's numbers for a timestamp without a format of its own, and for one in ISO 8601: the same in these protocols. */
const anyTimestamp = 4
const isoTimestamp = 5

/** What AWS nearly always sends, and the engine itself reads right; leap seconds and offsets are left to the SDK. */
const plainIso =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/u

/** As XML has them. To the SDK, whatever is not `true` is false. */
const booleanOf = (value: string): boolean | undefined => {
  switch (value.trim().toLowerCase()) {
    case "true":
    case "1":
      return true
    case "false":
    case "0":
      return false
    case "":
      return undefined
    default:
      throw new MalformedXml(`"${value.slice(0, 60)}" stands where there should be true or false`)
  }
}

/** A number that is the same however it is read. */
const plainInteger = /^(?:0|-?[1-9]\d{0,14})$/u

/**
 * How an element is read. `content` reads what follows the start tag, up to the
 * end tag, which it is given and takes; `empty` is what an empty element means.
 */
interface Reader {
  readonly content: (cursor: Cursor, end: string) => unknown
  readonly empty: () => unknown
}

interface Member {
  readonly name: string
  readonly isFlatList: boolean
  readonly start: string
  readonly end: string
  readonly reader: Reader
  /** The member that followed this one last time. */
  next: Member | undefined
}

/** `resultName`: the element in the root that holds the answer, the empty text where it is the root of a known name. */
const readAnswer = (
  cursor: Cursor,
  reader: Reader,
  resultName: string | undefined,
  isRoot: (name: string) => boolean
): unknown => {
  const { isEmpty, name } = openRoot(cursor)
  if (!isRoot(name)) throw strange(cursor, `the answer is a <${name.slice(0, 60)}>, not a response`)
  if (!resultName) {
    const answer = isEmpty ? reader.empty() : reader.content(cursor, `</${name}>`)
    // With REST the root is the operation's own; with EC2 it may be that of an error, or have a prefix.
    const other = resultName === undefined && isBlank(answer) ? strangerIn(cursor.bytes) : undefined
    if (other !== undefined) throw strange(cursor, `the answer holds nothing that was asked for, but <${other.slice(0, 60)}>`)
    return answer
  }
  let answer: unknown
  if (!isEmpty) {
    eachElement(cursor, `</${name}>`, (element, resultIsEmpty) => {
      if (element !== resultName) return false
      answer = resultIsEmpty ? reader.empty() : reader.content(cursor, `</${resultName}>`)
      return true
    })
  }
  if (answer === undefined) throw strange(cursor, `the answer lacks its <${resultName}>`)
  return answer
}

/** What an answer that is none says for itself, or else what is wrong with it. */
const strange = ({ bytes }: Cursor, message: string): Error => RefusalInDisguise.ofXml(bytes) ?? new MalformedXml(message)

const isBlank = (answer: unknown): boolean => typeof answer === "object" && answer !== null && Object.keys(answer).length === 0

/** An element that the root holds besides what every answer has. */
const strangerIn = (bytes: Buffer): string | undefined => {
  const cursor = cursorOf(bytes)
  const root = openRoot(cursor)
  let stranger: string | undefined
  if (!root.isEmpty) {
    eachElement(cursor, `</${root.name}>`, (name) => {
      if (name !== "requestId" && name !== "RequestId") stranger ??= name
      return false
    })
  }
  return stranger
}
