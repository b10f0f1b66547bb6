/**
 * IAM policy documents of the simple kind: Allow and Deny, actions, resources, wildcards.
 *
 * Follows "IAM JSON policy elements reference" and "Policy evaluation logic" of the IAM User Guide. What it does not
 * understand it refuses to load, rather than judge by half of a policy.
 *
 * @since 0.1.0
 */

/**
 * A document that is no policy, or one with elements whose meaning is not known here.
 *
 * @since 0.1.0
 */
export class PolicyDocumentError extends TypeError {
  override readonly name = "PolicyDocumentError"
}

/** Whether a statement speaks of an action, or of a resource. */
type Test = (text: string) => boolean

interface Statement {
  readonly effect: "allow" | "deny"
  readonly action: Test
  readonly resource: Test
}

/** A document that has been understood. */
export interface Policy {
  readonly statements: ReadonlyArray<Statement>
}

const compiled = new Map<string, RegExp>()

const wildcard = (pattern: string, flags: "su" | "isu"): RegExp => {
  const key = `${flags}${pattern}`
  let found = compiled.get(key)
  if (found === undefined) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\/]/gu, "\\$&")
    found = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, flags)
    compiled.set(key, found)
  }
  return found
}

/** Whether an action fits a pattern: `*` stands for any text, `?` for one character, case does not matter. */
export const matchesAction = (pattern: string, action: string): boolean => wildcard(pattern, "isu").test(action)

/** An ARN has six parts, of which the last may have colons; a wildcard stays within its part. */
const partsOf = (arn: string): ReadonlyArray<string> => {
  const all = arn.split(":")
  return [...all.slice(0, 5), all.slice(5).join(":")]
}

/** Whether a resource fits a pattern: `*` alone fits everything, others part by part. */
export const matchesResource = (pattern: string, resource: string): boolean => {
  if (pattern === "*") return true
  if (resource === "*") return false
  const parts = partsOf(resource)
  return partsOf(pattern).every((part, at) => wildcard(part, "su").test(parts[at] ?? ""))
}

const elements = new Set(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"])

const fail = (message: string): never => {
  throw new PolicyDocumentError(`the policy cannot be evaluated: ${message}`)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const textsOf = (value: unknown, where: string): ReadonlyArray<string> => {
  const all: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
  if (all.length === 0) return fail(`${where} is empty`)
  return all.map((one) => typeof one === "string" && one !== "" ? one : fail(`${where} must be text`))
}

/** Exactly one of an element and its negation. */
const testOf = (
  statement: Readonly<Record<string, unknown>>,
  name: "Action" | "Resource",
  check: (pattern: string) => void,
  matches: (pattern: string, text: string) => boolean
): Test => {
  const plain = Object.hasOwn(statement, name)
  const negated = Object.hasOwn(statement, `Not${name}`)
  if (plain === negated) return fail(`a statement needs either ${name} or Not${name}`)
  const key = plain ? name : `Not${name}`
  const patterns = textsOf(statement[key], key)
  for (const pattern of patterns) check(pattern)
  return (text) => patterns.some((pattern) => matches(pattern, text)) === plain
}

const statementOf = (value: unknown): Statement => {
  if (!isRecord(value)) return fail("a statement must be an object")
  for (const key of Object.keys(value)) {
    if (!elements.has(key)) fail(`it has the element ${key}, which is not known here`)
  }
  if (value["Effect"] !== "Allow" && value["Effect"] !== "Deny") fail("Effect must be Allow or Deny")
  return {
    effect: value["Effect"] === "Allow" ? "allow" : "deny",
    action: testOf(value, "Action", (pattern) => {
      if (pattern !== "*" && !/^[a-z0-9-]+:[\w*?]+$/iu.test(pattern)) fail(`${pattern} is no action`)
    }, matchesAction),
    resource: testOf(value, "Resource", (pattern) => {
      if (pattern.includes("${")) fail(`${pattern} has a policy variable`)
      if (pattern !== "*" && (!pattern.startsWith("arn:") || pattern.split(":").length < 6)) {
        fail(`${pattern} is no ARN`)
      }
    }, matchesResource)
  }
}

const parsed = new WeakMap<object, Policy>()

/**
 * Reads a policy document, given as JSON text or as the value of it. Fails with {@link PolicyDocumentError} where it
 * is none, or has a `Condition`, a `Principal` or a policy variable.
 *
 * @since 0.1.0
 */
export const parse = (document: unknown): Policy => {
  if (typeof document === "string") {
    let value: unknown
    try {
      value = JSON.parse(document)
    } catch {
      return fail("it is no JSON")
    }
    return parse(value)
  }
  if (!isRecord(document)) return fail("it is no object")
  const found = parsed.get(document)
  if (found !== undefined) return found
  for (const key of Object.keys(document)) {
    if (!["Version", "Id", "Statement"].includes(key)) fail(`it has the element ${key}, which is not known here`)
  }
  const version = document["Version"]
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    fail(`Version ${JSON.stringify(version)} is not known`)
  }
  const given = document["Statement"]
  const policy = { statements: (Array.isArray(given) ? given : [given]).map(statementOf) }
  parsed.set(document, policy)
  return policy
}

/**
 * What a policy document says about an action on a resource (an ARN, or `"*"` for an action that has none): an
 * explicit deny wins over every allow, `"none"` is neither. Fails as {@link parse} does.
 *
 * @since 0.1.0
 */
export const evaluate = (document: unknown, action: string, resource: string): "allow" | "deny" | "none" => {
  const said = parse(document).statements.filter((one) => one.action(action) && one.resource(resource))
  return said.some(({ effect }) => effect === "deny") ? "deny" : said.length > 0 ? "allow" : "none"
}
