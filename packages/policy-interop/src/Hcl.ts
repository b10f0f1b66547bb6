/**
 * The part of HCL that variable files and provider blocks are written in.
 *
 * @see https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
import type { PolicyIssue } from "@cadastre/policy"

/** What an expression is; `expression` is one that stands for something else, such as `var.owner`. */
export type Hcl =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<Hcl> }
  | { readonly _tag: "Map"; readonly entries: ReadonlyArray<readonly [key: string, value: Hcl]> }
  | { readonly _tag: "Other"; readonly expression: string }

/** `name = value`, or `name "label" { body }`. */
export type Item =
  | { readonly _tag: "Attribute"; readonly name: string; readonly value: Hcl; readonly line: number; readonly column: number }
  | { readonly _tag: "Block"; readonly name: string; readonly labels: ReadonlyArray<string>; readonly body: ReadonlyArray<Item> }

/** A text in quotes that HCL reads as exactly this text: nothing in it is a template. */
export const quote = (text: string): string => {
  let quoted = ""
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === "\n") quoted += "\\n"
    else if (char === "\r") quoted += "\\r"
    else if (char === "\t") quoted += "\\t"
    else if (char === "\"" || char === "\\") quoted += `\\${char}`
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029 || code === 0xfeff) {
      quoted += `\\u${code.toString(16).padStart(4, "0")}`
    } else quoted += char
  }
  // Only before a brace does a sign begin a template. Doubled it does not; after another sign, its code is unambiguous.
  return `"${quoted.replace(/(?<=[$%])([$%])(?=\{)|([$%])(?=\{)/gu, (_, after?: string, alone?: string) =>
    after === undefined ? `${alone}${alone}` : after === "$" ? "\\u0024" : "\\u0025")}"`
}

/** A list of texts. */
export const list = (texts: ReadonlyArray<string>): string => `[${texts.map(quote).join(", ")}]`

const maxLength = 1_048_576
const maxDepth = 32

/** Where each line begins. */
const linesOf = (text: string): ReadonlyArray<number> => {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return starts
}

const placeIn = (starts: ReadonlyArray<number>, offset: number): { readonly line: number; readonly column: number } => {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle
  }
  return { line: low + 1, column: offset - starts[low]! + 1 }
}

class SyntaxProblem {
  readonly offset: number
  readonly message: string
  constructor(offset: number, message: string) {
    this.offset = offset
    this.message = message
  }
}

/** Reads a file; an issue where it is not of this part of HCL. */
export const parse = (text: string): ReadonlyArray<Item> | PolicyIssue => {
  const issueAt = (offset: number, message: string): PolicyIssue => ({ ...placeIn(linesOf(text), offset), path: "", message })
  if (text.length > maxLength) return issueAt(0, `the file has more than ${maxLength} characters`)
  try {
    return new Parser(text).file()
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return issueAt(problem.offset, problem.message)
    throw problem
  }
}

