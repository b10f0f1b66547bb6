/** @since 0.1.0 */
import { TagPolicy } from "@cadastre/policy"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answerBytes, clipped, firstLines, sizeOf, within } from "../Budget.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import { make } from "../Tool.ts"

const Output = Schema.Struct({
  policy: TagPolicy,
  policy_truncated: Schema.Boolean.annotate({ description: "Whether lists of the policy were cut to fit." }),
  policy_hash: Schema.String.annotate({ description: "SHA-256 of what the policy demands." }),
  source: Schema.String.annotate({ description: "The name of the policy's file." }),
  counts: Schema.Struct({
    required_tags: Schema.Natural,
    optional_tags: Schema.Natural,
    prohibited_tags: Schema.Natural,
    exclusions: Schema.Natural
  })
})

/**
 * Shows the tag policy that everything is judged by.
 *
 * @category tools
 * @since 0.1.0
 */
export const getTaggingPolicy = make({
  name: "get_tagging_policy",
  title: "Get the tag policy",
  description: "Shows the tag policy in force: required and optional tags, allowed values, formats, which resource " +
    "types they apply to, naming rules, waivers. Makes no call to AWS.",
  input: {},
  output: Output,
  openWorld: false,
  call: Effect.fn("get_tagging_policy")(function*() {
    const { hash, policy, source } = yield* PolicyInForce
    const fits = sizeOf(policy) <= policyBytes
    const shown = fits ? policy : shortened(policy)
    return {
      structured: {
        policy: shown,
        policy_truncated: !fits,
        policy_hash: hash,
        source,
        counts: {
          required_tags: policy.required_tags.length,
          optional_tags: policy.optional_tags?.length ?? 0,
          prohibited_tags: policy.prohibited_tags?.length ?? 0,
          exclusions: policy.exclusions?.length ?? 0
        }
      },
      text: markdownOf(policy, source, hash)
    }
  })
})

const quoted = (text: string): string => Untrusted.code(clipped(text, 200))

const policyBytes = answerBytes - 12_000

/** The rules themselves, with lists cut. What is only for people goes first. */
const shortened = (policy: TagPolicy): TagPolicy => {
  const { exclusions = [], optional_tags = [], prohibited_tags = [], required_tags, ...rest } = policy
  const share = policyBytes / 5
  return {
    ...(rest.version === undefined ? {} : { version: clipped(rest.version, 100) }),
    ...(rest.tag_naming_rules === undefined ? {} : { tag_naming_rules: rest.tag_naming_rules }),
    required_tags: within(required_tags.map(shortenedTag), share * 2),
    optional_tags: within(optional_tags.map(shortenedTag), share),
    prohibited_tags: within(prohibited_tags, share),
    exclusions: within(exclusions, share)
  }
}

const shortenedTag = <T extends TagPolicy["required_tags"][number]>({ description: _, ...tag }: T) => ({
  ...tag,
  ...(tag.allowed_values ? { allowed_values: within(tag.allowed_values, 1000) } : {}),
  ...(tag.applies_to ? { applies_to: within(tag.applies_to, 1000) } : {})
})

const markdownOf = (policy: TagPolicy, source: string, hash: string): string => {
  const { required_tags } = policy
  const lines = required_tags.slice(0, 30).map((tag) =>
    `- ${quoted(tag.name)} (${tag.severity ?? "error"})` +
    ` on ${tag.applies_to?.length ? quoted(tag.applies_to.join(", ")) : "every type"}` +
    (tag.allowed_values?.length ? `; one of ${quoted(tag.allowed_values.join(", "))}` : "") +
    (tag.validation_regex ? `; matching ${quoted(tag.validation_regex)}` : "")
  )
  return firstLines(
    [
      `Tag policy ${quoted(source)}, hash ${hash.slice(0, 12)}: ${required_tags.length} required tags, ` +
      `${policy.optional_tags?.length ?? 0} optional, ${policy.prohibited_tags?.length ?? 0} prohibited, ` +
      `${policy.exclusions?.length ?? 0} waivers.`,
      ...lines,
      ...(required_tags.length > 30 ? [`- and ${required_tags.length - 30} others: see \`policy\``] : [])
    ].join("\n"),
    8000
  )
}
