/** @since 0.1.0 */
import { ResourceType } from "@cadastre/model"
import { policyHash, type TagPolicy } from "@cadastre/policy"
import type { Conversion } from "@cadastre/policy-interop"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answerBytes, clipped, firstLines, sizeOf, within } from "../Budget.ts"
import * as Engine from "../Engine.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import { partOf } from "../ScanResult.ts"
import { make } from "../Tool.ts"
import { RequestRefused } from "../ToolFailure.ts"

const targets = ["custodian", "openops", "config", "rego", "organizations", "steampipe", "terraform"] as const
type Target = (typeof targets)[number]

const files: Readonly<Record<Target, string>> = {
  custodian: "custodian.yml",
  openops: "openops-workflow.json",
  config: "config-rules.json",
  rego: "tags.rego",
  organizations: "tag-policy.json",
  steampipe: "steampipe.spvars",
  terraform: "default_tags.tf"
}

/** Loaded when it is first needed, so that the server starts at once. */
const written = (target: Target, policy: TagPolicy, types: ReadonlyArray<string> | undefined): Effect.Effect<Conversion<string>> =>
  Effect.map(Effect.promise(() => import("@cadastre/policy-interop")), (interop) => {
    switch (target) {
      case "custodian":
        return interop.Custodian.export(policy, types === undefined ? {} : { types })
      case "openops":
        return interop.OpenOps.export(policy)
      case "config":
        return interop.AwsConfig.export(policy)
      case "rego":
        return interop.Rego.export(policy)
      case "organizations":
        return interop.AwsTagPolicy.export(policy)
      case "steampipe":
        return interop.Steampipe.export(policy)
      case "terraform":
        return interop.TerraformTags.export(policy)
    }
  })

const Output = Schema.Struct({
  target: Schema.Literals(targets),
  file_name: Schema.String.annotate({ description: "What the file is usually called. Nothing was written." }),
  content: Schema.String.annotate({ description: "The file, or a part of it: the parts of all pages, one after the other, are the whole." }),
  content_characters: Schema.Natural.annotate({ description: "Of the whole file." }),
  content_truncated: Schema.Boolean,
  next_cursor: Schema.optionalKey(Schema.String),
  resource_types: Schema.optionalKey(Schema.Array(Schema.String)).annotate({ description: "What it was narrowed to." }),
  left_out: Schema.Array(Schema.Struct({ what: Schema.String, why: Schema.String })).annotate({
    description: "What of the policy the file does not say. Tell the user before the file is used."
  }),
  left_out_total: Schema.Natural,
  applied: Schema.Boolean.annotate({ description: "Always false: this server writes files nowhere and changes nothing in AWS." }),
  policy_hash: Schema.String
})

const parameters = {
  resource_types: ScanArguments.texts("Only what the policy asks of these types; all when absent."),
  dry_run: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Accepted and without effect: the policy is generated and never applied." })
  ),
  cursor: Schema.optionalKey(Schema.String.annotate({ description: "The next_cursor of an earlier answer to the same call." }))
}

type Args = Schema.Struct.Type<typeof parameters>

const answer = Effect.fn("export_policy")(function*(target: Target, { cursor, resource_types = [] }: Args) {
  const { policy } = yield* PolicyInForce
  const isNarrowed = resource_types.some((type) => !/^\s*(?:all|\*)\s*$/iu.test(type))
  const types = isNarrowed
    ? (yield* resolved(resource_types)).map(({ type }): string => type)
    : undefined
  const narrowed = types === undefined ? { policy, leftOut: [] } : narrowedTo(policy, types, target)
  const { dropped, result } = yield* written(target, narrowed.policy, types)
  const all = [...narrowed.leftOut, ...dropped].map(({ what, why }) => ({
    what: ResourceAnswer.text(what, 300),
    why: ResourceAnswer.text(why, 300)
  }))
  const leftOut = within(all, 16_000)
  const base = {
    target,
    file_name: files[target],
    content_characters: result.length,
    ...(types === undefined ? {} : { resource_types: within(types, 4000) }),
    left_out: leftOut,
    left_out_total: all.length,
    applied: false,
    policy_hash: policyHash(policy)
  }
  const text = firstLines([
    `The policy as ${target}: ${result.length} characters, in \`content\`. Nothing was written or applied.`,
    ...(all.length === 0
      ? ["It says all that the policy says."]
      : [
        `**It does not say ${all.length} things that the policy says:**`,
        ...all.slice(0, 15).map(({ what, why }) => `- ${Untrusted.code(clipped(what, 200))}: ${Untrusted.code(clipped(why, 200))}`),
        ...(all.length > 15 ? ["- and others: see `left_out`"] : [])
      ])
  ].join("\n"), 8000)
  const from = yield* placeOf(cursor, result.length)
  const content = partOf(result, from, answerBytes - 2000 - sizeOf(base) - sizeOf(text))
  const next = from + content.length
  return {
    structured: {
      ...base,
      content,
      content_truncated: content.length < result.length,
      ...(next < result.length ? { next_cursor: String(next) } : {})
    },
    text
  }
})

