/**
 * Reads XML answers in one pass, straight into the shape that the SDK promises.
 *
 * The SDK's own reader builds a tree of every element, appending text character
 * by character, and then walks the shape over it: on pages of EC2 that is most
 * of what a scan computes. This one compiles each shape once and goes through
 * the text once, skipping what the shape does not know.
 *
 * It replaces the SDK's reader in the clients of the query protocols (EC2, RDS,
 * IAM, STS, SNS, Auto Scaling, …), for successful answers only: errors are
 * still read by the SDK. It is stricter: an answer whose root element is no
 * `…Response`, or which lacks its result, is malformed, not empty. And it reads
 * numeric entities beyond U+FFFF right.
 *
 * @since 0.1.0
 */
import { AwsQueryProtocol, AwsRestXmlProtocol, XmlShapeDeserializer } from "@aws-sdk/core/protocols"
import { NormalizedSchema } from "@smithy/core/schema"
import type { $Schema } from "@smithy/types"

/**
 * The answer is not the XML that the operation is answered with.
 *
 * @category errors
 * @since 0.1.0
 */
class MalformedXml extends Error {
  override readonly name = "MalformedXml"
}

type Settings = ConstructorParameters<typeof XmlShapeDeserializer>[0]

/**
 * Gives a client that speaks a query protocol the fast reader, and one that
 * speaks REST with XML (S3, Route 53) at least the eye for a web page: a captive
 * portal's, in which the SDK's reader finds an answer without items. Leaves any
 * other client as it is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const install = (client: { readonly config: object }): void => {
  const protocol = "protocol" in client.config ? client.config.protocol : undefined
  // The slots are the protocols' own, and every answer is read through them; they are only not declared writable.
  if (protocol instanceof AwsQueryProtocol) {
    const slot = protocol as unknown as { deserializer: { readonly settings: Settings } }
    slot.deserializer = new XmlAnswerDeserializer(slot.deserializer.settings)
  } else if (protocol instanceof AwsRestXmlProtocol) {
    const { deserializer } = protocol as unknown as { readonly deserializer: { codecDeserializer: { readonly settings: Settings } } }
    deserializer.codecDeserializer = new NoWebPageDeserializer(deserializer.codecDeserializer.settings)
  }
}

class NoWebPageDeserializer extends XmlShapeDeserializer {
  protected override parseXml(xml: string): unknown {
    if (/^\s*<(?:!doctype\s+html|html)\b/iu.test(xml)) throw new MalformedXml("the answer is a web page")
    return super.parseXml(xml)
  }
}

class XmlAnswerDeserializer extends XmlShapeDeserializer {
  readonly #readers = new WeakMap<object, Reader>()

  override read(schema: $Schema, bytes: Uint8Array | string, key?: string): unknown {
    const shape = NormalizedSchema.of(schema)
    // Errors are read without a shape, by the SDK's own reader.
    if (!shape.isStructSchema()) return super.read(schema, bytes, key)
    const text = typeof bytes === "string" ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
    return readAnswer(text, this.#readerOf(shape), key)
  }

  /** One reader for each shape, however often it is used: members find theirs when they are first met. */
  #readerOf(shape: NormalizedSchema): Reader {
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
    if (shape.isStringSchema() && !traits.mediaType && !traits.jsonName) return ownText
    const kind: unknown = shape.getSchema()
    const isIso = kind === anyTimestamp || kind === isoTimestamp
    return (cursor, isEmpty) => {
      const value = text(cursor, isEmpty)
      // @effect-diagnostics-next-line globalDate:off -- the SDK's answers hold dates
      return isIso && plainIso.test(value) ? new Date(value) : this.readSchema(shape, value) as unknown
    }
  }

  #struct(shape: NormalizedSchema): Reader {
    const members = new Map<string, Member>()
    for (const [name, member] of shape.structIterator()) {
      const traits = member.getMemberTraits()
      const isFlatList = member.isListSchema() && Boolean(member.getMergedTraits().xmlFlattened)
      const value = isFlatList ? member.getValueSchema() : member
      let reader: Reader | undefined
      members.set(traits.xmlName ?? name, {
        name,
        isFlatList,
        read: (cursor, isEmpty) => (reader ??= this.#readerOf(value))(cursor, isEmpty)
      })
    }
    return (cursor, isEmpty) => {
      const struct: Record<string, unknown> = {}
      if (!isEmpty) {
        eachElement(cursor, (element, elementIsEmpty) => {
          const member = members.get(element)
          if (member === undefined) return false
          const value = member.read(cursor, elementIsEmpty)
          // The names are the shape's, never input.
          if (!member.isFlatList) struct[member.name] = value
          else if (member.name in struct) (struct[member.name] as Array<unknown>).push(value)
          else struct[member.name] = [value]
          return true
        })
      }
      return struct
    }
  }

  #list(shape: NormalizedSchema): Reader {
    const item = shape.getValueSchema()
    const itemName = item.getMergedTraits().xmlName ?? "member"
    const read = this.#readerOf(item)
    return (cursor, isEmpty) => {
      const items: Array<unknown> = []
      if (!isEmpty) {
        eachElement(cursor, (element, elementIsEmpty) => {
          if (element !== itemName) return false
          items.push(read(cursor, elementIsEmpty))
          return true
        })
      }
      return items
    }
  }

  #map(shape: NormalizedSchema): Reader {
    const keyName = shape.getKeySchema().getMergedTraits().xmlName ?? "key"
    const valueShape = shape.getValueSchema()
    const valueName = valueShape.getMergedTraits().xmlName ?? "value"
    const readValue = this.#readerOf(valueShape)
    return (cursor, isEmpty) => {
      const entries: Array<[string, unknown]> = []
      if (!isEmpty) {
        eachElement(cursor, (element, entryIsEmpty) => {
          if (element !== "entry" || entryIsEmpty) return false
          let key = ""
          let value: unknown
          eachElement(cursor, (part, partIsEmpty) => {
            if (part === keyName) key = text(cursor, partIsEmpty)
            else if (part === valueName) value = readValue(cursor, partIsEmpty)
            else return false
            return true
          })
          entries.push([key, value])
          return true
        })
      }
      return Object.fromEntries(entries)
    }
  }
}

