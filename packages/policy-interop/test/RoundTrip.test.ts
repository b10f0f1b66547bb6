import { PolicyFile, policyHash, type TagPolicy, Vocabulary } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { PolicyError } from "@cadastre/policy"
import { AwsConfig, AwsTagPolicy, type Conversion, Custodian, OpenOps, Rego, Steampipe, TerraformTags } from "../src/index.ts"
import { policies, sortedPolicy } from "./Policies.ts"

type Tag = TagPolicy["required_tags"][number]

/** What a format can say of a policy, told independently of the format's code, by the documentation of each. */
interface Format {
  readonly name: string
  readonly export: (policy: TagPolicy) => Conversion<string>
  readonly import: (text: string) => Effect.Effect<Conversion<TagPolicy>, PolicyError>
  readonly restrict: (policy: TagPolicy) => TagPolicy
  /** How many of ten policies are about all types: the text of such a one is long where each type has a part of its own. */
  readonly ofAllTypes?: number
}

/** The policy, with a few types only. */
const narrowed = (policy: TagPolicy): TagPolicy => ({
  ...policy,
  required_tags: policy.required_tags.map((tag) => tag.applies_to?.length && !tag.applies_to.includes("*") ? tag : { ...tag, applies_to: ["s3:bucket", "eks:*"] }),
  optional_tags: [],
  prohibited_tags: []
})

const all = Vocabulary.types

/** Types that `applies_to` means. */
const expand = (types: Tag["applies_to"]): ReadonlyArray<string> =>
  !types?.length || types.includes("*") ? all : all.filter((type) => types.includes(type) || types.includes(`${type.split(":")[0]}:*`))

/** A tag's `applies_to` where only some types can be named. */
const among = (known: ReadonlyArray<string>, types: Tag["applies_to"]): Pick<Tag, "applies_to"> | undefined => {
  const left = expand(types).filter((type) => known.includes(type))
  return left.length === 0 ? undefined : left.length === known.length ? {} : { applies_to: left }
}

const wildcard = (regex: string | null | undefined): boolean => regex?.startsWith("^(?:") === true && /\.\*/u.test(regex) || regex === "^(?:x|y)$"

const listed = (tag: Pick<Tag, "allowed_values">) => tag.allowed_values?.length ? { allowed_values: tag.allowed_values } : {}

/** A regular expression with its anchors, as formats that look for a part of a value need it. */
const anchors: Readonly<Record<string, string>> = {
  "^CC-[0-9]{4}$": "^CC-[0-9]{4}$", "^(?:x|y)$": "^(?:x|y)$", "^\\Qa|b\\E$": "^\\Qa|b\\E$", "^$": "^$", "^[^|]+$": "^[^|]+$", "^\"q\"$": "^\"q\"$", "^[]a]+$": "^[]a]+$",
  "^(?:100|200.*)$": "^(?:100|200.*)$", "^(?:.*-prod)$": "^(?:.*-prod)$", "^(?:a\\.b|c.*d)$": "^(?:a\\.b|c.*d)$", "^(?:x\\$\\{|y.*)$": "^(?:x\\$\\{|y.*)$"
}
const pattern = (tag: Pick<Tag, "validation_regex">) =>
  tag.validation_regex ? { validation_regex: anchors[tag.validation_regex] ?? `^(?:${tag.validation_regex})$` } : {}

const asIs = (tag: Tag) => ({ name: tag.name, ...listed(tag), ...(tag.validation_regex ? { validation_regex: tag.validation_regex } : {}) })

const programs = (policy: TagPolicy): TagPolicy => ({
  required_tags: policy.required_tags.map((tag) => ({
    ...asIs(tag),
    ...(tag.applies_to?.length ? { applies_to: tag.applies_to } : {}),
    ...(tag.severity === "warning" ? { severity: "warning" } : {}),
    ...(tag.aliases ? { aliases: tag.aliases } : {})
  })),
  optional_tags: (policy.optional_tags ?? []).map(asIs),
  prohibited_tags: policy.prohibited_tags ?? [],
  ...(policy.tag_naming_rules === undefined ? {} : { tag_naming_rules: policy.tag_naming_rules })
})

const withoutCustodian = new Set(["autoscaling:launch-configuration", "ec2:dhcp-options", "ec2:vpn-connection", "ecs:capacity-provider", "elasticloadbalancing:listener", "elasticloadbalancing:listener-rule"])
const inCustodian = all.filter((type) => !withoutCustodian.has(type))
const notInPython: ReadonlySet<string> = new Set(["(?i)prod", "^\\Qa|b\\E$", "\\pL+"])

const inConfig = [
  "acm:certificate", "autoscaling:group", "cloudformation:stack", "codebuild:project", "dynamodb:table", "ec2:instance",
  "ec2:internet-gateway", "ec2:network-acl", "ec2:network-interface", "ec2:route-table", "ec2:security-group", "ec2:subnet", "ec2:volume",
  "ec2:vpc", "ec2:vpn-connection", "elasticloadbalancing:classic-loadbalancer", "elasticloadbalancing:loadbalancer", "rds:db", "rds:snapshot",
  "redshift:cluster", "s3:bucket"
]

