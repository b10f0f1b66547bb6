/**
 * Findings of Infracost's tagging policies about Terraform code.
 *
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type Rule } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Conversion, type Dropped, failure } from "./Conversion.ts"
import { typeByTerraform } from "./TypeNames.ts"

/**
 * A tag that a resource in code lacks, or has with a wrong value.
 *
 * - `address`, `path`, `line`: the resource in the Terraform code
 * - `resourceType`: our name of its type; absent where Cadastre does not know the type
 * - `expected`: the valid values joined by `, `, or a pattern
 * - `blocking`: whether Infracost refuses the change
 *
 * @since 0.1.0
 * @category models
 */
export interface Finding {
  readonly policy: string
  readonly address: string
  readonly terraformType: string
  readonly resourceType?: string
  readonly path?: string
  readonly line?: number
  readonly projects: ReadonlyArray<string>
  readonly tag: string
  readonly rule: Extract<Rule, "missing_required_tag" | "invalid_value" | "invalid_format">
  readonly currentValue?: string
  readonly expected?: string
  readonly suggestion?: string
  readonly blocking: boolean
}

const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const ResourceShape = Schema.Struct({
  address: Schema.String,
  type: optional(Schema.String),
  resourceType: optional(Schema.String),
  path: optional(Schema.String),
  line: optional(Schema.Int),
  projectNames: optional(Schema.Array(Schema.String)),
  missingMandatoryTags: optional(Schema.Array(Schema.String)),
  invalidTags: optional(Schema.Array(Schema.Struct({
    key: Schema.String,
    value: optional(Schema.String),
    validRegex: optional(Schema.String),
    suggestion: optional(Schema.String),
    validValues: optional(Schema.Array(Schema.String)),
    validValuesTruncated: optional(Schema.Boolean),
    missingMandatory: optional(Schema.Boolean)
  }))),
  propagationProblems: optional(Schema.Array(Schema.Json))
})

const PolicyShape = Schema.Struct({
  name: Schema.String,
  blockPr: optional(Schema.Boolean),
  resources: optional(Schema.Array(ResourceShape)),
  failingResources: optional(Schema.Array(ResourceShape)),
  pastResources: optional(Schema.Array(Schema.Json))
})

const decode = Schema.decodeUnknownResult(Schema.Array(PolicyShape), { errors: "all" })

const findingsOf = (policy: typeof PolicyShape.Type, drop: (what: string, why: string) => void): ReadonlyArray<Finding> =>
  [...policy.resources ?? [], ...policy.failingResources ?? []].flatMap((resource) => {
    const terraformType = resource.type ?? resource.resourceType ?? typeOfAddress(resource.address)
    const resourceType = typeByTerraform.get(terraformType)
    if ((resource.propagationProblems ?? []).length > 0) {
      drop(`${resource.address}: propagation problems`, "Cadastre judges the tags that a resource has")
    }
    const common = {
      policy: policy.name,
      address: resource.address,
      terraformType,
      ...(resourceType === undefined ? {} : { resourceType }),
      ...(resource.path ? { path: resource.path } : {}),
      ...(resource.line ? { line: resource.line } : {}),
      projects: resource.projectNames ?? [],
      blocking: policy.blockPr ?? false
    }
    const missing = new Set(resource.missingMandatoryTags ?? [])
    for (const { key, missingMandatory } of resource.invalidTags ?? []) if (missingMandatory === true) missing.add(key)
    const invalid = (resource.invalidTags ?? []).filter(({ missingMandatory }) => missingMandatory !== true)
    return [
      ...[...missing].map((tag): Finding => ({ ...common, tag, rule: "missing_required_tag" })),
      ...invalid.map(({ key, suggestion, validRegex, validValues, validValuesTruncated, value }): Finding => {
        if (validValuesTruncated === true) {
          drop(`${resource.address}: the valid values of ${key}`, "Infracost lists the first of them only")
        }
        const expected = validValues && validValues.length > 0 ? validValues.join(", ") : validRegex
        return {
          ...common,
          tag: key,
          rule: validValues && validValues.length > 0 ? "invalid_value" : "invalid_format",
          ...(typeof value === "string" ? { currentValue: value } : {}),
          ...(expected ? { expected } : {}),
          ...(suggestion ? { suggestion } : {})
        }
      })
    ]
  })

/** `aws_s3_bucket` in `module.data["x"].aws_s3_bucket.logs[0]`. */
const typeOfAddress = (address: string): string =>
  /(?:^|\.)([a-z][a-z0-9]*_[a-z0-9_]+)\.[^.]+$/u.exec(address.replace(/\[[^\]]*\]/gu, ""))?.[1] ?? "unknown"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Where results have their tag policies: at the top, or as GraphQL answered. */
const policiesIn = (value: unknown, path: PolicyDocument.Path): ReadonlyArray<readonly [PolicyDocument.Path, unknown]> => {
  if (Array.isArray(value)) {
    return value.some((item) => isObject(item) && Object.hasOwn(item, "name"))
      ? [[path, value]]
      : value.flatMap((item, index) => policiesIn(item, [...path, index]))
  }
  if (!isObject(value)) return []
  return ["data", "evaluateTagPolicies", "tagPolicies", "tagPolicyResults", "taggingPolicyResults"].flatMap((key) =>
    Object.hasOwn(value, key) ? policiesIn(value[key], [...path, key]) : [])
}

/** Whether something in the file is where tag policies are. An empty list of them is a result, too. */
const isResult = (text: unknown): boolean =>
  Array.isArray(text) ? text.length === 0 || text.some(isResult) : isObject(text) &&
    ["evaluateTagPolicies", "tagPolicies", "tagPolicyResults", "taggingPolicyResults", "name"].some((key) => Object.hasOwn(text, key)) ||
    (isObject(text) && isResult(text["data"]))

/**
 * Reads the findings of a result: the policies at the top, under `tagPolicies`, `tagPolicyResults` or
 * `taggingPolicyResults`, or GraphQL answers with `data.evaluateTagPolicies`.
 *
 * Fails, with line and column, where the file is none of these: it is never taken for one without findings.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("Infracost.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<ReadonlyArray<Finding>>, PolicyError> {
  const document = PolicyDocument.read(text)
  if (document.issues.length > 0) return yield* failure(options.source, document.issues)
  if (!isResult(document.value)) {
    return yield* failure(options.source, [
      document.issueAt([], "value", "there are no tag policies in it", "is it a result of Infracost?")
    ])
  }
  const dropped: Array<Dropped> = []
  const findings: Array<Finding> = []
  for (const [path, value] of policiesIn(document.value, [])) {
    const decoded = decode(value)
    if (Result.isFailure(decoded)) {
      const message = `these are no results of tag policies: ${decoded.failure.message.replace(/\s+/gu, " ")}`
      return yield* failure(options.source, [document.issueAt(path, "value", message)])
    }
    for (const policy of decoded.success) {
      findings.push(...findingsOf(policy, (what, why) => void dropped.push({ what, why })))
      if ((policy.pastResources ?? []).length > 0) {
        dropped.push({ what: `${policy.name}: past resources`, why: "they are no findings about the code as it is" })
      }
    }
  }
  return { result: findings, dropped }
})

export { fromText as import }