/** Smithy's numbers for a timestamp without a format of its own, and for one in ISO 8601: the same in these protocols. */
const anyTimestamp = 4
const isoTimestamp = 5

/** What AWS nearly always sends, and the engine itself reads right; leap seconds and offsets are left to the SDK. */
const plainIso =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/u

interface Cursor {
  readonly xml: string
  at: number
  /** The element that was opened last. */
  name: string
}

/** Reads the content of the element that was just opened, its end tag included. `isEmpty`: it was `<like-this/>`. */
type Reader = (cursor: Cursor, isEmpty: boolean) => unknown

interface Member {
  readonly name: string
  readonly isFlatList: boolean
  readonly read: Reader
}

const readAnswer = (xml: string, read: Reader, resultName: string | undefined): unknown => {
  const cursor: Cursor = { xml, at: 0, name: "" }
  let answer: unknown
  const root = openRoot(cursor)
  if (!root.name.endsWith("Response")) throw new MalformedXml(`the answer is a <${root.name.slice(0, 60)}>, not a response`)
  if (resultName === undefined) return read(cursor, root.isEmpty)
  if (!root.isEmpty) {
    eachElement(cursor, (element, isEmpty) => {
      if (element !== resultName) return false
      answer = read(cursor, isEmpty)
      return true
    })
  }
  if (answer === undefined) throw new MalformedXml(`the answer lacks its <${resultName}>`)
  return answer
}

/** The root element, after the declaration, comments and white space. */
const openRoot = (cursor: Cursor): { readonly name: string; readonly isEmpty: boolean } => {
  let root: { readonly name: string; readonly isEmpty: boolean } | undefined
  const before = cursor.xml.indexOf("<")
  if (before < 0) throw new MalformedXml("the answer is no XML")
  cursor.at = before
  while (root === undefined) {
    const at = next(cursor)
    if (isMarkup(cursor.xml, at)) skipMarkup(cursor, at)
    else root = open(cursor, at)
  }
  return root
}

/**
 * Calls `found` with each child element until the parent's end tag, which it
 * takes too. `found` reads the child and answers true, or answers false to have
 * it skipped.
 */
const eachElement = (cursor: Cursor, found: (name: string, isEmpty: boolean) => boolean): void => {
  const { name: parent, xml } = cursor
  for (;;) {
    const at = next(cursor)
    if (xml.charCodeAt(at + 1) === slash) return close(cursor, at, parent)
    if (isMarkup(xml, at)) {
      skipMarkup(cursor, at)
      continue
    }
    const { isEmpty, name } = open(cursor, at)
    if (!found(name, isEmpty) && !isEmpty) skip(cursor)
  }
}

const slash = 47
const greater = 62
const exclamation = 33
const question = 63

/** Where the next `<` is. */
const next = ({ at, xml }: Cursor): number => {
  const found = xml.indexOf("<", at)
  if (found < 0) throw new MalformedXml("the answer ends in the middle")
  return found
}

