/**
 * The text of one tag policy of AWS Organizations, with line and column of everything that decides.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type PolicyIssue } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import { failure } from "./Conversion.ts"

/** @since 0.1.0 */
export type Operator = "@@assign" | "@@append" | "@@remove"

/** The settings of a tag key. `tag_key` has one value, the others have lists. */
export const settingNames = ["tag_key", "tag_value", "enforced_for", "report_required_tag_for"] as const
/** @since 0.1.0 */
export type SettingName = (typeof settingNames)[number]

/** Values, and where they are written. */
export interface Placed<A> {
  readonly values: ReadonlyArray<A>
  readonly line: number
  readonly column: number
}

/** What a policy says at one place: of children, and of a value. */
export interface Controlled {
  /** The operators that policies further down may use here; absent: all of them. */
  readonly allowed?: Placed<Operator>
}

interface Setting extends Controlled {
  readonly operators: Partial<Record<Operator, Placed<string>>>
}

interface TagBlock extends Controlled {
  /** The policy key as it is written. Policies are merged by it in lower case. */
  readonly key: string
  readonly settings: Partial<Record<SettingName, Setting>>
}

/**
 * One tag policy, checked.
 *
 * `source` names it in explanations.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwsTagPolicyDocument extends Controlled {
  readonly source: string
  readonly tags: ReadonlyArray<TagBlock>
}

/** The most characters that AWS takes in one policy, without white space between the parts. */
export const maxPolicyLength = 10_000

const operators: ReadonlyArray<Operator> = ["@@assign", "@@append", "@@remove"]
const control = "@@operators_allowed_for_child_policies"

type Report = (path: PolicyDocument.Path, part: PolicyDocument.Part, message: string, hint?: string) => void

