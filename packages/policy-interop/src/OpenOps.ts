/**
 * Workflows of OpenOps that look for resources whose tags break a policy.
 *
 * @see https://docs.openops.com
 * @since 0.1.0
 */
import { PolicyDocument, type PolicyError, type TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as AwsTypeNames from "./AwsTypeNames.ts"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { typesOf } from "./Draft.ts"
import { code } from "./OpenOpsCode.ts"
import * as PolicyPart from "./PolicyPart.ts"
import { anchored } from "./WholeValue.ts"

const can = {
  optionalTags: true,
  types: true,
  regexes: true,
  aliases: true,
  severities: true,
  namingRules: true,
  prohibitedTags: true,
  descriptions: true,
  exclusions: false
}

/** The tagging API takes so many types in one call; with more it is asked for all types. */
const maxTypes = 100

/** Types that the code step cannot tell by the ARN, or that the tagging API does not list. */
const withoutArnKind: ReadonlySet<string> = new Set([
  "apigateway:restapi", "apigatewayv2:api", "autoscaling:group", "autoscaling:launch-configuration",
  "elasticloadbalancing:classic-loadbalancer", "wafv2:web-acl"
])

const unlikeJavaScript = /\\[QECzAa]|\[\[:|\(\?(?![:])/u

/**
 * Writes a workflow: every day it lists the resources that the tagging API knows, judges their tags and ends with the
 * violations, to which steps of one's own can be added. It changes nothing in AWS.
 *
 * `hour`: when it runs, 0 to 23 (UTC); 6 by default
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy, options: { readonly hour?: number } = {}): Conversion<string> => {
  const dropped: Array<Dropped> = [
    ...inexpressible(policy, "a workflow", can),
    { what: "resources that never had a tag", why: "the tagging API, which the workflow asks, does not list them" }
  ]
  const part = PolicyPart.partOf(policy)
  const patterns = Object.fromEntries([...part.required_tags, ...part.optional_tags ?? []].flatMap(({ name, validation_regex }) => {
    if (!validation_regex) return []
    if (!unlikeJavaScript.test(validation_regex)) return [[name, anchored(validation_regex)]]
    dropped.push({ what: `the tag ${name}: validation_regex`, why: "JavaScript, in which the workflow judges, reads it otherwise" })
    return []
  }))
  for (const { applies_to, name } of part.required_tags) {
    const lost = !applies_to?.length || applies_to.includes("*")
      ? []
      : typesOf(applies_to).filter((type) => withoutArnKind.has(type))
    if (lost.length === 0) continue
    dropped.push({ what: `required_tags ${name}: ${lost.join(", ")}`, why: "an ARN does not tell these types" })
  }
  const everywhere = part.required_tags.some(({ applies_to }) => typesOf(applies_to) === typesOf(undefined)) ||
    part.optional_tags !== undefined || part.prohibited_tags !== undefined || part.tag_naming_rules !== undefined
  const types = [...new Set(part.required_tags.flatMap(({ applies_to }) => typesOf(applies_to)).map(AwsTypeNames.toAws))]
  const filters = everywhere || types.length > maxTypes || types.length === 0 ? "" : ` --resource-type-filters ${types.join(" ")}`
  const common = { blockType: "OFFICIAL", packageType: "REGISTRY", inputUiInfo: { customizedInputs: {} } }
  const errorHandlingOptions = { retryOnFailure: { value: true }, continueOnFailure: { value: false } }
  const judge = {
    name: "step_2",
    type: "CODE",
    valid: true,
    displayName: "Judge the tags",
    settings: {
      input: { resources: "{{step_1}}", policy: part, patterns },
      sourceCode: { code, packageJson: "{}" },
      inputUiInfo: { customizedInputs: {} },
      errorHandlingOptions
    }
  }
  const list = {
    name: "step_1",
    type: "BLOCK",
    // A connection has to be chosen first.
    valid: false,
    displayName: "List resources and their tags",
    settings: {
      ...common,
      blockName: "@openops/block-aws",
      blockVersion: "~0.0.3",
      actionName: "aws_cli",
      input: {
        auth: null,
        dryRun: false,
        account: {},
        commandToRun: `aws resourcegroupstaggingapi get-resources${filters} --output json`
      },
      errorHandlingOptions
    },
    nextAction: judge
  }
  const workflow = {
    name: "Tags that break the policy",
    description: "Written by Cadastre. Finds resources whose tags break the policy, and changes nothing.",
    tags: [],
    services: [],
    domains: [],
    template: {
      displayName: "Tags that break the policy",
      trigger: {
        name: "trigger",
        valid: true,
        displayName: "Every Day",
        type: "TRIGGER",
        settings: {
          ...common,
          blockName: "@openops/block-schedule",
          blockVersion: "~0.1.5",
          triggerName: "every_day",
          input: { timezone: "UTC", hour_of_the_day: options.hour ?? 6, run_on_weekends: true }
        },
        nextAction: list
      },
      valid: false
    },
    blocks: ["@openops/block-schedule", "@openops/block-aws"]
  }
  return { result: `${JSON.stringify(workflow, null, 2)}\n`, dropped }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The policy in some step's input, and where it is. */
const policyIn = (
  value: unknown,
  path: PolicyDocument.Path
): { readonly policy: unknown; readonly path: PolicyDocument.Path } | undefined => {
  let step: unknown = value
  const at = [...path]
  // Steps are as deep as the workflow is long; the document's depth is limited.
  while (isObject(step)) {
    const { nextAction, settings } = step
    const input = isObject(settings) ? settings["input"] : undefined
    if (isObject(input) && isObject(input["policy"]) && Array.isArray(input["policy"]["required_tags"])) {
      return { policy: input["policy"], path: [...at, "settings", "input", "policy"] }
    }
    step = nextAction
    at.push("nextAction")
  }
  return undefined
}

/**
 * Reads the policy back from a workflow that Cadastre wrote, whatever steps were added to it.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("OpenOps.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const document = PolicyDocument.read(text)
  if (document.issues.length > 0) return yield* failure(options.source, document.issues)
  const template = isObject(document.value) ? document.value["template"] : undefined
  const found = isObject(template) ? policyIn(template["trigger"], ["template", "trigger"]) : undefined
  if (found === undefined) {
    return yield* failure(options.source, [
      document.issueAt(["template"], "value", "there is no policy in it that Cadastre wrote",
        "is it a workflow that was exported from Cadastre?")
    ])
  }
  const { line } = document.issueAt(found.path, "value", "")
  const result = yield* PolicyPart.load(JSON.stringify(found.policy, null, 2), line - 1, options.source)
  return { result, dropped: [{ what: "the steps of the workflow", why: "a native policy judges, and does nothing" }] }
})

export { fromText as import, toText as export }
