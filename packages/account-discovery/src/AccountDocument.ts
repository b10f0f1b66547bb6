/**
 * Accounts in a JSON or YAML document.
 *
 * @since 0.1.0
 */
import { isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument, type Scalar } from "yaml"
import {
  type AccountFileIssue,
  type Field,
  fieldNamed,
  fieldNames,
  type RawEntry,
  type RawFile
} from "./AccountField.ts"

/**
 * Reads the document. JSON is read as the YAML that it also is, so that both
 * have lines and columns.
 */
export const read = (text: string): RawFile => {
  const lines = new LineCounter()
  const issues: Array<AccountFileIssue> = []
  const placeAt = (offset: number | undefined) => {
    const { col, line } = lines.linePos(offset ?? 0)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const source = text.replace(/^\uFEFF/u, "")
  const deep = tooDeepAt(source)
  if (deep !== undefined) {
    return { entries: [], issues: [{ line: deep, message: `the file is nested more than ${maxDepth} levels deep` }] }
  }
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true })
  // The others follow from the first.
  const [error] = document.errors
  if (error !== undefined) {
    const [message = ""] = error.message.split("\n")
    return { entries: [], issues: [{ ...placeAt(error.pos[0]), message: `this is neither JSON nor YAML: ${message}` }] }
  }

  const placeOf = (node: unknown) => placeAt(isNode(node) ? node.range?.[0] : 0)
  const report = (node: unknown, message: string, hint?: string) =>
    issues.push({ ...placeOf(node), message, ...(hint === undefined ? {} : { hint }) })

  const contents: unknown = document.contents
  const list = isMap(contents) ? contents.get("accounts", true) : contents
  if (isMap(contents)) {
    for (const { key } of contents.items) {
      if (isScalar(key) && key.value === "accounts") continue
      report(key, `the file has no key ${shown(key)}`, "its only key is accounts, or it is a list itself")
    }
  }
  if (contents === null) return { entries: [], issues }
  if (!isSeq(list)) {
    const hint = "write a list, or an object with a list under accounts"
    if (issues.length === 0) report(list ?? contents, "there is no list of accounts", hint)
    return { entries: [], issues }
  }

  const entries: Array<RawEntry> = []
  for (const item of list.items) {
    const place = placeOf(item)
    const fields = new Map<string, Field>()
    if (isScalar(item)) {
      const id = textOf(item)
      if (id === undefined) report(item, `${shown(item)} is no account id`, "write it in quotes")
      else entries.push({ ...place, fields: fields.set("account_id", { ...place, text: id }) })
      continue
    }
    if (!isMap(item)) {
      report(item, "an account is an id, or an object with account_id")
      continue
    }
    for (const { key, value } of item.items) {
      const written = isScalar(key) && typeof key.value === "string" ? key.value : undefined
      const name = written === undefined ? undefined : fieldNamed(written)
      if (name === undefined) {
        report(key, `an account has no key ${shown(key)}`, `the keys are ${fieldNames.join(", ")}`)
        continue
      }
      if (fields.has(name)) {
        report(key, `${shown(key)} says ${name} again`, "write it once")
        continue
      }
      const text = isScalar(value) ? textOf(value) : undefined
      if (text !== undefined) fields.set(name, { ...placeOf(value), text })
      // An empty value is none.
      else if (!(value === null || (isScalar(value) && value.value === null))) report(value, `${name} must be text`)
    }
    entries.push({ ...place, fields })
  }
  return { entries, issues }
}

/** The format needs three levels. */
const maxDepth = 16

/** The line with a level too many: reading it would take long, and the reader is recursive. */
const tooDeepAt = (text: string): number | undefined => {
  let line = 1
  let brackets = 0
  let dashes = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") brackets++
    else if (lexeme === "]" || lexeme === "}") brackets--
    else if (lexeme === "-" || lexeme === "?") dashes++
    else if (lexeme.includes("\n")) {
      line += lexeme.split("\n").length - 1
      dashes = 0
    }
    if (brackets > maxDepth || dashes > maxDepth) return line
  }
  return undefined
}

/** Numbers as they were written: `012345678901` has twelve digits. */
const textOf = ({ source, value }: Scalar): string | undefined =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "bigint"
    ? source ?? String(value)
    : undefined

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "range" in value

const shown = (node: unknown): string => {
  const text = isScalar(node) ? node.source ?? String(node.value) : "…"
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
