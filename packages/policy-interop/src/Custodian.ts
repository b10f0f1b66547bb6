/**
 * Policies of Cloud Custodian.
 *
 * @see https://cloudcustodian.io/docs/filters.html
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Yaml from "yaml"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { CustodianFilter, type Finding } from "./CustodianFilter.ts"
import { Draft, orAll, typesOf } from "./Draft.ts"
import { namesByType, typeByCustodian } from "./TypeNames.ts"
import { anchored } from "./WholeValue.ts"

const can = {
  optionalTags: true,
  types: true,
  regexes: true,
  aliases: false,
  severities: false,
  namingRules: false,
  prohibitedTags: true,
  descriptions: false,
  exclusions: false
}

/** The types that Custodian has a resource for. */
const supported = [...namesByType].flatMap(([type, { custodian }]) => custodian === undefined ? [] : [type])

/** What Python reads in another way than RE2, or not at all. */
const unlikePython = /\\[pPQEzCxv]|\[\[:|\(\?(?!:|P<)/u

/**
 * - `notify`: the SQS queue or SNS topic of Custodian's mailer, and whom it writes to; without it resources are marked
 * - `types`: those that policies are written for; all that Custodian has a resource for, by default
 * - `markTag`, `days`: the mark's tag, `cadastre-tag-policy` by default, and how many days later it is acted on (14)
 *
 * @since 0.1.0
 * @category models
 */
export interface ExportOptions {
  readonly notify?: {
    readonly to: ReadonlyArray<string>
    readonly transport: { readonly type: "sqs"; readonly queue: string } | { readonly type: "sns"; readonly topic: string }
  }
  readonly types?: ReadonlyArray<string>
  readonly markTag?: string
  readonly days?: number
}

/**
 * Writes a Custodian policy for each type: what breaks any of its rules is found, and then notified of or marked. No
 * action ever changes a tag that is there.
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy, options: ExportOptions = {}): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "Custodian", can)]
  const drop = (what: string, why: string) => void dropped.push({ what, why })
  const asked = options.types === undefined ? supported : supported.filter((type) => options.types?.includes(type))
  const filters = new Map<string, Array<unknown>>(asked.map((type) => [type, []]))
  const put = (types: ReadonlyArray<string>, added: ReadonlyArray<unknown>) => {
    for (const type of types) filters.get(type)?.push(...added)
  }
  const regexFor = (name: string, pattern: string | null | undefined): string | undefined => {
    if (typeof pattern !== "string") return undefined
    if (!unlikePython.test(pattern)) return anchored(pattern)
    drop(`the tag ${name}: validation_regex`, "Custodian's expressions are Python's, which reads it otherwise")
    return undefined
  }
  for (const { allowed_values, applies_to, name, validation_regex } of policy.required_tags) {
    const types = typesOf(applies_to)
    const others = types.filter((type) => !filters.has(type))
    if (others.length > 0) drop(`required_tags ${name}: ${others.join(", ")}`, "Custodian has no such resource")
    const regex = regexFor(name, validation_regex)
    put(types, [
      { [`tag:${name}`]: "absent" },
      { [`tag:${name}`]: "empty" },
      ...(allowed_values?.length ? [CustodianFilter.notIn(name, allowed_values)] : []),
      ...(regex === undefined ? [] : [CustodianFilter.notMatching(name, regex)])
    ])
  }
  for (const { allowed_values, name, validation_regex } of policy.optional_tags ?? []) {
    const regex = regexFor(name, validation_regex)
    const wrong = [
      ...(allowed_values?.length ? [CustodianFilter.notIn(name, allowed_values)] : []),
      ...(regex === undefined ? [] : [CustodianFilter.notMatching(name, regex)])
    ]
    // Without a rule for values, an empty one is what is wrong with it.
    put(asked, (wrong.length === 0 ? [{ [`tag:${name}`]: "empty" }] : wrong).map((filter) =>
      ({ and: [{ [`tag:${name}`]: "present" }, filter] })))
  }
  for (const pattern of policy.prohibited_tags ?? []) {
    if (pattern.includes("*")) drop(`prohibited_tags ${pattern}`, "Custodian looks for whole keys only")
    else put(asked, [{ [`tag:${pattern}`]: "present" }])
  }
  const policies = [...filters].flatMap(([type, or]) =>
    or.length === 0 ? [] : [{
      name: `tag-policy-${type.replace(":", "-")}`,
      resource: `aws.${namesByType.get(type)?.custodian}`,
      description: "Resources whose tags break the Cadastre policy.",
      filters: [{ or }],
      actions: [actionOf(options)]
    }])
  return { result: Yaml.stringify({ policies }, { lineWidth: 0, aliasDuplicateObjects: false }), dropped }
}

const actionOf = ({ days = 14, markTag = "cadastre-tag-policy", notify }: ExportOptions) =>
  notify === undefined
    ? { type: "mark-for-op", tag: markTag, op: "notify", days }
    : {
      type: "notify",
      template: "default",
      subject: "Resources whose tags break the policy",
      to: notify.to,
      transport: notify.transport
    }

const PoliciesShape = Schema.Struct({
  policies: Schema.Array(Schema.Struct({
    name: Schema.optionalKey(Schema.String),
    resource: Schema.String,
    filters: Schema.optionalKey(Schema.Array(Schema.Json)),
    actions: Schema.optionalKey(Schema.Array(Schema.Json))
  }))
})

const decode = Schema.decodeUnknownResult(PoliciesShape)

interface Collected {
  required: boolean
  readonly types: Set<string>
  values: ReadonlyArray<string> | undefined
  regex: string | undefined
}

/**
 * Reads policies that look for missing and wrong tags. Filters of other kinds are left out and said; actions always are.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("Custodian.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const document = PolicyDocument.read(text)
  if (document.issues.length > 0) return yield* failure(options.source, document.issues)
  const decoded = decode(document.value)
  if (Result.isFailure(decoded)) {
    const message = `these are no Custodian policies: ${decoded.failure.message.replace(/\s+/gu, " ")}`
    return yield* failure(options.source, [document.issueAt([], "value", message)])
  }
  const draft = new Draft()
  const tags = new Map<string, Collected>()
  const prohibited = new Map<string, Set<string>>()
  const seen = new Set<string>()
  for (const { actions = [], filters = [], name = "a policy", resource } of decoded.success.policies) {
    const type = typeByCustodian.get(resource.replace(/^aws\./u, ""))
    if (type === undefined) {
      draft.drop(`the policy ${name}`, `${resource} is no type that Cadastre knows`)
      continue
    }
    seen.add(type)
    for (const action of actions) {
      const kind = typeof action === "string" ? action : CustodianFilter.fieldOf(action, "type")
      draft.drop(`the policy ${name}: the action ${String(kind)}`, "a native policy judges, and does nothing")
    }
    for (const finding of CustodianFilter.read(filters)) {
      if (finding._tag === "Unknown") {
        draft.drop(`the policy ${name}: the filter ${JSON.stringify(finding.filter)}`,
          "it is not about tags that are missing or wrong")
      } else if (finding._tag === "Present") {
        prohibited.set(finding.key, (prohibited.get(finding.key) ?? new Set()).add(type))
      } else collect(tags, type, finding, (what, why) => draft.drop(`the policy ${name}: ${what}`, why))
    }
  }
  for (const [key, { regex, required, types, values }] of tags) {
    draft.add({ name: key, values, regex, types: required ? orAll([...types], supported) : undefined })
    if (!required && types.size < seen.size) draft.drop(`the tag ${key}: its types`, "optional tags are checked on every type")
  }
  for (const [key, types] of prohibited) {
    if (key.includes("*")) {
      draft.drop(`the prohibited key ${key}`, "* stands for anything in a native policy")
      continue
    }
    draft.prohibit(key)
    if (types.size < seen.size) draft.drop(`the prohibited key ${key}: its types`, "keys are prohibited on every type")
  }
  return draft.finish()
})

const collect = (
  tags: Map<string, Collected>,
  type: string,
  finding: Exclude<Finding, { readonly _tag: "Unknown" | "Present" }>,
  drop: (what: string, why: string) => void
): void => {
  const tag = tags.get(finding.key) ?? { required: false, types: new Set<string>(), values: undefined, regex: undefined }
  tags.set(finding.key, tag)
  tag.types.add(type)
  if (!finding.optional) tag.required = true
  if (finding._tag === "NotIn") {
    if (tag.values !== undefined && tag.values.join() !== finding.values.join()) {
      drop(`the values of ${finding.key}`, "another policy has other values for this key")
    } else tag.values = finding.values
  } else if (finding._tag === "NotMatching") {
    if (tag.regex !== undefined && tag.regex !== finding.regex) {
      drop(`the pattern of ${finding.key}`, "another policy has another pattern for this key")
    } else tag.regex = finding.regex
  }
}

export { fromText as import, toText as export }
