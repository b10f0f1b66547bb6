/**
 * Goes through an XML document from start to end: elements, texts, and what
 * there is to skip. What does not close as it was opened is malformed.
 *
 * The document is made into text a window at a time: the text of a whole page
 * would be megabytes that stay until the collector comes by.
 *
 * @since 0.1.0
 */

/**
 * The answer is not the XML that the operation is answered with.
 *
 * @category errors
 * @since 0.1.0
 */
export class MalformedXml extends Error {
  override readonly name = "MalformedXml"
}

/** Bytes that are made into text at once: few enough to be garbage of the cheapest kind. */
const usualWindow = 64 * 1024

/**
 * Where in a document we are. `xml` and `at` are another window's after every
 * function here that looks for something: what was behind `at` is gone then,
 * and what was found at or after it is told anew.
 */
export interface Cursor {
  /** The window: text from somewhere up to before a `<`, or to the end. */
  xml: string
  at: number
  /** The document, and how much of it was made into text. */
  readonly bytes: Buffer
  read: number
  readonly window: number
  /** The element that was opened last, and whether it was `<like-this/>`. */
  name: string
  isEmpty: boolean
  /** Where the next `&` is; past the end when there is none. */
  ampersand: number
  readonly hasReturns: boolean
}

/** At the start of a document, which is UTF-8. */
export const cursorOf = (bytes: Buffer, window: number = usualWindow): Cursor => ({
  xml: "",
  at: 0,
  bytes,
  read: 0,
  window,
  name: "",
  isEmpty: false,
  ampersand: -1,
  hasReturns: bytes.includes(carriageReturn)
})

/** Where a window may end that begins at `from`: before a tag, so that none is cut, and no character either. */
const windowEnd = ({ bytes, window }: Cursor, from: number, least: number): number => {
  const wanted = from + Math.max(window, least)
  if (wanted >= bytes.length) return bytes.length
  const before = bytes.lastIndexOf(less, wanted)
  if (before > from) return before
  const after = bytes.indexOf(less, wanted)
  return after < 0 ? bytes.length : after
}

/** Takes the next window, with what is left of this one before it. */
const advance = (cursor: Cursor): void => {
  const { bytes, read } = cursor
  if (read === bytes.length) throw new MalformedXml("the answer ends in the middle")
  const end = windowEnd(cursor, read, 0)
  const left = cursor.at === cursor.xml.length ? 0 : Buffer.byteLength(cursor.xml.slice(cursor.at))
  cursor.xml = bytes.toString("utf8", read - left, end)
  cursor.at = 0
  cursor.read = end
  cursor.ampersand = -1
}

/** Makes this window longer: what is looked for is not in it. Twice as long each time, or a comment of megabytes would take hours. */
const extend = (cursor: Cursor): void => {
  const { bytes, read } = cursor
  if (read === bytes.length) throw new MalformedXml("the answer ends in the middle")
  cursor.read = windowEnd(cursor, read, cursor.xml.length)
  cursor.xml += bytes.toString("utf8", read, cursor.read)
}

/** The root element, after the declaration, comments and white space. */
export const openRoot = (cursor: Cursor): { readonly name: string; readonly isEmpty: boolean } => {
  if (!cursor.bytes.includes(less)) throw new MalformedXml("the answer is no XML")
  for (;;) {
    const at = next(cursor)
    if (cursor.xml.charCodeAt(at + 1) === slash) throw new MalformedXml("the answer begins with an end tag")
    if (openElement(cursor, at)) return { name: cursor.name, isEmpty: cursor.isEmpty }
  }
}

/**
 * Calls `found` with each child element until the parent's end tag, which it
 * takes too. `found` reads the child and answers true, or answers false to have
 * it skipped.
 */
export const eachElement = (cursor: Cursor, end: string, found: (name: string, isEmpty: boolean) => boolean): void => {
  for (;;) {
    const at = next(cursor)
    if (cursor.xml.charCodeAt(at + 1) === slash) return close(cursor, at, end)
    if (!openElement(cursor, at)) continue
    const { isEmpty } = cursor
    if (!found(cursor.name, isEmpty) && !isEmpty) skip(cursor)
  }
}

export const slash = 47
const carriageReturn = 13
const less = 60
const greater = 62
const exclamation = 33
const question = 63

/** Where the next `<` is. */
export const next = (cursor: Cursor): number => {
  for (;;) {
    const found = cursor.xml.indexOf("<", cursor.at)
    if (found >= 0) return found
    advance(cursor)
  }
}

/** Takes an end tag, which must be the one that is given. */
export const close = (cursor: Cursor, at: number, end: string): void => {
  if (cursor.xml.startsWith(end, at)) {
    cursor.at = at + end.length
    return
  }
  const closed = endOf(cursor, ">", at)
  // White space may follow the name.
  if (`${cursor.xml.slice(at, closed).trimEnd()}>` !== end) {
    throw new MalformedXml(`<${end.slice(2)} ends as <${cursor.xml.slice(at + 1, closed).slice(0, 60)}>`)
  }
  cursor.at = closed + 1
}