const formats: ReadonlyArray<Format> = [
  {
    name: "AWS Organizations",
    export: (policy) => AwsTagPolicy.export(policy),
    import: (text) => Effect.map(AwsTagPolicy.import(text, { source: "p" }), ({ dropped, result }) => ({ dropped, result: result.policy })),
    restrict: (policy) => {
      const values = (tag: Tag) =>
        tag.allowed_values?.length
          ? tag.allowed_values.some((value) => value.includes("*")) ? {} : listed(tag)
          : tag.validation_regex === "^(?:x|y)$"
          ? { allowed_values: ["x", "y"] }
          : wildcard(tag.validation_regex) ? { validation_regex: tag.validation_regex! } : {}
      // An operator, to AWS.
      const isKey = ({ name }: Tag) => !name.startsWith("@@")
      return {
        required_tags: policy.required_tags.filter(isKey).map((tag) => ({
          name: tag.name,
          ...values(tag),
          ...(tag.applies_to?.length && !tag.applies_to.includes("*")
            // AWS has these among the types of another service.
            ? { applies_to: [...new Set(tag.applies_to.map((type) => type === "apigatewayv2:*" ? "apigatewayv2:api" : type))] }
            : {})
        })),
        optional_tags: (policy.optional_tags ?? []).filter(isKey).map((tag) => ({ name: tag.name, ...values(tag) }))
      }
    }
  },
  {
    name: "Custodian",
    export: (policy) => Custodian.export(policy),
    import: (text) => Custodian.import(text, { source: "p" }),
    ofAllTypes: 1,
    restrict: (policy) => {
      const rules = (tag: Tag) => ({
        name: tag.name,
        ...listed(tag),
        ...(notInPython.has(tag.validation_regex ?? "") ? {} : pattern(tag))
      })
      return {
        required_tags: policy.required_tags.flatMap((tag) => {
          const types = among(inCustodian, tag.applies_to)
          return types === undefined ? [] : [{ ...rules(tag), ...types }]
        }),
        optional_tags: (policy.optional_tags ?? []).map(rules),
        prohibited_tags: policy.prohibited_tags ?? []
      }
    }
  },
  ...(["rules", "cloudformation"] as const).map((form): Format => ({
    name: `AWS Config (${form})`,
    export: (policy) => AwsConfig.export(policy, { form }),
    import: (text) => AwsConfig.import(text, { source: "p" }),
    restrict: (policy) => ({
      required_tags: policy.required_tags.flatMap((tag) => {
        const types = among(inConfig, tag.applies_to)
        const values = tag.allowed_values ?? []
        const sayable = values.every((value) => !value.includes(",") && value.trim() === value) && values.join(",").length <= 256
        return types === undefined ? [] : [{ name: tag.name, ...(sayable ? listed(tag) : {}), ...types }]
      })
    })
  })),
  { name: "Rego", export: (policy) => Rego.export(policy), import: (text) => Rego.import(text, { source: "p" }), restrict: programs },
  { name: "OpenOps", export: (policy) => OpenOps.export(policy), import: (text) => OpenOps.import(text, { source: "p" }), restrict: programs },
  {
    name: "Steampipe",
    export: (policy) => Steampipe.export(policy),
    import: (text) => Steampipe.import(text, { source: "p" }),
    restrict: (policy) => {
      const rules = (tag: Tag) => ({
        name: tag.name,
        ...listed(tag),
        ...(tag.validation_regex === "^(?:x|y)$"
          ? { allowed_values: ["x", "y"] }
          : wildcard(tag.validation_regex) ? { validation_regex: tag.validation_regex! } : {})
      })
      return {
        required_tags: policy.required_tags.map(rules),
        optional_tags: (policy.optional_tags ?? []).map(rules).filter((tag) => "allowed_values" in tag || "validation_regex" in tag),
        prohibited_tags: policy.prohibited_tags ?? []
      }
    }
  },
  {
    name: "Terraform default_tags",
    export: (policy) => TerraformTags.export(policy),
    import: (text) => TerraformTags.import(text, { source: "p" }),
    restrict: (policy) => ({ required_tags: policy.required_tags.map((tag) => ({ name: tag.name, ...listed(tag), ...pattern(tag) })) })
  }
]

describe("Property 23: importing what was exported gives what the format can say of it", () => {
  it.effect.each(formats)("$name", (format) =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(policies, fc.nat({ max: 9 }), async (drawn, one) => {
        const policy = one < (format.ofAllTypes ?? 10) ? drawn : narrowed(drawn)
        const { dropped, result } = format.export(policy)
        const back = await Effect.runPromise(format.import(result))
        const expected = format.restrict(policy)
        assert.deepStrictEqual(sortedPolicy(back.result), sortedPolicy(expected))
        // It is a policy that loads as any other.
        assert.strictEqual(policyHash(await Effect.runPromise(PolicyFile.load(JSON.stringify(back.result), { source: "p" }))), policyHash(back.result))
        // What is lost is said: each part that is not in the result is named.
        for (const tag of policy.required_tags) {
          if (!expected.required_tags.some(({ name }) => name === tag.name)) {
            assert.isTrue(dropped.some(({ what }) => what.includes(tag.name)), `${tag.name} is gone without a word`)
          }
        }
        assert.isTrue(dropped.some(({ what }) => what === "exclusions arn:aws:s3:::legacy-*"))
        assert.isTrue(dropped.some(({ what }) => what === "version"))
        // The second time, nothing more is lost.
        if (policy.optional_tags!.length + policy.prohibited_tags!.length > 0) return
        const again = await Effect.runPromise(format.import(format.export(back.result).result))
        assert.deepStrictEqual(sortedPolicy(again.result), sortedPolicy(back.result))
      }), { numRuns: 100 })))
})
