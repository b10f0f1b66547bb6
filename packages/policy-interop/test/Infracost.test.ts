import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Infracost } from "../src/index.ts"

const policies = [{
  name: "Tags",
  tagPolicyId: "1",
  message: "m",
  blockPr: true,
  resources: [
    {
      address: "module.data[\"x.y\"].aws_s3_bucket.logs[0]",
      path: "dev/main.tf",
      line: 14,
      projectNames: ["dev", "prod"],
      missingMandatoryTags: ["Environment"],
      invalidTags: [
        { key: "Team", value: "devops", validValues: ["Ops", "Web"], suggestion: "Ops", validValuesTruncated: true },
        { key: "Code", value: "1", validRegex: "^CC-", validValues: null },
        { key: "Owner", missingMandatory: true }
      ]
    },
    { address: "google_thing.a", type: "google_thing", missingMandatoryTags: null, invalidTags: [] }
  ]
}, { name: "passes", resources: [] }]

describe("Infracost", () => {
  it.effect.each([
    ["GraphQL", [{ data: { evaluateTagPolicies: policies } }]],
    ["tagPolicies", { tagPolicies: policies }],
    ["the list itself", policies]
  ] as const)("findings of %s", ([, result]) =>
    Effect.gen(function*() {
      const { dropped, result: findings } = yield* Infracost.import(JSON.stringify(result), { source: "i.json" })
      const common = {
        policy: "Tags", address: "module.data[\"x.y\"].aws_s3_bucket.logs[0]", terraformType: "aws_s3_bucket", resourceType: "s3:bucket",
        path: "dev/main.tf", line: 14, projects: ["dev", "prod"], blocking: true
      }
      assert.deepStrictEqual(findings, [
        { ...common, tag: "Environment", rule: "missing_required_tag" },
        { ...common, tag: "Owner", rule: "missing_required_tag" },
        { ...common, tag: "Team", rule: "invalid_value", currentValue: "devops", expected: "Ops, Web", suggestion: "Ops" },
        { ...common, tag: "Code", rule: "invalid_format", currentValue: "1", expected: "^CC-" }
      ])
      assert.deepStrictEqual(dropped.map(({ what }) => what), ["module.data[\"x.y\"].aws_s3_bucket.logs[0]: the valid values of Team"])
    }))

  it.effect("what is no result is an error, never an empty list of findings", () =>
    Effect.gen(function*() {
      for (const text of ["{}", "3", "{\"projects\": []}", "[{\"data\": {}}]", "{\"tagPolicies\": [{\"name\": 1}]}"]) {
        const { message } = yield* Effect.flip(Infracost.import(text, { source: "i.json" }))
        assert.match(message, /^i\.json:1:\d+: /u, text)
      }
      assert.deepStrictEqual((yield* Infracost.import("{\"tagPolicies\": []}", { source: "i.json" })).result, [])
    }))
})
