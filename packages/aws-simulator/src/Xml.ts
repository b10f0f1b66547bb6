/**
 * Writing and reading XML as AWS's XML protocols do.
 *
 * @since 0.1.0
 */
import * as Shape from "./Shape.ts"

// oxlint-disable-next-line no-control-regex
const special = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f]/u
// oxlint-disable-next-line no-control-regex
const specials = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f]/gu
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&apos;"
}

/** Escapes text; control characters become references, everything else stays UTF-8. */
export const escape = (text: string): string =>
  special.test(text)
    ? text.replace(specials, (char) => entities[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`)
    : text

/** Writes a value of one shape at one depth. */
type Writer = (value: unknown) => string

/**
 * Writers of one style. `indent` is what one level of nesting is indented
 * with, or `undefined` for no white space at all: white space between elements
 * without a newline would make the SDK lose the elements. `extras` adds elements
 * that no client knows yet to every structure.
 */
export const makeXml = (indent: string | undefined, timestamps: Shape.TimestampFormat, extras = false) => {
  const compiled = new Map<Shape.Shape, Array<Writer | undefined>>()
  const breakAt = (depth: number) => indent === undefined ? "" : `\n${indent.repeat(depth)}`

  /** Writes what is inside an element of this shape, children at `depth`. */
  const contents = (shape: Shape.Shape, depth: number): Writer => {
    const byDepth = compiled.get(shape) ?? []
    compiled.set(shape, byDepth)
    return byDepth[depth] ??= compile(shape, depth)
  }

  const compile = (shape: Shape.Shape, depth: number): Writer => {
    switch (shape.kind) {
      case "string":
        return (value) => escape(value as string)
      case "number":
      case "boolean":
      case "document":
        return String
      case "blob":
        return (value) => Buffer.from(value as Uint8Array).toString("base64")
      case "timestamp": {
        const format = shape.format ?? timestamps
        return (value) => Shape.timestamp(value as Date, format)
      }
      case "unit":
        return () => ""
      case "structure":
        return structure(shape, depth)
      case "list": {
        const member = shape.member()
        return items(element(member.traits.xmlName ?? "member", member, depth))
      }
      case "map":
        return entry(shape, "entry", depth)
    }
  }

  const items = (one: Writer): Writer => (value) => {
    let text = ""
    for (const item of value as ReadonlyArray<unknown>) text += one(item)
    return text
  }

  const entry = (shape: Extract<Shape.Shape, { kind: "map" }>, name: string, depth: number): Writer => {
    const key = element(shape.key().traits.xmlName ?? "key", shape.key(), depth + 1)
    const value = element(shape.value().traits.xmlName ?? "value", shape.value(), depth + 1)
    const start = `${breakAt(depth)}<${name}>`
    const end = `${breakAt(depth)}</${name}>`
    return (map) => {
      let text = ""
      for (const [at, item] of Object.entries(map as Record<string, unknown>)) {
        text += start + key(at) + value(item) + end
      }
      return text
    }
  }

  /** Writes one element, its start tag at `depth`. */
  const element = (name: string, member: Shape.Member, depth: number): Writer => {
    const attributes = member.traits.xmlNamespace === undefined ? "" : ` xmlns="${member.traits.xmlNamespace[1]}"`
    const start = `${breakAt(depth)}<${name}${attributes}>`
    const end = `</${name}>`
    const empty = `${breakAt(depth)}<${name}${attributes}/>`
    const { shape } = member
    const nested = shape.kind === "structure" || shape.kind === "list" || shape.kind === "map"
    const endNested = `${breakAt(depth)}${end}`
    let inside: Writer | undefined
    return (value) => {
      inside ??= contents(shape, depth + 1)
      const text = inside(value)
      return text === "" ? empty : start + text + (nested ? endNested : end)
    }
  }

  const structure = (shape: Extract<Shape.Shape, { kind: "structure" }>, depth: number): Writer => {
    const writers = new Map<string, Writer>()
    const future = `${breakAt(depth)}<futureMember><deep><value>unknown</value></deep></futureMember>`
    for (const [name, member] of shape.members()) {
      const flat = member.traits.xmlFlattened === 1 || member.shape.traits.xmlFlattened === 1
      const xmlName = member.traits.xmlName ?? name
      if (flat && member.shape.kind === "list") {
        writers.set(name, items(element(xmlName, { shape: member.shape.member().shape, traits: {} }, depth)))
      } else if (flat && member.shape.kind === "map") {
        writers.set(name, entry(member.shape, xmlName, depth))
      } else {
        writers.set(name, element(xmlName, member, depth))
      }
    }
    return (value) => {
      let text = ""
      const object = value as Record<string, unknown>
      for (const name in object) {
        const item = object[name]
        if (item === undefined) continue
        const writer = writers.get(name)
        // A misspelt member must not become an answer that silently lacks it.
        if (writer === undefined) throw new TypeError(`${shape.name} has no member ${name}`)
        text += writer(item)
      }
      return extras ? text + future : text
    }
  }

  /**
   * Writes an output piece by piece: the items of its lists each for itself. A
   * page of a thousand items as one string would have to be flattened, and all
   * of it widened for a single character beyond Latin-1.
   */
  const pieces = (shape: Shape.Shape, depth: number) => (value: unknown): Array<string> => {
    if (shape.kind !== "structure" || extras) return [contents(shape, depth)(value)]
    const object = value as Record<string, unknown>
    const found: Array<string> = []
    for (const name in object) {
      const member = shape.members().get(name)
      const list = object[name]
      if (
        member === undefined || !Array.isArray(list) || list.length === 0 || member.shape.kind !== "list" ||
        member.traits.xmlFlattened === 1 || member.traits.xmlNamespace !== undefined
      ) {
        found.push(contents(shape, depth)({ [name]: list }))
        continue
      }
      const tag = member.traits.xmlName ?? name
      const write = contents(member.shape, depth + 1)
      found.push(`${breakAt(depth)}<${tag}>`)
      for (const item of list) found.push(write([item]))
      found.push(`${breakAt(depth)}</${tag}>`)
    }
    return found
  }

  return { contents, pieces }
}

/** An element of a request. */
export interface Node {
  readonly name: string
  readonly children: ReadonlyArray<Node>
  readonly text: string
}

/** Reads the XML of a request body: elements and text, no more. */
export const parse = (text: string): Node => {
  const tokens = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([^\s/>]+)[^>]*?(\/?)>|([^<]+)/gu
  interface Open {
    readonly name: string
    readonly children: Array<Node>
    text: string
  }
  const root: Open = { name: "", children: [], text: "" }
  const stack: Array<Open> = [root]
  for (const [, close, name, empty, chars] of text.matchAll(tokens)) {
    const top = stack[stack.length - 1]!
    if (chars !== undefined) top.text += unescape(chars)
    else if (name === undefined) continue
    else if (close === "/") {
      if (stack.length === 1 || top.name !== name) throw new SyntaxError(`unexpected </${name}>`)
      stack.pop()
    } else {
      const opened: Open = { name, children: [], text: "" }
      top.children.push(opened)
      if (empty !== "/") stack.push(opened)
    }
  }
  const [first] = root.children
  if (stack.length !== 1 || first === undefined) throw new SyntaxError("not an XML document")
  return first
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }

const unescape = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/giu, (whole, hex, decimal, name) =>
    hex !== undefined
      ? String.fromCodePoint(Number.parseInt(String(hex), 16))
      : decimal !== undefined
      ? String.fromCodePoint(Number(decimal))
      : named[String(name)] ?? whole)

/** Reads a value of a shape from an element of a request. */
export const read = (shape: Shape.Shape, node: Node): unknown => {
  switch (shape.kind) {
    case "structure": {
      const found: Array<readonly [string, unknown]> = []
      for (const [name, member] of shape.members()) {
        const child = node.children.find((one) => one.name === (member.traits.xmlName ?? name))
        if (child !== undefined) found.push([name, read(member.shape, child)])
      }
      return Object.fromEntries(found)
    }
    case "list": {
      const { shape: inner } = shape.member()
      return node.children.map((child) => read(inner, child))
    }
    case "number":
      return Number(node.text)
    case "boolean":
      return node.text === "true"
    case "timestamp":
      return new Date(node.text)
    default:
      return node.text
  }
}
