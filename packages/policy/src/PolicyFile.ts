/**
 * Reading policy files, and everything that can be wrong with one.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as LinearRegex from "./LinearRegex.ts"
import { nearest } from "./Nearest.ts"
import { formatPath, type Part, type Path, quote, read } from "./PolicyDocument.ts"
import { PolicyError, type PolicyIssue } from "./PolicyError.ts"
import { Exclusion, foldKey, NamingRules, OptionalTag, RequiredTag, TagPolicy } from "./TagPolicy.ts"
import * as Vocabulary from "./Vocabulary.ts"
import * as Wildcard from "./Wildcard.ts"

/**
 * Reads a policy from the text of a JSON or YAML (1.2) file.
 *
 * - `source`: what to call the file in errors
 * - `knownTypes`: resource types, besides the vocabulary's, that `applies_to` may name
 *
 * The types in `applies_to` come back under their usual names. Fails with all
 * problems of the file at once, each with line and column: syntax, unknown or
 * duplicate keys, wrong types, regexes that are not RE2, unknown resource types,
 * tags that are there twice, aliases that are another tag's, allowed values that
 * are empty or that their own regex rejects, tags both named and prohibited,
 * limits that AWS does not have, waivers without reason or with a date that is none.
 * Files are limited to 1 MiB, 32 levels and 100 YAML aliases.
 *
 * @since 0.1.0
 */
export const load = Effect.fn("PolicyFile.load")(function*(
  text: string,
  options: { readonly source: string; readonly knownTypes?: Iterable<string> }
): Effect.fn.Return<TagPolicy, PolicyError> {
  const document = read(text)
  const issues = [...document.issues]
  if (document.value === undefined) return yield* failure(options.source, issues)
  const report: Report = (path, part, message, hint) => {
    // Hostile files can have a problem in every character.
    if (issues.length > maxIssues) return
    issues.push(document.issueAt(path, part, message, typeof hint === "function" ? hint() : hint))
  }
  const decoded = decode(document.value)
  if (Result.isFailure(decoded)) reportSchemaIssue(decoded.failure.issue, document.value, report)
  checkTogether(document.value, new Set([...options.knownTypes ?? []].map(Vocabulary.normalise)), report)
  if (Result.isFailure(decoded) || issues.length > 0) return yield* failure(options.source, issues)
  const policy = decoded.success
  return {
    ...policy,
    required_tags: policy.required_tags.map((tag) =>
      Array.isArray(tag.applies_to)
        ? { ...tag, applies_to: [...new Set<string>(tag.applies_to.map(Vocabulary.normalise))] }
        : tag
    )
  }
})

/** What is beyond is found when these are repaired. */
const maxIssues = 1000

type Report = (path: Path, part: Part, message: string, hint?: string | (() => string)) => void

const decode = Schema.decodeUnknownResult(TagPolicy, { errors: "all", onExcessProperty: "error" })

const failure = (source: string, issues: ReadonlyArray<PolicyIssue>): PolicyError => {
  const seen = new Set<string>()
  const distinct = issues.filter(({ column, line, message }) => {
    const key = `${line}:${column}:${message}`
    return seen.has(key) ? false : seen.add(key)
  })
  const inOrder = distinct.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, maxIssues)
  return new PolicyError({
    source,
    issues: Arr.isArrayNonEmpty(inOrder) ? inOrder : [{ line: 1, column: 1, path: "", message: "not a policy" }]
  })
}

const keysAt = (path: Path): ReadonlyArray<string> => {
  const [field] = path
  const fields = path.length === 0
    ? TagPolicy.fields
    : field === "required_tags"
    ? RequiredTag.fields
    : field === "optional_tags"
    ? OptionalTag.fields
    : field === "tag_naming_rules"
    ? NamingRules.fields
    : field === "exclusions"
    ? Exclusion.fields
    : {}
  return Object.keys(fields)
}

const formatLeaf = SchemaIssue.makeFormatterStandardSchemaV1()

/** What the Schema has against the file, in its place. */
const reportSchemaIssue = (root: SchemaIssue.Issue, file: unknown, report: Report): void => {
  const walk = (issue: SchemaIssue.Issue, path: Path): void => {
    switch (issue._tag) {
      case "Pointer":
        return walk(issue.issue, [...path, ...issue.path])
      case "Composite":
        return issue.issues.forEach((inner) => walk(inner, path))
      case "AnyOf":
        if (issue.issues.length > 0) return issue.issues.forEach((inner) => walk(inner, path))
        break
      case "UnexpectedKey": {
        const key = String(path[path.length - 1])
        const known = keysAt(path.slice(0, -1))
        return report(path, "key", `${formatPath(path.slice(0, -1)) || "a policy"} has no key ${quote(key)}`, () => {
          const meant = nearest(key, known)
          return meant === undefined ? `the keys are ${known.join(", ")}` : `did you mean ${meant}?`
        })
      }
      case "MissingKey":
        return report(path, "value", `${formatPath(path)} is missing`)
      default:
        break
    }
    const message = formatLeaf(issue).issues[0]?.message ?? "is not valid"
    const found = valueAt(file, path)
    // The text there was not plain data, which is reported already.
    if (found === undefined) return
    const where = formatPath(path) || "the policy"
    const says = /^Expected (.*)$/su.exec(message)
    report(
      path,
      "value",
      says === null ? `${where} ${message}` : `${where} must be ${says[1]}, not ${describe(found)}`,
      says !== null && /string/u.test(message) && (typeof found === "number" || typeof found === "boolean")
        ? `write it in quotes: "${String(found)}"`
        : undefined
    )
  }
  walk(root, [])
}

