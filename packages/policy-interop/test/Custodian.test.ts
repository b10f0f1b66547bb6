import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import * as Yaml from "yaml"
import { Custodian } from "../src/index.ts"
import { policies } from "./Policies.ts"

interface Policy {
  readonly name: string
  readonly resource: string
  readonly filters: ReadonlyArray<{ readonly or: ReadonlyArray<Readonly<Record<string, unknown>>> }>
  readonly actions: ReadonlyArray<{ readonly type: string; readonly tag?: string }>
}

const policiesOf = (text: string) => (Yaml.parse(text) as { readonly policies: ReadonlyArray<Policy> }).policies

describe("Custodian", () => {
  it("writes one policy per type, its filters joined by or", () => {
    const { result } = Custodian.export({
      required_tags: [
        { name: "Owner", applies_to: ["ec2:instance", "s3:bucket"], validation_regex: "[a-z]+|x" },
        { name: "Environment", applies_to: ["ec2:instance"], allowed_values: ["prod", "dev"] }
      ]
    })
    const [instances, buckets, ...others] = policiesOf(result)
    assert.lengthOf(others, 0)
    assert.deepStrictEqual(instances, {
      name: "tag-policy-ec2-instance",
      resource: "aws.ec2",
      description: "Resources whose tags break the Cadastre policy.",
      filters: [{
        or: [
          { "tag:Owner": "absent" },
          { "tag:Owner": "empty" },
          { not: [{ type: "value", key: "tag:Owner", op: "regex-case", value: "^(?:[a-z]+|x)$" }] },
          { "tag:Environment": "absent" },
          { "tag:Environment": "empty" },
          { type: "value", key: "tag:Environment", op: "not-in", value: ["prod", "dev"] }
        ]
      }],
      actions: [{ type: "mark-for-op", tag: "cadastre-tag-policy", op: "notify", days: 14 }]
    } as unknown as Policy)
    assert.strictEqual(buckets?.resource, "aws.s3")
  })

  it.effect("no action ever changes a tag that is there", () =>
    Effect.sync(() => {
      fc.assert(fc.property(policies, fc.boolean(), (policy, notify) => {
        const { result } = Custodian.export({ ...policy, optional_tags: [], prohibited_tags: [] }, notify ? { notify: { to: ["owner"], transport: { type: "sqs", queue: "q" } } } : {})
        for (const { actions } of policiesOf(result)) {
          assert.deepStrictEqual(actions.map(({ type }) => type), [notify ? "notify" : "mark-for-op"])
          assert.isFalse(policy.required_tags.some(({ name }) => name === actions[0]?.tag))
        }
      }), { numRuns: 100 })
    }))

  it.effect("reads policies that people wrote, and says what it could not", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* Custodian.import(`
policies:
  - name: ec2-owner
    resource: ec2
    filters:
      - type: value
        key: tag:Owner
        value: absent
    actions:
      - type: tag
        key: Owner
        value: nobody
      - stop
  - name: s3-env
    resource: aws.s3
    filters:
      - or:
          - "tag:Environment": absent
          - not: [{ type: value, key: "tag:Environment", op: in, value: [prod, dev] }]
          - type: value
            key: "tag:Temp"
            value: present
          - type: bucket-encryption
            state: false
  - name: two
    resource: aws.rds
    filters: [{ "tag:A": absent }, { "tag:B": absent }]
  - name: other
    resource: gcp.instance
`, { source: "c7n.yml" })
      assert.deepStrictEqual(result, {
        required_tags: [
          { name: "Owner", applies_to: ["ec2:instance"] },
          { name: "Environment", allowed_values: ["prod", "dev"], applies_to: ["s3:bucket"] }
        ],
        prohibited_tags: ["Temp"]
      })
      assert.deepStrictEqual(dropped.map(({ what }) => what), [
        "the policy ec2-owner: the action tag",
        "the policy ec2-owner: the action stop",
        "the policy s3-env: the filter {\"type\":\"bucket-encryption\",\"state\":false}",
        "the policy two: the filter {\"type\":\"value\",\"key\":\"tag:A\",\"value\":\"absent\"}",
        "the policy two: the filter {\"type\":\"value\",\"key\":\"tag:B\",\"value\":\"absent\"}",
        "the policy other",
        "the prohibited key Temp: its types"
      ])
    }))

  it.effect("what is no Custodian file is told with line and column", () =>
    Effect.gen(function*() {
      const { issues } = yield* Effect.flip(Custodian.import("policies:\n  - name: [\n", { source: "c7n.yml" }))
      assert.isAtLeast(issues[0].line, 2)
      const { message } = yield* Effect.flip(Custodian.import("policies: 3", { source: "c7n.yml" }))
      assert.match(message, /^c7n\.yml:1:1: these are no Custodian policies/u)
    }))
})
