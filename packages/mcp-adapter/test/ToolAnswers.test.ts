/** What answers say beside their figures: what is asked for and what is shown, what to do next, what it cost. */
import { assert, describe, it } from "@effect/vitest"
import { EstateMemory } from "@cadastre/compliance"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { call, connect, expected, policy, regions } from "./Connection.ts"
import * as Costs from "./Costs.ts"
import { temporaryDirectory } from "./HttpConnection.ts"

const counts = { "sqs:queue": 40, "sns:topic": 20, "ec2:volume": 200 }
const estate = { regions, resources: 0, counts, costs: { activatedTags: ["Owner"] } }

/** What is remembered, in a file of its own. */
const memory = Effect.map(temporaryDirectory, (path) => EstateMemory.layer({ _tag: "Sqlite", path: join(path, "cadastre.db") }))

describe("answers", () => {
  it.live("say how many violations there are and how many are of the severity asked for", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ simulator: { estate } })
      const all = yield* call(client, "check_tag_compliance", {})
      const errors = yield* call(client, "check_tag_compliance", { severity: "errors" })
      const { violation_count, violations_total } = errors.structured
      assert.strictEqual(violation_count, all.structured.violations_total)
      assert.isBelow(violations_total, violation_count)
      assert.include(errors.text, `${violation_count} violations, ${violations_total} of them of the severity asked for;`)
      assert.include(all.text, `${violation_count} violations;`)
    }))

  it.live("lead on in words too: the cursor that the text names is the next page", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ simulator: { estate: { ...estate, counts: { "ec2:volume": 500 } } }, memory: yield* memory })
      for (const [tool, args] of [["check_tag_compliance", {}], ["search_inventory", { limit: 5 }]] as const) {
        const { structured, text } = yield* call(client, tool, args)
        const cursor = /`cursor` `([^`]+)`/u.exec(text)?.[1]
        assert.strictEqual(cursor, structured.next_cursor, tool)
        const next = yield* call(client, tool, { ...args, cursor })
        assert.isFalse(next.isError, next.text)
        assert.notDeepEqual(next.structured, structured)
      }
      const wrong = yield* call(client, "search_inventory", { cursor: "zzz" })
      assert.isTrue(wrong.isError)
      assert.match(wrong.text, /^The inventory could not be searched: the cursor .* Search without it/u)
      assert.notMatch(wrong.text, /database|\[path\]/u)
    }), 20_000)

  it.live("say what what breaks the policy costs, in which money, and over which days", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: { estate }, costs: Costs.explorer() })
      const without = yield* call(client, "check_tag_compliance", {})
      assert.isUndefined(without.structured.costs)
      const { structured, text } = yield* call(client, "check_tag_compliance", { include_costs: true })
      const { compliant, total } = expected(simulator)
      assert.strictEqual(structured.compliance_score, compliant / total)
      assert.strictEqual(structured.costs.currency, "USD")
      assert.deepStrictEqual(structured.costs.time_period, Costs.period)
      assert.closeTo(structured.costs.known, structured.cost_attribution_gap, 1e-3)
      assert.include(text, `cost ${structured.costs.known.toFixed(2)} USD from ${Costs.period.start} to ${Costs.period.end}`)
      const gap = yield* call(client, "get_cost_attribution_gap", {
        time_period: { start: `${Costs.period.start}T00:00:00Z`, end: `${Costs.period.end}T00:00:00.000Z` }
      })
      assert.deepStrictEqual(gap.structured.time_period, Costs.period)
      // The rest of that gap is of tags that are right and that the bill does not show.
      const { no_tag, wrong_value } = gap.structured.gap_by_kind
      assert.closeTo(no_tag + wrong_value, structured.cost_attribution_gap, 1e-3)
      assert.isAbove(gap.structured.attribution_gap, no_tag + wrong_value)
    }))

  it.live("where nothing could be seen, say of what, why, and what to do; there is no score", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: { estate }, costs: Costs.explorer(), memory: yield* memory })
      yield* call(client, "check_tag_compliance", { store_snapshot: true, resource_types: "sqs:queue" })
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      const queue = [...simulator.estate.resources({ type: "sqs:queue" })][0]!
      const scope = { resource_types: "sqs:queue" }
      for (
        const [tool, args] of [
          ["check_tag_compliance", { ...scope, force_refresh: true }],
          ["find_untagged_resources", { ...scope, force_refresh: true }],
          ["get_cost_attribution_gap", { ...scope, force_refresh: true }],
          ["generate_compliance_report", { ...scope, force_refresh: true }],
          ["detect_tag_drift", scope]
        ] as const
      ) {
        const { isError, structured, text } = yield* call(client, tool, args)
        assert.isTrue(isError, tool)
        assert.isUndefined(structured?.compliance_score, tool)
        assert.match(text, /\*\*Incomplete: 3 of 3 cells/u, tool)
        assert.match(text, /\*\*denied\*\*, 3 cells: sqs:queue in eu-central-1, eu-west-1, us-east-1: sqs:ListQueues/u, tool)
        assert.match(text, /Allow sqs:ListQueues for the principal in use/u, tool)
      }
      const one = yield* call(client, "validate_resource_tags", { resource_arns: queue.arn })
      assert.deepInclude(one.structured.results[0], { outcome: "unknown", is_compliant: null })
    }))

  it.live("an export for some types has no others", () =>
    Effect.gen(function*() {
      const optional = { ...policy, optional_tags: [{ name: "Project", allowed_values: ["x"] }], prohibited_tags: ["Temp"] }
      const { client } = yield* connect({ policy: optional })
      const { structured } = yield* call(client, "export_policy", { target: "custodian", resource_types: "ec2:instance" })
      assert.deepStrictEqual(structured.content.match(/resource: aws\.\S+/gu), ["resource: aws.ec2"])
      assert.include(structured.content, "tag:Project")
      assert.include(structured.content, "tag:Temp")
      const rego = yield* call(client, "export_policy", { target: "rego", resource_types: "ec2:instance" })
      assert.isTrue(rego.structured.left_out.some(({ why }: any) => /asks of every type/u.test(why)))
    }))
})