const describe = (value: unknown): string => {
  if (Array.isArray(value)) return "a list"
  if (typeof value === "string") return quote(value)
  return typeof value === "object" && value !== null ? "an object" : String(value)
}

const valueAt = (value: unknown, path: Path): unknown => {
  let inner = value
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined
    inner = Reflect.get(inner, key)
  }
  return inner
}

const fieldOf = (value: unknown, key: string): unknown => valueAt(value, [key])

const listOf = (value: unknown, key: string): ReadonlyArray<unknown> => {
  const list = fieldOf(value, key)
  return Array.isArray(list) ? list : []
}

/** How many steps (program size × characters) checking allowed values against regexes may take in one file. */
const maxRegexWork = 200_000_000

/**
 * What no field is wrong about by itself. Reads the raw file, of any shape, so
 * that these problems are reported along with those that the Schema finds.
 */
const checkTogether = (file: unknown, knownTypes: ReadonlySet<string>, report: Report): void => {
  const fold = fieldOf(fieldOf(file, "tag_naming_rules"), "case_sensitivity") === false
  const keyOf = (name: string): string => fold ? foldKey(name) : name
  const tags = (["required_tags", "optional_tags"] as const).flatMap((list) =>
    listOf(file, list).map((tag, index) => ({ tag, path: [list, index] as Path, name: fieldOf(tag, "name") })))

  const firstByKey = new Map<string, Path>()
  for (const { name, path } of tags) {
    if (typeof name !== "string" || name.trim() === "") continue
    const first = firstByKey.get(keyOf(name))
    if (first === undefined) firstByKey.set(keyOf(name), path)
    else {
      report([...path, "name"], "value", `the tag ${quote(name)} is there twice`,
        `${formatPath(first)} has it already`)
    }
  }

  const ownerByAlias = new Map<string, Path>()
  for (const { path, tag } of tags) {
    for (const [index, alias] of listOf(tag, "aliases").entries()) {
      if (typeof alias !== "string" || path[0] !== "required_tags") continue
      const owner = firstByKey.get(keyOf(alias)) ?? ownerByAlias.get(keyOf(alias))
      ownerByAlias.set(keyOf(alias), owner ?? path)
      if (owner === undefined || formatPath(owner) === formatPath(path)) continue
      report([...path, "aliases", index], "value", `the alias ${quote(alias)} is also the key of another tag`,
        `${formatPath(owner)} has it`)
    }
  }

  const prohibited = listOf(file, "prohibited_tags").flatMap((pattern, index) =>
    typeof pattern === "string" ? [{ pattern, index, matches: Wildcard.compile(keyOf(pattern)) }] : [])
  for (const { name, path } of tags) {
    if (typeof name !== "string") continue
    const ban = prohibited.find(({ matches }) => matches(keyOf(name)))
    if (ban === undefined) continue
    report(["prohibited_tags", ban.index], "value",
      `${quote(ban.pattern)} prohibits the ${path[0] === "required_tags" ? "required" : "optional"} tag ${quote(name)}`,
      `${formatPath(path)} asks for it`)
  }

  for (const { path, tag } of tags) {
    if (path[0] !== "required_tags") continue
    for (const [index, type] of listOf(tag, "applies_to").entries()) {
      if (typeof type !== "string" || type.trim() === "") continue
      const usual = Vocabulary.normalise(type)
      if (isKnownType(usual, knownTypes)) continue
      report([...path, "applies_to", index], "value", `unknown resource type ${quote(type)}`, () =>
        hintForType(usual, knownTypes))
    }
  }

  let work = 0
  for (const { path, tag } of tags) {
    const pattern = fieldOf(tag, "validation_regex")
    const regex = typeof pattern === "string" ? LinearRegex.compile(pattern) : ""
    if (typeof regex === "string") continue
    for (const [index, value] of listOf(tag, "allowed_values").entries()) {
      if (typeof value !== "string" || value.trim() === "") continue
      work += regex.size * value.length
      if (work > maxRegexWork) return report([...path, "allowed_values"], "key", "too many allowed values to check")
      if (regex.matches(value)) continue
      report([...path, "allowed_values", index], "value",
        `the allowed value ${quote(value)} is rejected by validation_regex`,
        `the whole value must match ${quote(regex.pattern)}`)
    }
  }
}

const isKnownType = (type: string, knownTypes: ReadonlySet<string>): boolean => {
  if (type === "*" || vocabulary.has(type) || knownTypes.has(type)) return true
  if (!type.endsWith(":*")) return false
  const service = type.slice(0, -2)
  return Vocabulary.services.includes(service) || [...knownTypes].some((known) => known.startsWith(`${service}:`))
}

const hintForType = (type: string, knownTypes: ReadonlySet<string>): string => {
  const candidates = [...vocabulary, ...knownTypes, ...Vocabulary.services.map((service) => `${service}:*`)]
  const meant = nearest(type, candidates)
  if (meant !== undefined) return `did you mean ${meant}?`
  const service = type.slice(0, type.indexOf(":") + 1)
  const ofService = service === "" ? [] : candidates.filter((known) => known.startsWith(service))
  return ofService.length > 0
    ? `the types of this service are ${ofService.join(", ")}`
    : "a type is service:type, such as ec2:instance; service:* is all of a service, * is every type"
}

const vocabulary: ReadonlySet<string> = new Set(Vocabulary.types)
