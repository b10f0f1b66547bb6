/**
 * AWS Config's managed rule `required-tags`.
 *
 * @see https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { Draft, orAll, typesOf } from "./Draft.ts"
import { namesByType, typeByCloudFormation } from "./TypeNames.ts"

/** What a rule has place for. */
const maxKeys = 6
/** AWS Config's limits. */
const maxParametersLength = 1024
const maxValueLength = 256
const maxKeyLength = 128

/** The types that the rule looks at, of those in the vocabulary; a rule for others is never evaluated. */
const evaluated: ReadonlyArray<string> = [
  "acm:certificate", "autoscaling:group", "cloudformation:stack", "codebuild:project", "dynamodb:table", "ec2:instance",
  "ec2:internet-gateway", "ec2:network-acl", "ec2:network-interface", "ec2:route-table", "ec2:security-group", "ec2:subnet",
  "ec2:volume", "ec2:vpc", "ec2:vpn-connection", "elasticloadbalancing:classic-loadbalancer",
  "elasticloadbalancing:loadbalancer", "rds:db", "rds:snapshot", "redshift:cluster", "s3:bucket"
]

const can = {
  optionalTags: false,
  types: true,
  regexes: false,
  aliases: false,
  severities: false,
  namingRules: false,
  prohibitedTags: false,
  descriptions: false,
  exclusions: false
}

interface Rule {
  readonly ConfigRuleName: string
  readonly Description: string
  readonly Scope: { readonly ComplianceResourceTypes: ReadonlyArray<string> }
  readonly Source: { readonly Owner: "AWS"; readonly SourceIdentifier: "REQUIRED_TAGS" }
  readonly InputParameters: Readonly<Record<string, string>>
}