/** Takes an end tag, which must be the named element's. */
const close = (cursor: Cursor, at: number, name: string): void => {
  const end = endOf(cursor, ">", at)
  if (!cursor.xml.startsWith(name, at + 2)) throw new MalformedXml(`<${name}> ends as <${cursor.xml.slice(at + 1, end).slice(0, 60)}>`)
  cursor.at = end + 1
}

const endOf = ({ xml }: Cursor, mark: string, from: number): number => {
  const found = xml.indexOf(mark, from)
  if (found < 0) throw new MalformedXml("the answer ends in the middle")
  return found
}

/** Takes a start tag. */
const open = (cursor: Cursor, at: number): { readonly name: string; readonly isEmpty: boolean } => {
  const { xml } = cursor
  let end = at + 1
  for (;; end++) {
    const code = xml.charCodeAt(end)
    // A space, a tab or a line break ends the name too; past the end the code is NaN.
    if (code === greater || code === slash || code <= 32 || code !== code) break
  }
  const name = xml.slice(at + 1, end)
  let close = end
  if (xml.charCodeAt(end) !== greater) {
    close = endOf(cursor, ">", end)
    // Attributes, which none of these answers needs: a quoted one may hold a `>`.
    while (hasOpenQuote(xml, end, close)) close = endOf(cursor, ">", close + 1)
  }
  cursor.at = close + 1
  cursor.name = name
  return { name, isEmpty: xml.charCodeAt(close - 1) === slash }
}

const hasOpenQuote = (xml: string, from: number, to: number): boolean => {
  let quote = ""
  for (let i = from; i < to; i++) {
    const char = xml[i]!
    if (quote === "" ? char === "\"" || char === "'" : char === quote) quote = quote === "" ? char : ""
  }
  return quote !== ""
}

const isMarkup = (xml: string, at: number): boolean => {
  const code = xml.charCodeAt(at + 1)
  return code === exclamation || code === question
}

/** Comments, processing instructions and character data that nobody reads. A document type is refused: AWS sends none. */
const skipMarkup = (cursor: Cursor, at: number): void => {
  const { xml } = cursor
  const mark = xml.startsWith("<!--", at) ? "-->" : xml.startsWith("<![CDATA[", at) ? "]]>" : xml.startsWith("<?", at) ? "?>" : ""
  if (mark === "") throw new MalformedXml("the answer holds a document type definition")
  cursor.at = endOf(cursor, mark, at) + mark.length
}

/** Skips the rest of an open element, without recursion: how deep it is nested is not ours to say. */
const skip = (cursor: Cursor): void => {
  const { xml } = cursor
  for (let depth = 1; depth > 0;) {
    const at = next(cursor)
    if (xml.charCodeAt(at + 1) === slash) {
      close(cursor, at, "")
      depth--
    } else if (isMarkup(xml, at)) skipMarkup(cursor, at)
    else if (!open(cursor, at).isEmpty) depth++
  }
}

/** The text of the open element; elements inside it are no text. */
const text = (cursor: Cursor, isEmpty: boolean): string => {
  if (isEmpty) return ""
  const { name, xml } = cursor
  let all = ""
  for (;;) {
    const from = cursor.at
    const at = next(cursor)
    if (at > from) all += decode(xml.slice(from, at))
    if (xml.charCodeAt(at + 1) === slash) {
      close(cursor, at, name)
      // Between tags, a line break is the printer's.
      return all.includes("\n") && all.trim() === "" ? "" : all
    }
    if (xml.startsWith("<![CDATA[", at)) {
      const end = endOf(cursor, "]]>", at)
      all += xml.slice(at + 9, end)
      cursor.at = end + 3
    } else if (isMarkup(xml, at)) skipMarkup(cursor, at)
    else if (!open(cursor, at).isEmpty) skip(cursor)
  }
}

/**
 * A text that stands alone. What is cut out of a string holds on to the whole of
 * it: one resource that is kept would keep the megabytes of its page.
 */
const ownText: Reader = (cursor, isEmpty) => {
  const cut = text(cursor, isEmpty)
  // The engine copies what is shorter anyway.
  return cut.length < 13 ? cut : ` ${cut}`.slice(1)
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }

const decode = (raw: string): string => {
  const unix = raw.includes("\r") ? raw.replace(/\r\n?/gu, "\n") : raw
  if (!unix.includes("&")) return unix
  return unix.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z][a-zA-Z0-9]{0,30});/gu, (_, reference: string) => {
    if (!reference.startsWith("#")) return Object.hasOwn(entities, reference) ? entities[reference]! : ""
    const point = Number(`0${reference.slice(1)}`)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ""
  })
}