/**
 * Reads one tag policy as Organizations keeps it. Fails with all that AWS would not take, each with line and column.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parse = Effect.fn("AwsTagPolicy.parse")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<AwsTagPolicyDocument, PolicyError> {
  const document = PolicyDocument.read(text)
  const issues: Array<PolicyIssue> = [...document.issues]
  const report: Report = (path, part, message, hint) => {
    if (issues.length < 1000) issues.push(document.issueAt(path, part, message, hint))
  }
  const at = (path: PolicyDocument.Path) => document.issueAt(path, "key", "")
  const policy = document.value === undefined ? undefined : readPolicy(document.value, options.source, report, at)
  if (policy === undefined || issues.length > 0) return yield* failure(options.source, issues)
  return policy
})

type At = (path: PolicyDocument.Path) => { readonly line: number; readonly column: number }

const readPolicy = (file: unknown, source: string, report: Report, at: At): AwsTagPolicyDocument | undefined => {
  const root = objectAt(file, [], report)
  if (root === undefined) return undefined
  const length = JSON.stringify(file).length
  if (length > maxPolicyLength) {
    report([], "value", `the policy has ${length} characters`, `AWS takes ${maxPolicyLength} at most`)
  }
  for (const key of Object.keys(root)) {
    if (key === "tags" || key === control) continue
    report([key], "key", `a tag policy has no key ${PolicyDocument.quote(key)}`, "it begins with tags")
  }
  if (!Object.hasOwn(root, "tags")) {
    report([], "value", "tags is missing")
    return undefined
  }
  const tags = objectAt(root["tags"], ["tags"], report)
  if (tags === undefined) return undefined
  const blocks: Array<TagBlock> = []
  const seen = new Map<string, string>()
  for (const [key, value] of Object.entries(tags)) {
    if (key === control) continue
    const path = ["tags", key]
    if (key.startsWith("@@")) {
      report(path, "key", `${PolicyDocument.quote(key)} has no meaning here`, "it belongs into a setting such as tag_value")
    } else if (!/\S/u.test(key) || key.length > 128) report(path, "key", "a policy key has 1 to 128 characters")
    else {
      const other = seen.get(key.toLowerCase())
      if (other !== undefined) {
        report(path, "key", `the policy key ${PolicyDocument.quote(key)} is there twice`,
          `${PolicyDocument.quote(other)} is the same for AWS`)
      }
      seen.set(key.toLowerCase(), key)
      blocks.push(readBlock(key, value, path, report, at))
    }
  }
  return { source, tags: blocks, ...readControl(tags, ["tags"], report, at) }
}

const readBlock = (key: string, value: unknown, path: PolicyDocument.Path, report: Report, at: At): TagBlock => {
  const settings: Partial<Record<SettingName, Setting>> = {}
  const block = objectAt(value, path, report)
  for (const [name, setting] of Object.entries(block ?? {})) {
    if (name === control) continue
    if (!isSettingName(name)) {
      report([...path, name], "key", `a tag has no setting ${PolicyDocument.quote(name)}`,
        `the settings are ${settingNames.join(", ")}`)
    } else settings[name] = readSetting(key, name, setting, [...path, name], report, at)
  }
  return { key, settings, ...readControl(block ?? {}, path, report, at) }
}

const isSettingName = (name: string): name is SettingName => settingNames.some((known) => known === name)

const isOperator = (name: unknown): name is Operator => operators.some((known) => known === name)

const readSetting = (
  key: string,
  name: SettingName,
  value: unknown,
  path: PolicyDocument.Path,
  report: Report,
  at: At
): Setting => {
  const read: Partial<Record<Operator, Placed<string>>> = {}
  const hint = "an effective policy has values without operators; a policy has them under @@assign"
  const setting = objectAt(value, path, report, hint)
  for (const [operator, given] of Object.entries(setting ?? {})) {
    const here = [...path, operator]
    if (operator === control) continue
    if (!isOperator(operator)) {
      report(here, "key", `${name} has no key ${PolicyDocument.quote(operator)}`,
        isSettingName(operator) ? `${operator} belongs beside ${name}` : `the operators are ${operators.join(", ")} and ${control}`)
      continue
    }
    const { column, line } = at(here)
    if (name === "tag_key") {
      if (operator !== "@@assign") report(here, "key", `tag_key has one value: ${operator} is for lists`)
      else if (typeof given !== "string" || given.toLowerCase() !== key.toLowerCase()) {
        report(here, "value", `tag_key must be ${PolicyDocument.quote(key)} in one case or another`)
      } else read[operator] = { values: [given], line, column }
      continue
    }
    if (!Array.isArray(given)) {
      report(here, "value", `${operator} of ${name} must be a list`)
      continue
    }
    read[operator] = { values: given.flatMap((item, index) => readValue(name, item, [...here, index], report)), line, column }
  }
  return { operators: read, ...readControl(setting ?? {}, path, report, at) }
}

const readValue = (name: SettingName, item: unknown, path: PolicyDocument.Path, report: Report): ReadonlyArray<string> => {
  // AWS reads numbers and booleans among the values as texts.
  const text = typeof item === "string"
    ? item
    : name === "tag_value" && (item === null || typeof item !== "object") ? String(item) : undefined
  if (text === undefined) report(path, "value", name === "tag_value" ? "a tag value is a text" : "a resource type is a text")
  else if (name === "tag_value" && text.split("*").length > 2) {
    report(path, "value", `${PolicyDocument.quote(text)} has more than one *`, "AWS takes one wildcard in a value")
  } else if (name === "tag_value" && text.length > 256) report(path, "value", "a tag value has 256 characters at most")
  else if (name !== "tag_value" && !/^[a-z0-9-]+:[A-Za-z0-9*_/.-]+$/u.test(text)) {
    report(path, "value", `${PolicyDocument.quote(text)} is no resource type`, "such as ec2:instance, or ec2:ALL_SUPPORTED")
  } else return [text]
  return []
}

const readControl = (holder: object, path: PolicyDocument.Path, report: Report, at: At): Controlled => {
  if (!Object.hasOwn(holder, control)) return {}
  const value: unknown = Reflect.get(holder, control)
  const here = [...path, control]
  const { column, line } = at(here)
  if (!Array.isArray(value) || value.length === 0) {
    report(here, "value", `${control} must be a list of operators, or ["@@all"] or ["@@none"]`)
    return {}
  }
  const items: ReadonlyArray<unknown> = value
  const named = new Set(items.filter(isOperator))
  if (items.includes("@@none")) {
    if (items.length > 1) report(here, "value", "@@none stands alone")
    return { allowed: { values: [], line, column } }
  }
  const wrong = items.find((item) => !isOperator(item) && item !== "@@all")
  if (wrong !== undefined) {
    report(here, "value", `${JSON.stringify(wrong)} is no operator`,
      `the operators are ${operators.join(", ")}, @@all and @@none`)
  }
  return { allowed: { values: items.includes("@@all") ? operators : operators.filter((known) => named.has(known)), line, column } }
}

const objectAt = (
  value: unknown,
  path: PolicyDocument.Path,
  report: Report,
  hint?: string
): Readonly<Record<string, unknown>> | undefined => {
  if (isObject(value)) return value
  report(path, "value", `${PolicyDocument.formatPath(path) || "a tag policy"} must be an object`, hint)
  return undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
