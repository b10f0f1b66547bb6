import { policyHash } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { call, connect, policy, scanCalls } from "./Connection.ts"

describe("the protocol", () => {
  it.live.each([["current", "2026-07-28"], ["previous", "2025-11-25"]] as const)(
    "the %s revision is negotiated and serves",
    ([revision, version]) =>
      Effect.gen(function*() {
        const { client } = yield* connect({ revision })
        assert.strictEqual(client.getNegotiatedProtocolVersion(), version)
        const { structured } = yield* call(client, "get_tagging_policy")
        assert.strictEqual(structured.policy_hash, policyHash(policy))
        const check = yield* call(client, "check_tag_compliance", { resource_types: "s3:bucket" })
        assert.isTrue(check.structured.coverage.complete)
      })
  )

  it.live("every tool says what goes in, what comes out, and that it changes nothing", () =>
    Effect.gen(function*() {
      const { client } = yield* connect()
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(tools.map(({ name }) => name), [
        "check_tag_compliance",
        "detect_tag_drift",
        "export_policy",
        "find_untagged_resources",
        "generate_compliance_report",
        "get_cost_attribution_gap",
        "get_tagging_policy",
        "get_violation_history",
        "import_aws_tag_policy",
        "scan",
        "search_inventory",
        "suggest_tags",
        "validate_resource_tags"
      ])
      for (const { annotations, description, inputSchema, outputSchema } of tools) {
        assert.strictEqual(annotations?.readOnlyHint, true)
        assert.strictEqual(annotations?.idempotentHint, true)
        assert.isBoolean(annotations?.openWorldHint)
        assert.isAbove((description ?? "").length, 40)
        assert.strictEqual(inputSchema.type, "object")
        assert.strictEqual(outputSchema?.type, "object")
        assert.isAbove(Object.keys(outputSchema?.properties ?? {}).length, 2)
      }
    }))
})

describe("get_tagging_policy", () => {
  it.live("shows the policy, its hash and the name of its file, and asks AWS nothing", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ source: "/somewhere/private/tagging_policy.json" })
      const { structured, text } = yield* call(client, "get_tagging_policy")
      assert.deepStrictEqual(structured.policy, policy)
      assert.strictEqual(structured.source, "tagging_policy.json")
      const none = { optional_tags: 0, prohibited_tags: 0, exclusions: 0 }
      assert.deepStrictEqual(structured.counts, { required_tags: 3, ...none })
      assert.isFalse(structured.policy_truncated)
      assert.notInclude(`${text}${JSON.stringify(structured)}`, "private")
      assert.strictEqual(scanCalls(simulator), 0)
    }))

  it.live("a policy that is too large is cut, and says so", () =>
    Effect.gen(function*() {
      const allowed_values = Array.from({ length: 500 }, (_, at) => `value-${at}`)
      const required_tags = Array.from({ length: 200 }, (_, at) => ({ name: `Tag${at}`, allowed_values }))
      const { client } = yield* connect({ policy: { required_tags } })
      const { bytes, structured } = yield* call(client, "get_tagging_policy")
      assert.isBelow(bytes, 80_000)
      assert.isTrue(structured.policy_truncated)
      assert.strictEqual(structured.counts.required_tags, 200)
      assert.isAbove(structured.policy.required_tags.length, 10)
    }))
})