const endOf = (cursor: Cursor, mark: string, from: number): number => {
  for (let start = from;;) {
    const found = cursor.xml.indexOf(mark, start)
    if (found >= 0) return found
    start = Math.max(from, cursor.xml.length - mark.length)
    extend(cursor)
  }
}

/** Takes a start tag and answers true, or takes a comment and the like and answers false. */
export const openElement = (cursor: Cursor, at: number): boolean => {
  const code = cursor.xml.charCodeAt(at + 1)
  if (code === exclamation || code === question) {
    skipMarkup(cursor, at)
    return false
  }
  let end = at + 1
  for (;; end++) {
    const code = cursor.xml.charCodeAt(end)
    // A space, a tab or a line break ends the name too.
    if (code === greater || code === slash || code <= 32) break
    // Past the end of the window.
    if (code !== code) {
      extend(cursor)
      end--
    }
  }
  cursor.name = cursor.xml.slice(at + 1, end)
  let close = end
  if (cursor.xml.charCodeAt(end) !== greater) {
    close = endOf(cursor, ">", end)
    // Attributes, which none of these answers needs: a quoted one may hold a `>`.
    while (hasOpenQuote(cursor.xml, end, close)) close = endOf(cursor, ">", close + 1)
  }
  cursor.at = close + 1
  cursor.isEmpty = cursor.xml.charCodeAt(close - 1) === slash
  return true
}

const hasOpenQuote = (xml: string, from: number, to: number): boolean => {
  let quote = ""
  for (let i = from; i < to; i++) {
    const char = xml[i]!
    if (quote === "" ? char === "\"" || char === "'" : char === quote) quote = quote === "" ? char : ""
  }
  return quote !== ""
}

/** Comments, processing instructions and character data that nobody reads. A document type is refused: AWS sends none. */
const skipMarkup = (cursor: Cursor, at: number): void => {
  const { xml } = cursor
  const mark = xml.startsWith("<!--", at) ? "-->" : xml.startsWith("<![CDATA[", at) ? "]]>" : xml.startsWith("<?", at) ? "?>" : ""
  if (mark === "") {
    const isWebPage = /^<!doctype\s+html\b/iu.test(xml.slice(at, at + 40))
    throw new MalformedXml(isWebPage ? "the answer is a web page" : "the answer holds a document type definition")
  }
  cursor.at = endOf(cursor, mark, at) + mark.length
}

/** Skips the rest of the element that was opened last, without recursion: how deep it is nested is not ours to say. */
export const skip = (cursor: Cursor): void => {
  const open = [cursor.name]
  for (;;) {
    const at = next(cursor)
    if (cursor.xml.charCodeAt(at + 1) === slash) {
      close(cursor, at, `</${open.pop()!}>`)
      if (open.length === 0) return
    } else if (openElement(cursor, at) && !cursor.isEmpty) {
      open.push(cursor.name)
    }
  }
}

/** The text of the open element; elements inside it are no text. */
export const text = (cursor: Cursor, end: string): string => {
  const to = next(cursor)
  const { at: from, xml } = cursor
  if (!xml.startsWith(end, to)) return mixedText(cursor, end)
  cursor.at = to + end.length
  if (cursor.ampersand < from) {
    const found = xml.indexOf("&", from)
    cursor.ampersand = found < 0 ? xml.length : found
  }
  return cursor.ampersand < to || cursor.hasReturns || xml.charCodeAt(from) <= 32
    ? printed(decode(xml.slice(from, to)))
    : known(xml, from, to)
}

/** A text with comments, character data or elements in it. */
const mixedText = (cursor: Cursor, end: string): string => {
  let all = ""
  for (;;) {
    const at = next(cursor)
    const { at: from, xml } = cursor
    if (at > from) all += decode(xml.slice(from, at))
    if (xml.charCodeAt(at + 1) === slash) {
      close(cursor, at, end)
      return printed(all)
    }
    if (xml.startsWith("<![CDATA[", at)) {
      const to = endOf(cursor, "]]>", at)
      all += cursor.xml.slice(at + 9, to)
      cursor.at = to + 3
    } else if (openElement(cursor, at) && !cursor.isEmpty) skip(cursor)
  }
}

/** Between tags, a line break is the printer's. */
const printed = (all: string): string => all.includes("\n") && all.trim() === "" ? "" : alone(all)

/**
 * A text that stands alone. What is cut out of a string holds on to the whole of
 * it: one resource that is kept would keep the megabytes of its page. The engine
 * copies what is shorter than 13 characters anyway.
 */
const alone = (cut: string): string => cut.length < 13 ? cut : ` ${cut}`.slice(1)

/** Texts that were met lately, by a rough hash: most texts of a page are the same few, over and over. */
const met: Array<string> = Array.from({ length: 4096 }, () => "")
const longestMet = 64

const known = (xml: string, from: number, to: number): string => {
  const length = to - from
  if (length > longestMet) return alone(xml.slice(from, to))
  const hash = (xml.charCodeAt(from) * 31 + xml.charCodeAt(to - 1)) * 31 + xml.charCodeAt(from + (length >> 1)) + length * 7
  const at = hash & 4095
  const last = met[at]!
  if (last.length === length && xml.startsWith(last, from)) return last
  return met[at] = alone(xml.slice(from, to))
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
