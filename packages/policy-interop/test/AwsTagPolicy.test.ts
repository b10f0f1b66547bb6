import { type TagPolicy, Vocabulary } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { AwsTagPolicy } from "../src/index.ts"
import { hostile } from "./Policies.ts"

const source = "policy.json"

/** What AWS does not take, the place, and a word of the message. */
const wrong: ReadonlyArray<readonly [text: string, place: string, says: RegExp]> = [
  ["", "1:1", /empty/u],
  ["[]", "1:1", /must be an object/u],
  ["{}", "1:1", /tags is missing/u],
  ["{\"tags\": []}", "1:10", /tags must be an object/u],
  ["{\"tags\": {}, \"other\": 1}", "1:14", /no key "other"/u],
  ["{\"tags\": {\"a\": 1}}", "1:16", /must be an object/u],
  ["{\"tags\": {\"a\": {}, \"A\": {}}}", "1:20", /there twice/u],
  ["{\"tags\": {\"a\": {}, \"a\": {}}}", "1:20", /twice|duplicate/iu],
  ["{\"tags\": {\" \": {}}}", "1:11", /1 to 128 characters/u],
  ["{\"tags\": {\"@@assign\": {}}}", "1:11", /no meaning here/u],
  ["{\"tags\": {\"a\": {\"color\": {}}}}", "1:17", /no setting "color"/u],
  ["{\"tags\": {\"a\": {\"tag_key\": \"a\"}}}", "1:28", /must be an object.*effective policy/u],
  ["{\"tags\": {\"a\": {\"tag_key\": {\"@@assign\": \"b\"}}}}", "1:41", /must be "a"/u],
  ["{\"tags\": {\"a\": {\"tag_key\": {\"@@append\": [\"a\"]}}}}", "1:29", /for lists/u],
  ["{\"tags\": {\"a\": {\"tag_value\": {\"@@assign\": \"b\"}}}}", "1:43", /must be a list/u],
  ["{\"tags\": {\"a\": {\"tag_value\": {\"@@assign\": [{}]}}}}", "1:44", /is a text/u],
  ["{\"tags\": {\"a\": {\"tag_value\": {\"@@assign\": [\"a*b*\"]}}}}", "1:44", /more than one \*/u],
  ["{\"tags\": {\"a\": {\"tag_value\": {\"enforced_for\": {}}}}}", "1:31", /belongs beside tag_value/u],
  ["{\"tags\": {\"a\": {\"tag_value\": {\"@@set\": []}}}}", "1:31", /no key "@@set"/u],
  ["{\"tags\": {\"a\": {\"enforced_for\": {\"@@assign\": [\"ec2\"]}}}}", "1:47", /no resource type/u],
  ["{\"tags\": {\"a\": {\"enforced_for\": {\"@@assign\": [1]}}}}", "1:47", /is a text/u],
  ["{\"tags\": {\"a\": {\"@@operators_allowed_for_child_policies\": []}}}", "1:59", /must be a list of operators/u],
  ["{\"tags\": {\"a\": {\"@@operators_allowed_for_child_policies\": [\"@@none\", \"@@append\"]}}}", "1:59", /stands alone/u],
  ["{\"tags\": {\"a\": {\"@@operators_allowed_for_child_policies\": [\"@@delete\"]}}}", "1:59", /no operator/u],
  [`{"tags": {"a": {"tag_value": {"@@assign": ["${"x".repeat(257)}"]}}}}`, "1:44", /256 characters/u],
  [JSON.stringify({ tags: { a: { tag_value: { "@@assign": Array.from({ length: 900 }, (_, at) => `value-${at}`) } } } }), "1:1", /10000 at most/u]
]

