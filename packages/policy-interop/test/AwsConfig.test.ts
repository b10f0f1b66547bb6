import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { AwsConfig } from "../src/index.ts"

describe("AwsConfig", () => {
  it("a rule has six keys at most; the others are told", () => {
    const { dropped, result } = AwsConfig.export({
      required_tags: Array.from({ length: 8 }, (_, at) => ({ name: `Tag${at}`, applies_to: ["ec2:instance"], allowed_values: at === 0 ? ["a", "b"] : null }))
    })
    assert.deepStrictEqual(JSON.parse(result) as unknown, [{
      ConfigRuleName: "cadastre-required-tags-1",
      Description: "Tags that a Cadastre policy requires.",
      Scope: { ComplianceResourceTypes: ["AWS::EC2::Instance"] },
      Source: { Owner: "AWS", SourceIdentifier: "REQUIRED_TAGS" },
      InputParameters: "{\"tag1Key\":\"Tag0\",\"tag1Value\":\"a,b\",\"tag2Key\":\"Tag1\",\"tag3Key\":\"Tag2\",\"tag4Key\":\"Tag3\",\"tag5Key\":\"Tag4\",\"tag6Key\":\"Tag5\"}"
    }])
    assert.deepStrictEqual(dropped.map(({ what }) => what), ["required_tags Tag6", "required_tags Tag7"])
  })

  it("tags of other types have a rule of their own; types that the rule does not look at are told", () => {
    const { dropped, result } = AwsConfig.export({
      required_tags: [{ name: "A", applies_to: ["s3:bucket", "lambda:function"] }, { name: "B", applies_to: ["rds:db"] }, { name: "C", applies_to: ["sns:topic"] }]
    }, { form: "cloudformation" })
    const { Resources } = JSON.parse(result) as { readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: { readonly InputParameters: object } }>> }
    assert.deepStrictEqual(Object.values(Resources).map(({ Properties, Type }) => [Type, Properties.InputParameters]), [
      ["AWS::Config::ConfigRule", { tag1Key: "A" }],
      ["AWS::Config::ConfigRule", { tag1Key: "B" }]
    ])
    assert.deepStrictEqual(dropped.map(({ what }) => what), ["required_tags A: lambda:function", "required_tags C: sns:topic"])
  })

  it("parameters keep within AWS Config's 1,024 characters", () => {
    const { dropped, result } = AwsConfig.export({
      required_tags: Array.from({ length: 6 }, (_, at) => ({ name: `${at}${"k".repeat(100)}`, allowed_values: ["v".repeat(120), "w".repeat(100)], applies_to: ["s3:bucket"] }))
    })
    const [{ InputParameters }] = JSON.parse(result) as readonly [{ readonly InputParameters: string }]
    assert.isAtMost(InputParameters.length, 1024)
    assert.strictEqual(Object.keys(JSON.parse(InputParameters) as object).filter((key) => key.endsWith("Key")).length, 6)
    assert.strictEqual(dropped.length, 5)
  })

  it.effect("reads what describe-config-rules answers; other rules are told", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* AwsConfig.import(JSON.stringify({
        ConfigRules: [
          {
            ConfigRuleName: "required-tags",
            Source: { Owner: "AWS", SourceIdentifier: "REQUIRED_TAGS" },
            Scope: { ComplianceResourceTypes: ["AWS::EC2::Instance", "AWS::Nothing::Here"] },
            InputParameters: "{\"tag1Key\":\"CostCenter\",\"tag1Value\":\"100, 200\"}"
          },
          { ConfigRuleName: "encrypted-volumes", Source: { Owner: "AWS", SourceIdentifier: "ENCRYPTED_VOLUMES" } }
        ]
      }), { source: "rules.json" })
      assert.deepStrictEqual(result, { required_tags: [{ name: "CostCenter", allowed_values: ["100", "200"], applies_to: ["ec2:instance"] }] })
      assert.deepStrictEqual(dropped.map(({ what }) => what), ["the rule encrypted-volumes", "the tag \"CostCenter\": the type \"AWS::Nothing::Here\""])
    }))

  it.effect("what is no rule is told with line and column", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(AwsConfig.import("[{\n  \"Source\": 1 }]", { source: "r.json" }))
      assert.match(message, /^r\.json:1:2: it is no rule/u)
      const bad = yield* Effect.flip(AwsConfig.import("{\"Source\": {\"SourceIdentifier\": \"REQUIRED_TAGS\"},\n\"InputParameters\": \"{\"}", { source: "r.json" }))
      assert.match(bad.message, /^r\.json:2:20: InputParameters is no JSON object/u)
    }))
})