const space = /(?:[ \t\r]|\/\*[^]*?\*\/)*/uy
const spaceAndLines = /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)*/uy
const comment = /(?:#|\/\/)[^\n]*/uy
const identifier = /[\p{L}_][\p{L}\p{N}_-]*/uy

class Parser {
  readonly #text: string
  readonly #lines: ReadonlyArray<number>
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#lines = linesOf(text)
    if (text.startsWith("\uFEFF")) this.#at = 1
  }

  file(): ReadonlyArray<Item> {
    const items = this.#body(0)
    if (this.#at < this.#text.length) this.#fail("syntax error: a bracket too many")
    return items
  }

  #fail(message: string): never {
    throw new SyntaxProblem(this.#at, message)
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const taken = pattern.exec(this.#text)?.[0] ?? ""
    this.#at += taken.length
    return taken
  }

  #is(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #expect(text: string, what: string): void {
    if (!this.#is(text)) this.#fail(`syntax error: expected ${what}`)
    this.#at += text.length
  }

  #body(depth: number): ReadonlyArray<Item> {
    if (depth > maxDepth) this.#fail(`nested more than ${maxDepth} levels deep`)
    const items: Array<Item> = []
    for (;;) {
      this.#take(spaceAndLines)
      if (this.#at >= this.#text.length || this.#is("}")) return items
      const start = this.#at
      const name = this.#take(identifier)
      if (name === "") this.#fail("syntax error: expected a name")
      this.#take(space)
      if (this.#is("=") && !this.#is("==")) {
        this.#at++
        this.#take(space)
        const value = this.#expression(depth + 1)
        this.#endOfLine()
        items.push({ _tag: "Attribute", name, value, ...placeIn(this.#lines, start) })
        continue
      }
      const labels: Array<string> = []
      while (!this.#is("{")) {
        const label = this.#is("\"") ? this.#string() : this.#take(identifier)
        if (label === undefined || label === "") this.#fail("syntax error: expected = or {")
        labels.push(label)
        this.#take(space)
      }
      this.#at++
      const body = this.#body(depth + 1)
      this.#expect("}", "}")
      items.push({ _tag: "Block", name, labels, body })
    }
  }

  #endOfLine(): void {
    this.#take(space)
    this.#take(comment)
    if (this.#at < this.#text.length && !this.#is("\n") && !this.#is("}")) this.#fail("syntax error: expected the end of the line")
  }

  #expression(depth: number): Hcl {
    if (depth > maxDepth) this.#fail(`nested more than ${maxDepth} levels deep`)
    const start = this.#at
    if (this.#is("\"")) {
      const text = this.#string()
      this.#take(space)
      if (text !== undefined && this.#ended()) return { _tag: "Text", text }
    } else if (this.#is("[")) {
      const items = this.#items("[", "]", () => this.#expression(depth + 1))
      this.#take(space)
      if (this.#ended()) return { _tag: "List", items }
    } else if (this.#is("{")) {
      const entries = this.#items("{", "}", () => this.#entry(depth + 1))
      this.#take(space)
      if (this.#ended()) return { _tag: "Map", entries }
    }
    this.#at = start
    return { _tag: "Other", expression: this.#other() }
  }

  /** Whether an expression is over here. */
  #ended(): boolean {
    return this.#at >= this.#text.length || /[\n,\]})#]/u.test(this.#text[this.#at]!) || this.#is("//")
  }

  #items<A>(open: string, close: string, item: () => A): ReadonlyArray<A> {
    this.#expect(open, open)
    const items: Array<A> = []
    for (;;) {
      this.#take(spaceAndLines)
      if (this.#is(close)) {
        this.#at++
        return items
      }
      items.push(item())
      const before = this.#at
      this.#take(spaceAndLines)
      if (this.#is(",")) this.#at++
      else if (!this.#is(close) && !(open === "{" && this.#text.slice(before, this.#at).includes("\n"))) {
        this.#fail(`syntax error: expected a comma or ${close}`)
      }
    }
  }

  #entry(depth: number): readonly [string, Hcl] {
    const key = this.#is("\"") ? this.#string() : this.#take(identifier)
    if (key === undefined || (key === "" && this.#text[this.#at - 1] !== "\"")) this.#fail("syntax error: expected a key")
    this.#take(space)
    if (this.#is(":")) this.#at++
    else this.#expect("=", "=")
    this.#take(spaceAndLines)
    return [key, this.#expression(depth)]
  }

  /** A text in quotes; `undefined` when it has templates in it. */
  #string(): string | undefined {
    this.#at++
    let text = ""
    let templates = false
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === "\n") this.#fail("syntax error: expected a text that ends on its line")
      if (char === "\"") {
        this.#at++
        return templates ? undefined : text
      }
      if ((char === "$" || char === "%") && this.#is(`${char}${char}{`)) {
        text += `${char}{`
        this.#at += 3
      } else if ((char === "$" || char === "%") && this.#is(`${char}{`)) {
        templates = true
        this.#template()
      } else if (char === "\\") text += this.#escape()
      else {
        text += char
        this.#at++
      }
    }
  }

  #template(): void {
    let depth = 0
    do {
      const char = this.#text[this.#at]
      if (char === undefined || char === "\n") this.#fail("syntax error: expected }")
      if (char === "{") depth++
      if (char === "}") depth--
      this.#at++
    } while (depth > 0 || this.#text[this.#at - 1] !== "}")
  }

  #escape(): string {
    const escaped = /\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/uy
    escaped.lastIndex = this.#at
    const match = escaped.exec(this.#text)
    if (match === null) this.#fail("syntax error: HCL has no such escape")
    this.#at += match[0].length
    const [, short, four, eight] = match
    if (short !== undefined) return short === "n" ? "\n" : short === "r" ? "\r" : short === "t" ? "\t" : short
    const code = Number.parseInt(four ?? eight ?? "", 16)
    if (code > 0x10ffff) this.#fail("syntax error: there is no such character")
    return String.fromCodePoint(code)
  }

  /** Anything else up to the end of its line, where all brackets are closed. */
  #other(): string {
    const start = this.#at
    let depth = 0
    for (;;) {
      const char = this.#text[this.#at]
      if (char === "\"") {
        this.#string()
        continue
      }
      if (char === undefined || (depth === 0 && /[\n,\]})#]/u.test(char))) break
      // Comparisons have another sign beside it.
      if (char === "=" && depth === 0 && !/[=!<>]=|=[=>]/u.test(this.#text.slice(this.#at - 1, this.#at + 2))) {
        this.#fail("syntax error: expected the end of the line")
      }
      if (/[[({]/u.test(char)) depth++
      if (/[\])}]/u.test(char)) depth--
      this.#at++
    }
    const expression = this.#text.slice(start, this.#at).trim()
    if (expression === "") this.#fail("syntax error: expected a value")
    return expression
  }
}