/** The same call writes the same file: a place in it is enough. */
const placeOf = (cursor: string | undefined, length: number): Effect.Effect<number, RequestRefused> => {
  const place = cursor === undefined ? 0 : /^\d{1,9}$/u.test(cursor.trim()) ? Number(cursor) : length
  return place < Math.max(1, length) ? Effect.succeed(place) : Effect.fail(
    new RequestRefused({ why: "The cursor is not one of this file's.", remedy: "Give next_cursor as it was answered, with the same parameters." })
  )
}

/**
 * Writes the policy in force for another tool.
 *
 * @category tools
 * @since 0.1.0
 */
export const exportPolicy = make({
  name: "export_policy",
  title: "Export the tag policy",
  description: "Writes the tag policy in force for another tool: Cloud Custodian, OpenOps, AWS Config, OPA (Rego), AWS " +
    "Organizations, Steampipe or Terraform, and lists what that cannot say. Generates text; applies nothing.",
  openWorld: false,
  input: { target: Schema.Literals(targets).annotate({ description: "For which tool." }), ...parameters },
  output: Output,
  call: ({ target, ...args }) => answer(target, args)
})

const unused = (names: ReadonlyArray<string>) =>
  Object.fromEntries(names.map((name) => [name, Schema.optionalKey(Schema.Json)]))

/**
 * The reference's name for the export to Cloud Custodian.
 *
 * @category tools
 * @since 0.1.0
 */
export const generateCustodianPolicy = make({
  name: "generate_custodian_policy",
  title: "Generate a Cloud Custodian policy",
  description: "The same as export_policy with target custodian.",
  listed: false,
  openWorld: false,
  input: { ...parameters, ...unused(["violation_types", "target_tags"]) },
  output: Output,
  call: (args) => answer("custodian", args)
})

/**
 * The reference's name for the export to OpenOps.
 *
 * @category tools
 * @since 0.1.0
 */
export const generateOpenopsWorkflow = make({
  name: "generate_openops_workflow",
  title: "Generate an OpenOps workflow",
  description: "The same as export_policy with target openops.",
  listed: false,
  openWorld: false,
  input: { ...parameters, ...unused(["remediation_strategy", "threshold", "target_tags", "schedule"]) },
  output: Output,
  call: (args) => answer("openops", args)
})

/** The required tags of these types alone; what is asked of every type is asked of these. */
const narrowedTo = (policy: TagPolicy, types: ReadonlyArray<string>, target: Target): {
  readonly policy: TagPolicy
  readonly leftOut: ReadonlyArray<{ readonly what: string; readonly why: string }>
} => {
  const leftOut: Array<{ what: string; why: string }> = []
  const required_tags = policy.required_tags.flatMap((tag) => {
    const wanted = (tag.applies_to ?? []).map(ResourceType.normalise)
    const isAny = wanted.length === 0 || wanted.includes("*") || wanted.includes("*:*")
    const applies_to = isAny
      ? types
      : types.filter((type) => wanted.includes(type) || wanted.includes(`${type.slice(0, type.indexOf(":"))}:*`))
    if (applies_to.length > 0) return [{ ...tag, applies_to }]
    leftOut.push({ what: `required_tags ${tag.name}`, why: "it applies to none of the resource_types asked for" })
    return []
  })
  // Custodian's policies are of one type each.
  if (target !== "custodian" && ((policy.optional_tags ?? []).length > 0 || (policy.prohibited_tags ?? []).length > 0)) {
    leftOut.push({ what: "resource_types", why: "what of optional and prohibited tags this file says, it asks of every type" })
  }
  return { policy: { ...policy, required_tags }, leftOut }
}

/** What the types mean. The engine is loaded when it is first needed, so that the server starts at once. */
const resolved = Effect.fnUntraced(function*(types: ReadonlyArray<string>) {
  const { ScannerRegistry } = yield* Engine.scannerCore
  return yield* (yield* ScannerRegistry).resolve(types)
})
