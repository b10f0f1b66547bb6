/**
 * Bodies that a reader must not trust, or must not die of.
 *
 * @since 0.1.0
 */
import type { Fate } from "./Fate.ts"
import { draw } from "./Hash.ts"
import { type Answer, bytesOf } from "./Protocol.ts"

/** Whether a body is JSON, by the type that the service announced. */
type Syntax = "json" | "xml"

/** Complete, and no document: the last third is gone. */
const mangled = (body: Buffer): Buffer =>
  Buffer.concat([body.subarray(0, Math.ceil(body.length * 0.66)), Buffer.from("\u0000<<{\"")])

const declaration = /^<\?xml[^>]*\?>\s*/u

/** Before the last end tag: inside of the root element. */
const inRoot = (xml: string, inserted: string): string => {
  const at = xml.lastIndexOf("</")
  return at < 0 ? xml + inserted : xml.slice(0, at) + inserted + xml.slice(at)
}

/** Ten of the entity before, nine times over: a billion letters. */
const bomb = [
  "<!ENTITY a0 \"ha\">",
  ...Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`)
].join("\n")

const external = "<!ENTITY a9 SYSTEM \"file:///etc/hostname\">"

/** A text of the document, to hide something in: after a start tag, without children. */
const xmlText = />[^<>\s][^<>]*<\//u

/**
 * The document with a document type declaration, and an entity of it at the
 * end of its first text. JSON gives way to such a document as a whole.
 */
const doctype = (text: string, syntax: Syntax, entities: "bomb" | "external"): string => {
  const document = syntax === "xml" ? text.replace(declaration, "") : "<answer><value>text</value></answer>"
  const found = xmlText.exec(document)
  const hidden = found === null
    ? inRoot(document, "<value>&a9;</value>")
    : `${document.slice(0, found.index + found[0].length - 2)}&a9;${document.slice(found.index + found[0].length - 2)}`
  return `<?xml version="1.0"?>\n<!DOCTYPE answer [\n${entities === "bomb" ? bomb : external}\n]>\n${hidden}`
}

/** A member that no client knows, nested so deep that a recursive reader overflows. Well-formed. */
const nested = (text: string, syntax: Syntax, depth: number): string => {
  if (syntax === "xml") return inRoot(text, `${"<n>".repeat(depth)}${"</n>".repeat(depth)}`)
  const rest = text.trimStart()
  const member = `"Nested":${"[".repeat(depth)}${"]".repeat(depth)}`
  if (!rest.startsWith("{")) return `{${member}}`
  return `{${member}${rest.slice(1).trimStart().startsWith("}") ? "" : ","}${rest.slice(1)}`
}

/** Texts of a document: between tags, or strings that are values. */
const texts: Readonly<Record<Syntax, RegExp>> = {
  xml: />([^<>\s][^<>]*)<\//gu,
  json: /[:[,]"([^"\\]+)"/gu
}

/** Ids of requests are nobody's truth. */
const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-/u

/** One of the texts with two bytes in its middle that are no UTF-8; `hash` says which. */
const misencoded = (body: Buffer, syntax: Syntax, hash: number): Buffer => {
  // As Latin-1, a position in the text is one in the bytes.
  const text = body.toString("latin1")
  const found = [...text.matchAll(texts[syntax])].filter(([, value = ""]) => !requestId.test(value))
  const one = found[found.length === 0 ? 0 : draw(hash, 0) % found.length]
  const at = one === undefined
    ? syntax === "xml" ? text.lastIndexOf("</") : text.lastIndexOf("}")
    : one.index + one[0].indexOf(one[1]!) + Math.floor(one[1]!.length / 2)
  const wrong = one === undefined && syntax === "json"
    ? Buffer.concat([Buffer.from("\""), Buffer.from([0xff, 0xfe]), Buffer.from("\":1")])
    : Buffer.from([0xff, 0xfe])
  return at < 0 ? wrong : Buffer.concat([body.subarray(0, at), wrong, body.subarray(at)])
}

/** The same document in ASCII: what is beyond it as references, or escapes. */
const inReferences = (text: string, syntax: Syntax): string =>
  syntax === "xml"
    ? text.replace(/[\u0080-\u{10ffff}]/gu, (char) => `&#x${char.codePointAt(0)!.toString(16)};`)
    // Without the `u` flag: JSON escapes halves of a pair.
    : text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** The body of an answer, after all that goes wrong with bodies. */
export const corrupt = (
  answer: Answer,
  { has, took }: Fate,
  hash: number
): { readonly answer: Answer; readonly body: Buffer } => {
  const syntax = (answer.headers["content-type"] ?? "").includes("json") ? "json" : "xml"
  const body = bytesOf(answer)
  const references = has("references")
  const nesting = has("nesting")
  const declared = has("doctype")
  const wrongBytes = has("invalid-utf8")
  const malformed = has("malformed")
  const empty = has("empty")
  const type = has("content-type")
  let changed = body
  if (references !== undefined) {
    changed = Buffer.from(inReferences(changed.toString(), syntax))
    if (!changed.equals(body)) took(references, "altered")
  }
  if (nesting !== undefined) {
    took(nesting, "altered")
    changed = Buffer.from(nested(changed.toString(), syntax, nesting.depth ?? 100_000))
  }
  if (declared !== undefined) {
    took(declared, "broken")
    changed = Buffer.from(doctype(changed.toString(), syntax, declared.entities ?? "bomb"))
  }
  if (wrongBytes !== undefined) {
    took(wrongBytes, "broken")
    changed = misencoded(changed, syntax, hash)
  }
  if (malformed !== undefined) {
    took(malformed, "broken")
    changed = mangled(changed)
  }
  if (empty !== undefined) {
    took(empty, "broken")
    changed = Buffer.alloc(0)
  }
  if (type !== undefined) took(type, "altered")
  return {
    body: changed,
    answer: {
      ...answer,
      ...(empty === undefined ? {} : { status: 200 }),
      ...(type === undefined ? {} : { headers: { ...answer.headers, "content-type": type.value ?? "text/plain" } })
    }
  }
}