describe("AwsTagPolicy", () => {
  it.effect.each(wrong)("%s", ([text, place, says]) =>
    Effect.gen(function*() {
      const { issues, message } = yield* Effect.flip(AwsTagPolicy.parse(text, { source }))
      assert.match(message, says)
      assert.strictEqual(`${issues[0].line}:${issues[0].column}`, place)
    }))

  it.effect("imports what is required, what is enforced, and the case of keys", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* AwsTagPolicy.import(JSON.stringify({
        tags: {
          costcenter: {
            tag_key: { "@@assign": "CostCenter", "@@operators_allowed_for_child_policies": ["@@none"] },
            tag_value: { "@@assign": ["100", "200", "300*"] },
            report_required_tag_for: { "@@assign": ["ec2:instance", "secretsmanager:ALL_SUPPORTED", "imaginary:thing"] },
            enforced_for: { "@@assign": ["secretsmanager:ALL_SUPPORTED"] }
          },
          project: { tag_value: { "@@append": ["a", "b"] } },
          any: { tag_value: { "@@assign": ["*", "x"] } },
          ghost: { report_required_tag_for: { "@@assign": ["imaginary:thing"] } }
        }
      }), { source })
      assert.deepStrictEqual(result, {
        policy: {
          required_tags: [{ name: "CostCenter", validation_regex: "^(?:100|200|300.*)$", applies_to: ["ec2:instance", "secretsmanager:*"] }],
          optional_tags: [{ name: "any" }, { name: "project", allowed_values: ["a", "b"] }].toSorted((a, b) => a.name < b.name ? -1 : 1)
            .toSpliced(1, 0, { name: "ghost" })
        },
        enforcedFor: { CostCenter: ["secretsmanager:ALL_SUPPORTED"] }
      })
      assert.deepStrictEqual(dropped.map(({ what }) => what), [
        "the tag \"CostCenter\": the type \"imaginary:thing\"",
        "the tag \"ghost\": the type \"imaginary:thing\"",
        "the tag \"ghost\": that it is required",
        "@@operators_allowed_for_child_policies in line 1"
      ])
    }))

  it.effect("imports an effective policy as AWS writes it", () =>
    Effect.gen(function*() {
      const { result } = yield* AwsTagPolicy.import("{\"tags\":{\"owner\":{\"tag_key\":\"Owner\",\"tag_value\":[\"*\"],\"report_required_tag_for\":[\"states:stateMachine\"]}}}", { source })
      assert.deepStrictEqual(result.policy, { required_tags: [{ name: "Owner", applies_to: ["states:state-machine"] }] })
    }))

  it.effect("a long policy is made to fit, by ALL_SUPPORTED first, and says what was left out", () =>
    Effect.gen(function*() {
      const policy: TagPolicy = {
        required_tags: Array.from({ length: 14 }, (_, at) => ({
          name: `Tag${at}`,
          applies_to: Vocabulary.types.filter((type) => type.startsWith("ec2:") || type.startsWith("elasticloadbalancing:") || type.startsWith("rds:")),
          allowed_values: Array.from({ length: 10 }, (_, value) => `value-${value}`)
        }))
      }
      const { dropped, result } = AwsTagPolicy.export(policy)
      assert.isBelow(result.length, 10_000)
      assert.isTrue(dropped.length > 0 && dropped.every(({ what, why }) => what.endsWith(": its types") && why.includes("all types of their services")))
      const back = yield* AwsTagPolicy.import(result, { source })
      assert.sameMembers(back.result.policy.required_tags.map(({ name }) => name), policy.required_tags.map(({ name }) => name))
      assert.isTrue(back.result.policy.required_tags.some(({ applies_to }) => applies_to?.join() === "ec2:*,elasticloadbalancing:*,rds:*"))
    }))

  it.effect("whatever the policy, the export is one that can be read and keeps below 10,000 characters", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(
        fc.uniqueArray(hostile(120), { maxLength: 120 }),
        fc.uniqueArray(hostile(200), { maxLength: 40 }),
        async (names, values) => {
          const { dropped, result } = AwsTagPolicy.export({ required_tags: names.map((name) => ({ name, allowed_values: values })) })
          assert.isBelow(result.length, 10_000 + 2)
          const { tags } = await Effect.runPromise(AwsTagPolicy.parse(result, { source }))
          const gone = names.filter((name) => !tags.some(({ key }) => key === name.toLowerCase()))
          for (const name of gone) assert.isTrue(dropped.some(({ what }) => what === `the tag ${name}`), name)
        }
      ), { numRuns: 100 })))

  it("enforces only what it is told to", () => {
    const tags = (options?: Parameters<typeof AwsTagPolicy.export>[1]) =>
      (JSON.parse(AwsTagPolicy.export({ required_tags: [{ name: "Owner", applies_to: ["s3:bucket"] }] }, options).result) as { readonly tags: unknown }).tags
    assert.deepStrictEqual(tags(), { owner: { tag_key: { "@@assign": "Owner" }, report_required_tag_for: { "@@assign": ["s3:bucket"] } } })
    assert.deepStrictEqual(tags({ enforcedFor: { Owner: ["s3:bucket"] } }), {
      owner: { tag_key: { "@@assign": "Owner" }, enforced_for: { "@@assign": ["s3:bucket"] }, report_required_tag_for: { "@@assign": ["s3:bucket"] } }
    })
  })
})