/**
 * Writes a rule for each set of types that the same tags are required of, with six tags at most: the first ones of the
 * policy.
 *
 * `form`: `rules` (the default) is a list of what `put-config-rule --config-rule` takes, `cloudformation` a template
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy, options: { readonly form?: "rules" | "cloudformation" } = {}): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "required-tags", can)]
  const drop = (what: string, why: string) => void dropped.push({ what, why })
  const groups = new Map<string, {
    readonly types: ReadonlyArray<string>
    readonly tags: Array<readonly [string, string | undefined]>
  }>()
  for (const { allowed_values, applies_to, name } of policy.required_tags) {
    const asked = typesOf(applies_to)
    const types = asked.filter((type) => evaluated.includes(type))
    const others = asked.filter((type) => !evaluated.includes(type))
    if (others.length > 0) drop(`required_tags ${name}: ${others.join(", ")}`, "required-tags does not look at these types")
    if (types.length === 0) continue
    const values = allowed_values ?? []
    const joined = values.join(",")
    const why = values.some((value) => value.includes(",") || value.trim() !== value)
      ? "the values are separated by commas there"
      : joined.length > maxValueLength
      ? `they would have more than ${maxValueLength} characters`
      : undefined
    if (why !== undefined) drop(`required_tags ${name}: allowed_values`, why)
    if (name.length > maxKeyLength) continue
    const group = groups.get(types.join()) ?? { types, tags: [] }
    groups.set(types.join(), group)
    if (group.tags.length < maxKeys) group.tags.push([name, why === undefined && values.length > 0 ? joined : undefined])
    else drop(`required_tags ${name}`, `required-tags has place for ${maxKeys} keys, and the types have ${maxKeys} before it`)
  }
  const rules = [...groups.values()].map(({ tags, types }, index): Rule => ({
    ConfigRuleName: `cadastre-required-tags-${index + 1}`,
    Description: "Tags that a Cadastre policy requires.",
    Scope: { ComplianceResourceTypes: types.map((type) => namesByType.get(type)!.cloudFormation) },
    Source: { Owner: "AWS", SourceIdentifier: "REQUIRED_TAGS" },
    InputParameters: parametersOf(tags, drop)
  }))
  const document = options.form === "cloudformation"
    ? {
      AWSTemplateFormatVersion: "2010-09-09",
      Resources: Object.fromEntries(rules.map((rule, index) => [
        `RequiredTags${index + 1}`,
        { Type: "AWS::Config::ConfigRule", Properties: rule }
      ]))
    }
    : rules.map((rule) => ({ ...rule, InputParameters: JSON.stringify(rule.InputParameters) }))
  return { result: `${JSON.stringify(document, null, 2)}\n`, dropped }
}

const parametersOf = (
  tags: ReadonlyArray<readonly [string, string | undefined]>,
  drop: (what: string, why: string) => void
): Readonly<Record<string, string>> => {
  const parameters: Array<readonly [string, string]> = tags.map(([key], index) => [`tag${index + 1}Key`, key])
  const length = () => JSON.stringify(Object.fromEntries(parameters)).length
  // Keys first: what is too much then is values, of the last tags.
  while (length() > maxParametersLength) {
    const last = parameters.pop()
    if (last === undefined) break
    drop(`required_tags ${last[1]}`, `the parameters of a rule have ${maxParametersLength} characters at most`)
  }
  for (const [index, [key, values]] of tags.slice(0, parameters.length).entries()) {
    if (values === undefined) continue
    parameters.push([`tag${index + 1}Value`, values])
    if (length() <= maxParametersLength) continue
    parameters.pop()
    drop(`required_tags ${key}: allowed_values`, `the parameters of a rule have ${maxParametersLength} characters at most`)
  }
  return Object.fromEntries(parameters.toSorted(([a], [b]) => a < b ? -1 : 1))
}

const RuleShape = Schema.Struct({
  ConfigRuleName: Schema.optionalKey(Schema.String),
  Scope: Schema.optionalKey(Schema.Struct({
    ComplianceResourceTypes: Schema.optionalKey(Schema.Array(Schema.String)),
    TagKey: Schema.optionalKey(Schema.String),
    ComplianceResourceId: Schema.optionalKey(Schema.String)
  })),
  Source: Schema.Struct({ SourceIdentifier: Schema.String }),
  InputParameters: Schema.optionalKey(Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.Json)]))
})

const decodeRule = Schema.decodeUnknownResult(RuleShape)
const decodeParameters = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json)))

/**
 * Reads a rule, a list of rules, an answer of `describe-config-rules`, or a CloudFormation template (JSON or YAML).
 * Tags that several rules require come together: with the types of all, and the values of the first.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("AwsConfig.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const document = PolicyDocument.read(text)
  if (document.issues.length > 0) return yield* failure(options.source, document.issues)
  const draft = new Draft()
  const tags = new Map<string, { readonly values: ReadonlyArray<string>; readonly types: Set<string>; all: boolean }>()
  for (const [path, value] of rulesIn(document.value)) {
    const decoded = decodeRule(value)
    if (Result.isFailure(decoded)) {
      const why = decoded.failure.message.replace(/\s+/gu, " ")
      return yield* failure(options.source, [document.issueAt(path, "value", `it is no rule: ${why}`)])
    }
    const { ConfigRuleName = "a rule", InputParameters = {}, Scope, Source } = decoded.success
    if (Source.SourceIdentifier !== "REQUIRED_TAGS") {
      draft.drop(`the rule ${ConfigRuleName}`, "it is not required-tags")
      continue
    }
    if (Scope?.TagKey !== undefined || Scope?.ComplianceResourceId !== undefined) {
      draft.drop(`the rule ${ConfigRuleName}: a part of its scope`, "a native policy applies to types")
    }
    const parameters = typeof InputParameters === "string" ? decodeParameters(InputParameters) : Result.succeed(InputParameters)
    if (Result.isFailure(parameters)) {
      const at = [...path, "InputParameters"]
      return yield* failure(options.source, [document.issueAt(at, "value", "InputParameters is no JSON object")])
    }
    const names = Scope?.ComplianceResourceTypes ?? []
    const types = names.map((name) => typeByCloudFormation.get(name) ?? name)
    for (let index = 1; index <= maxKeys; index++) {
      const key = own(parameters.success, `tag${index}Key`)
      if (typeof key !== "string" || key === "") continue
      const given = own(parameters.success, `tag${index}Value`)
      const values = typeof given === "string" ? given.split(",").map((one) => one.trim()).filter((one) => one !== "") : []
      const before = tags.get(key)
      if (before === undefined) tags.set(key, { values, types: new Set(types), all: types.length === 0 })
      else {
        for (const type of types) before.types.add(type)
        before.all ||= types.length === 0
        if (before.values.join() !== values.join()) {
          draft.drop(`the rule ${ConfigRuleName}: the values of ${key}`, "another rule has other values")
        }
      }
    }
  }
  for (const [name, { all, types, values }] of tags) {
    draft.add({ name, values, types: all ? [] : orAll([...types], evaluated) })
  }
  return draft.finish()
})

const own = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const rulesIn = (value: unknown): ReadonlyArray<readonly [PolicyDocument.Path, unknown]> => {
  const listed = (list: ReadonlyArray<unknown>, path: PolicyDocument.Path) =>
    list.flatMap((item, index) => rulesIn(item).map(([at, rule]) => [[...path, index, ...at], rule] as const))
  if (Array.isArray(value)) return listed(value, [])
  if (!isObject(value)) return [[[], value]]
  if (Array.isArray(value["ConfigRules"])) return listed(value["ConfigRules"], ["ConfigRules"])
  if (isObject(value["ConfigRule"])) return [[["ConfigRule"], value["ConfigRule"]]]
  const { Resources: resources } = value
  if (!isObject(resources)) return [[[], value]]
  return Object.entries(resources).flatMap(([name, resource]) =>
    isObject(resource) && resource["Type"] === "AWS::Config::ConfigRule"
      ? [[["Resources", name, "Properties"], resource["Properties"]] as const]
      : [])
}

export { fromText as import, toText as export }
