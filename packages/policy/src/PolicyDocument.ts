/**
 * A JSON or YAML text as plain data that remembers where each part of it stands.
 */
import * as Yaml from "yaml"
import * as JsonSyntax from "./JsonSyntax.ts"
import type { PolicyIssue } from "./PolicyError.ts"

/** Where something is: object keys and array indices from the root. */
export type Path = ReadonlyArray<PropertyKey>

/** Which end of an entry is meant: its key or its value. */
export type Part = "key" | "value"

export interface PolicyDocument {
  /** Plain data: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown
  /** What is wrong with the text itself. */
  readonly issues: ReadonlyArray<PolicyIssue>
  /** An issue with what is at `path`, or with the nearest thing around it. */
  readonly issueAt: (path: Path, part: Part, message: string, hint?: string) => PolicyIssue
}

/** 1 MiB: the largest policies in use have a few thousand lines. */
const maxLength = 1_048_576
/** The format needs six levels; `metadata` may use the rest. */
const maxDepth = 32
const maxAliasCount = 100
const maxNodes = 500_000
const maxSyntaxErrors = 20

interface Located {
  readonly value: unknown
  readonly offset: number
  readonly children: ReadonlyMap<PropertyKey, { readonly key: number; readonly value: Located }>
}

const plainTags: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`)
)

const noChildren: Located["children"] = new Map()

/** Writes a path as people do: `required_tags[0].name`. */
export const formatPath = (path: Path): string =>
  path.map((key, at) =>
    typeof key === "number" ? `[${key}]` : /^[\w$-]+$/u.test(String(key)) ? `${at === 0 ? "" : "."}${String(key)}`
    : `[${quote(String(key))}]`
  ).join("")

/** A text on one line, cut where it is long. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** Reads a text; never throws. */
export const read = (text: string): PolicyDocument => {
  const lines = new Yaml.LineCounter()
  lines.addNewLine(0)
  const issues: Array<PolicyIssue> = []
  const placed = (offset: number, path: Path, message: string, hint?: string): PolicyIssue => {
    const { col, line } = lines.linePos(Math.max(0, offset))
    return { line, column: col, path: formatPath(path), message, ...(hint === undefined ? {} : { hint }) }
  }
  const broken = (): PolicyDocument => ({
    value: undefined,
    issues,
    issueAt: (path, _part, message, hint) => placed(0, path, message, hint)
  })
  if (text.length > maxLength) {
    issues.push(placed(0, [], `the file has more than ${maxLength} characters`, "is it a policy?"))
    return broken()
  }

  const tokens: Array<Yaml.CST.Token> = []
  const tooDeep = tokenise(text, lines, tokens)
  if (tooDeep !== undefined) {
    issues.push(placed(tooDeep, [], `nested more than ${maxDepth} levels deep`))
    return broken()
  }
  // Aliases and duplicate keys are looked at below: there the library takes quadratic time.
  const composer = new Yaml.Composer({ version: "1.2", schema: "core", uniqueKeys: false, stringKeys: true })
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  const problems = document === undefined ? [] : document.errors
  if (problems.length > 0) {
    const json = /^\uFEFF?\s*[{[]/u.test(text) ? JsonSyntax.firstError(text) : undefined
    if (json !== undefined) {
      const found = json.offset >= text.trimEnd().length
        ? "the file ends here"
        : quote(text.slice(json.offset, json.offset + 12))
      issues.push(placed(json.offset, [], `syntax error: expected ${json.expected}, found ${found}`))
      return broken()
    }
    const seen = new Set<number>()
    for (const { code, message, pos } of problems) {
      if (seen.has(pos[0]) || seen.size >= maxSyntaxErrors) continue
      seen.add(pos[0])
      issues.push(placed(pos[0], [], code === "RESOURCE_EXHAUSTION"
        ? `nested more than ${maxDepth} levels deep`
        : `syntax error: ${message.replace(/\s+/gu, " ")}`))
    }
    return broken()
  }
  if (second !== undefined) {
    issues.push(placed(second.range[0], [], "a second YAML document begins here", "a policy is one document"))
    return broken()
  }
  if (document === undefined || document.contents === null) {
    issues.push(placed(0, [], "the file is empty", "a policy is an object with required_tags"))
    return broken()
  }

  const anchors = new Map<string, Yaml.Node>()
  const open = new Set<Yaml.Node>()
  let aliases = 0
  let nodes = 0
  const leaf = (value: unknown, offset: number): Located => ({ value, offset, children: noChildren })

  const locate = (node: Yaml.Node | null, at: number, path: Path): Located => {
    const offset = node?.range?.[0] ?? at
    const fail = (message: string, hint?: string): Located => {
      issues.push(placed(offset, path, message, hint))
      return leaf(undefined, offset)
    }
    if (node === null) return leaf(null, offset)
    if (++nodes > maxNodes) {
      return nodes === maxNodes + 1 ? fail(`the file has more than ${maxNodes} entries`) : leaf(undefined, offset)
    }
    if (path.length > maxDepth) return fail(`nested more than ${maxDepth} levels deep`)
    if (Yaml.isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined) return fail(`the alias *${node.source} has no anchor before it`)
      if (open.has(target)) return fail(`the alias *${node.source} contains itself`)
      if (++aliases > maxAliasCount) {
        return aliases === maxAliasCount + 1 ? fail(`more than ${maxAliasCount} aliases`) : leaf(undefined, offset)
      }
      return locate(target, offset, path)
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    if (node.tag !== undefined && !plainTags.has(node.tag)) {
      return fail(`the YAML tag ${quote(node.tag)} is not plain data`, "write the value without a tag")
    }
    if (Yaml.isScalar(node)) return leaf(node.value, offset)
    open.add(node)
    const children = new Map<PropertyKey, { readonly key: number; readonly value: Located }>()
    if (Yaml.isSeq(node)) {
      node.items.forEach((item, index) => {
        const value = locate(Yaml.isNode(item) ? item : null, offset, [...path, index])
        children.set(index, { key: value.offset, value })
      })
      open.delete(node)
      return { value: [...children.values()].map(({ value }) => value.value), offset, children }
    }
    for (const pair of node.items) {
      const keyNode = Yaml.isNode(pair.key) ? pair.key : null
      const keyOffset = keyNode?.range?.[0] ?? offset
      const key = Yaml.isScalar(keyNode) ? String(keyNode.value) : undefined
      if (key === undefined) {
        issues.push(placed(keyOffset, path, "a key must be a plain text"))
        continue
      }
      const inside = [...path, key]
      if (children.has(key)) {
        issues.push(placed(keyOffset, inside, `the key ${quote(key)} is there twice`, "keep one of them"))
        continue
      }
      const value = locate(Yaml.isNode(pair.value) ? pair.value : null, keyOffset, inside)
      children.set(key, { key: keyOffset, value })
    }
    open.delete(node)
    // `fromEntries` defines properties, also one named `__proto__`.
    return {
      value: Object.fromEntries([...children].map(([key, { value }]) => [key, value.value])),
      offset,
      children
    }
  }

  const root = locate(document.contents, 0, [])
  return {
    value: root.value,
    issues,
    issueAt: (path, part, message, hint) => {
      let node = root
      let offset = root.offset
      for (const [at, key] of path.entries()) {
        const child = node.children.get(key)
        if (child === undefined) break
        node = child.value
        offset = part === "key" && at === path.length - 1 ? child.key : node.offset
      }
      return placed(offset, path, message, hint)
    }
  }
}

/** Fills `tokens`; the offset of a bracket too many, or of nothing. Ends early where the text is plainly not YAML. */
const tokenise = (text: string, lines: Yaml.LineCounter, tokens: Array<Yaml.CST.Token>): number | undefined => {
  const parser = new Yaml.Parser(lines.addNewLine)
  let depth = 0
  let errors = 0
  for (const lexeme of new Yaml.Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") depth++
    else if (lexeme === "]" || lexeme === "}") depth--
    if (depth > maxDepth) return parser.offset
    for (const token of parser.next(lexeme)) {
      tokens.push(token)
      if (token.type === "error") errors++
    }
    if (errors > maxSyntaxErrors) return undefined
  }
  tokens.push(...parser.end())
  return undefined
}
