/** Resources at random, and what the native validator says of them: the measure for programs that judge by themselves. */
import { AccountId, RegionId, ResourceType } from "@cadastre/model"
import { compile, type TagPolicy } from "@cadastre/policy"
import * as fc from "fast-check"

export const types = ["ec2:instance", "s3:bucket", "iam:role", "rds:db"] as const

const keys = ["Owner", "owner", "OWNER", "Environment", "environment", "Team", "Squad", "squad", "CostCenter", "TempA", "tempb", "aws:x", "AWS:Owner", "a key", "Längë", "__proto__"]
const values = ["", " ", "\t", "prod", "Prod", "preprod", "production", "CC-1", "CC-12", "xCC-1", "CC-1\n", "a|b", "\u00a0", "🏷🏷🏷🏷", "ß", "x".repeat(12)]

/** Tags at random, among them those that only look right. */
export const tags = fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)), { maxLength: 7, selector: ([key]) => key })
  .map((entries): Readonly<Record<string, string>> => Object.fromEntries(entries))

const rules = {
  allowed_values: fc.option(fc.uniqueArray(fc.constantFrom("prod", "production", "CC-1", "CC-12", "a|b"), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  validation_regex: fc.option(fc.constantFrom("CC-[0-9]+", "^CC-[0-9]+$", "prod|production", "[a-z]+", "a\\|b", ".*"), { nil: undefined })
}

/** Without values that their own expression rejects, as no policy has them. */
const sound = <A extends { readonly allowed_values?: ReadonlyArray<string> | undefined; readonly validation_regex?: string | undefined }>(tag: A): A =>
  tag.allowed_values === undefined ? tag : { ...tag, validation_regex: undefined }

export const policies: fc.Arbitrary<TagPolicy> = fc.record({
  required: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("Owner", "Environment", "CostCenter"),
      ...rules,
      applies_to: fc.option(fc.uniqueArray(fc.constantFrom("ec2:instance", "s3:*", "iam:*", "*", "rds:db"), { maxLength: 2 }), { nil: undefined }),
      severity: fc.option(fc.constantFrom("error" as const, "warning" as const), { nil: undefined }),
      aliases: fc.option(fc.constant(["Squad"]), { nil: undefined })
    }),
    { maxLength: 3, selector: ({ name }) => name }
  ),
  optional: fc.option(fc.record({ name: fc.constant("Team"), ...rules }), { nil: undefined }),
  prohibited: fc.uniqueArray(fc.constantFrom("Temp*", "*b", "a key", "te*", "[*"), { maxLength: 2 }),
  naming: fc.option(fc.record({
    case_sensitivity: fc.boolean(),
    allow_special_characters: fc.boolean(),
    max_key_length: fc.constantFrom(4, 128),
    max_value_length: fc.constantFrom(4, 256)
  }, { requiredKeys: [] }), { nil: undefined })
}).map(({ naming, optional, prohibited, required }) =>
  JSON.parse(JSON.stringify({
    // Two tags with one alias would be no policy.
    required_tags: required.map(sound).map((tag, at) => at === 0 ? tag : { ...tag, aliases: undefined }),
    optional_tags: optional === undefined ? [] : [sound(optional)],
    prohibited_tags: prohibited,
    ...(naming === undefined ? {} : { tag_naming_rules: naming })
  })) as TagPolicy)

/** `tag rule severity` of each violation, by the native validator. */
export const judged = (policy: TagPolicy, type: string, resource: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  compile(policy, { now: 0 }).check({
    arn: "arn:aws:s3:::x",
    id: "x",
    type: ResourceType.ResourceType.make(type),
    accountId: AccountId.make("111122223333"),
    region: RegionId.make("eu-west-1"),
    tags: resource
  }).violations.map(({ rule, severity, tag }) => `${tag} ${rule} ${severity}`).toSorted()
