import { type Estate, hostileTags } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Costs from "./Costs.ts"
import { call, connect, expected, policy, regions } from "./Connection.ts"

type Resource = Estate.EstateResource

const types = ["sqs:queue", "sns:topic", "ec2:volume"]
const estate = { regions, resources: 0, counts: { "sqs:queue": 24, "sns:topic": 20, "ec2:volume": 30 } }

const isThere = ({ tags }: Resource, key: string) => (tags[key] ?? "").trim() !== ""
const missing = (resource: Resource) => ["Owner", "Environment", "CostCenter"].filter((key) => !isThere(resource, key))

/** Required tags that a resource lacks or has wrong, as a person reads the policy. */
const wrong = (resource: Resource) =>
  policy.required_tags.flatMap(({ allowed_values, name, validation_regex }) => {
    const value = resource.tags[name] ?? ""
    const fits = isThere(resource, name) && (!allowed_values || allowed_values.includes(value)) &&
      (!validation_regex || new RegExp(`^(?:${validation_regex})$`, "u").test(value))
    return fits ? [] : [name]
  })

const scored = (all: Iterable<Resource>) => [...all].filter(({ mark }) => mark === undefined)

/** Each tool that scans, with arguments that are answered. */
const scanning = (arn: string): ReadonlyArray<readonly [tool: string, args: Readonly<Record<string, unknown>>]> => [
  ["check_tag_compliance", { resource_types: types }],
  ["find_untagged_resources", { resource_types: types }],
  ["suggest_tags", { resource_arn: arn }],
  ["get_cost_attribution_gap", { resource_types: types }],
  ["generate_compliance_report", { resource_types: types, format: "markdown" }],
  ["export_violations_csv", { resource_types: types }]
]

describe("the tools that scan", () => {
  it.live("find_untagged_resources lists what lacks a required tag, and no other", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: { estate } })
      yield* Effect.promise(() => client.listTools())
      const resources = scored(simulator.estate.resources())
      const lacking = resources.filter((one) => missing(one).length > 0)
      const { structured, text } = yield* call(client, "find_untagged_resources", { resource_types: types })
      assert.isTrue(structured.coverage.complete)
      assert.strictEqual(structured.total_untagged, lacking.length)
      assert.strictEqual(structured.without_any_tag, resources.filter(({ tags }) => Object.keys(tags).length === 0).length)
      assert.strictEqual(structured.total_resources, resources.length)
      assert.deepStrictEqual(
        new Map(structured.resources.map((one: any) => [one.resource_arn, one.missing_required_tags])),
        new Map(structured.resources.map((one: any) => [one.resource_arn, missing(resources.find(({ arn }) => arn === one.resource_arn)!)]))
      )
      assert.sameMembers(structured.resources.map((one: any) => one.resource_arn), lacking.map(({ arn }) => arn))
      assert.isNull(structured.total_monthly_cost)
      assert.include(text, `${lacking.length} of ${resources.length} resources`)
      // What it costs is not known, and not 0.
      const priced = yield* call(client, "find_untagged_resources", { resource_types: types, include_costs: true })
      assert.isNull(priced.structured.total_monthly_cost)
      assert.match(priced.structured.notes[0], /cost is not known/u)
      assert.strictEqual(priced.structured.resources.length, lacking.length)
      assert.isTrue(priced.structured.resources.every((one: any) => one.cost_unknown === "no-cost" || one.cost_unknown === undefined))
      assert.isTrue(priced.structured.resources.every((one: any) => one.monthly_cost_estimate === undefined))
    }))

  it.live("validate_resource_tags never takes for compliant what it did not see", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ simulator: { estate } })
      yield* Effect.promise(() => client.listTools())
      const topics = scored(simulator.estate.resources({ type: "sns:topic" }))
      const errors = (one: Resource) => wrong(one).filter((tag) => tag !== "CostCenter")
      const good = topics.find((one) => errors(one).length === 0)!
      const bad = topics.find((one) => errors(one).length > 0)!
      const gone = "arn:aws:sns:eu-west-1:111122223333:there-is-none"
      const { structured, text } = yield* call(client, "validate_resource_tags", { resource_arns: [good.arn, bad.arn, gone, "s3"] })
      assert.deepStrictEqual(
        structured.results.map((one: any) => [one.resource_arn, one.outcome, one.is_compliant]),
        [[good.arn, "compliant", true], [bad.arn, "violating", false], [gone, "not-found", null], ["s3", "invalid-arn", null]]
      )
      assert.deepStrictEqual(
        [structured.compliant_resources, structured.non_compliant_resources, structured.undecided_resources],
        [1, 1, 2]
      )
      assert.include(text, "of 2 nobody can say")
      simulator.rule({ match: { service: "sns" }, fault: { type: "deny" } })
      const unseen = yield* call(client, "validate_resource_tags", { resource_arns: good.arn })
      assert.deepInclude(unseen.structured.results[0], { outcome: "unknown", is_compliant: null })
      assert.isFalse(unseen.structured.complete)
      assert.match(unseen.text, /^\*\*Incomplete/u)
    }))

  it.live("suggest_tags speaks of the tags that are wrong, and suggests only what is allowed", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      yield* Effect.promise(() => client.listTools())
      const lacking = scored(simulator.estate.resources({ type: "ec2:volume" })).filter((one) => wrong(one).length > 1).slice(0, 5)
      assert.isAbove(lacking.length, 2)
      let suggested = 0
      for (const one of lacking) {
        const { structured } = yield* call(client, "suggest_tags", { resource_arn: [one.arn] })
        assert.isTrue(structured.found)
        assert.deepStrictEqual(structured.suggestions.map(({ tag_key }: any) => tag_key), wrong(one))
        for (const { confidence, reasoning, suggested_value, tag_key } of structured.suggestions) {
          assert.isTrue(confidence >= 0 && confidence <= 1)
          assert.isNotEmpty(reasoning)
          if (suggested_value === null) continue
          suggested++
          if (tag_key === "Environment") assert.include(policy.required_tags[1]!.allowed_values!, suggested_value)
          if (tag_key === "CostCenter") assert.match(suggested_value, /^CC-[0-9]{4}$/u)
        }
      }
      assert.isAbove(suggested, 0)
      const none = yield* call(client, "suggest_tags", { resource_arn: "arn:aws:sns:eu-west-1:111122223333:there-is-none" })
      assert.isFalse(none.structured.found)
      assert.match(none.text, /was not found/u)
    }))

  it.live("get_cost_attribution_gap is the estate's bill", () =>
    Effect.gen(function*() {
      const costly = { ...estate, costs: { activatedTags: ["Owner", "Environment", "CostCenter"] } }
      const first = yield* connect({ simulator: { estate: costly } })
      const costs = yield* Costs.bill(first.simulator.estate)
      const { client, simulator } = yield* connect({ simulator: { estate: costly }, costs })
      yield* Effect.promise(() => client.listTools())
      const { amounts, total } = Costs.ledger(simulator.estate)
      const args = { time_period: Costs.period, group_by: "region" }
      const { structured, text } = yield* call(client, "get_cost_attribution_gap", args)
      assert.closeTo(structured.total_spend, total, 1e-6)
      const gap = [...amounts].reduce((sum, [arn, amount]) => {
        const resource = scored(simulator.estate.resources()).find((one) => one.arn === arn)
        return sum + (resource !== undefined && wrong(resource).some((tag) => tag !== "CostCenter") ? amount : 0)
      }, 0)
      assert.isAbove(gap, 0)
      assert.closeTo(structured.attribution_gap, gap, 1e-6)
      assert.closeTo(structured.breakdown.reduce((sum: number, one: any) => sum + one.attribution_gap, 0), gap, 1e-6)
      assert.strictEqual(structured.group_by, "region")
      assert.deepStrictEqual(structured.time_period, Costs.period)
      assert.match(text, /Attribution gap: [\d.]+ USD/u)
    }))

  it.live("generate_compliance_report pages through the whole report", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({ bounds: { callsPerSession: 1000 } })
      yield* Effect.promise(() => client.listTools())
      const { compliant, total } = expected(simulator)
      for (const format of ["json", "csv", "MARKDOWN", "html"]) {
        let { bytes, structured } = yield* call(client, "generate_compliance_report", { format })
        assert.isAbove(structured.recommendations.length, 0)
        let content = structured.content
        while (structured.next_cursor !== undefined) {
          assert.isBelow(bytes, 80_000)
          ;({ bytes, structured } = yield* call(client, "generate_compliance_report", { cursor: structured.next_cursor }))
          content += structured.content
        }
        assert.strictEqual(content.length, structured.content_characters)
        assert.strictEqual(structured.compliance_score, compliant / total)
        if (format === "json") assert.strictEqual(JSON.parse(content).summary.complianceScore, compliant / total)
        if (format === "csv") assert.strictEqual(content.trim().split("\n").length, structured.violation_count + 1)
        if (format === "MARKDOWN") assert.match(content, /## Recommendations/u)
        if (format !== "html") continue
        assert.match(content, /^<!doctype html>[\s\S]*<\/html>\s*$/iu)
        // Nothing of it is elsewhere.
        assert.notMatch(content, /<(?:script|link|img|iframe)[^>]+(?:src|href)=/iu)
      }
    }), 20_000)

  it.live("each says first what could not be seen, and gives no score to it", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { ...estate, costs: {} } },
        costs: Costs.explorer()
      })
      yield* Effect.promise(() => client.listTools())
      // All that is seen follows the policy.
      for (const { arn } of simulator.estate.resources()) {
        simulator.estate.tag(arn, { Owner: "me", Environment: "test", CostCenter: "CC-0001" })
      }
      simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny" } })
      const queue = [...simulator.estate.resources({ type: "sqs:queue" })].find(({ region }) => region === "eu-west-1")
      for (const [tool, args] of scanning(queue!.arn)) {
        const { isError, structured, text } = yield* call(client, tool, args)
        assert.isFalse(isError, `${tool}: ${text}`)
        assert.isFalse(structured.coverage.complete, tool)
        assert.isAbove(structured.coverage.cells.denied, 0)
        assert.match(text, /^\*\*Incomplete/u)
        assert.isBelow(text.indexOf("sqs:ListQueues"), text.indexOf("**", 12) + 400)
        if (tool === "check_tag_compliance") assert.notStrictEqual(structured.score_bounds?.lowest, 1)
        if (tool === "suggest_tags") {
          assert.isFalse(structured.found)
          assert.match(text, /was not seen/u)
        }
      }
    }), 20_000)

  it.live("each refuses what means nothing, and says what to write", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ bounds: { identicalCalls: 1000, callsPerSession: 1000 } })
      const cases: ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>, RegExp]> = [
        ["find_untagged_resources", { resource_types: "ec2:instnce" }, /"ec2:instnce" is unknown.*ec2:instance/u],
        ["find_untagged_resources", { regions: "mars-north-1" }, /mars-north-1.*Valid Regions: .*eu-west-1/u],
        ["find_untagged_resources", { min_cost_threshold: -1 }, /min_cost_threshold/u],
        ["find_untagged_resources", { cursor: "1" }, /no such scan/u],
        ["validate_resource_tags", { resource_arns: [] }, /1 to 100 ARNs/u],
        ["validate_resource_tags", { resource_arns: Array.from({ length: 101 }, () => "x") }, /at most 100/u],
        ["validate_resource_tags", {}, /resource_arns/u],
        ["suggest_tags", { resource_arn: "i-0123" }, /is no ARN.*arn:partition:service/u],
        ["suggest_tags", { resource_arn: "arn:aws:sns:eu-west-1:999988887777:x" }, /999988887777.*accounts: 111122223333/u],
        ["get_cost_attribution_gap", { group_by: "owner" }, /"owner" is unknown.*resource_type, region, account, service, tag/u],
        ["get_cost_attribution_gap", { time_period: { start: "2020-01-01", end: "2026-01-01" } }, /365 days/u],
        ["get_cost_attribution_gap", { time_period: { start: "yesterday" } }, /yesterday|day/u],
        ["get_cost_attribution_gap", { resource_types: "sqs:queue" }, /[Cc]ost unknown/u],
        ["generate_compliance_report", { format: "pdf" }, /"pdf" is unknown.*json, csv, markdown, html/u],
        ["get_violation_history", { days_back: 91 }, /days_back/u],
        ["get_violation_history", { group_by: "year" }, /"year" is unknown.*day, week, month/u],
        ["detect_tag_drift", { lookback_days: 0 }, /lookback_days/u],
        ["export_policy", {}, /target/u],
        ["export_policy", { target: "ansible" }, /"ansible" is unknown.*custodian, openops, config, rego, organizations/u],
        ["export_policy", { target: "rego", resource_types: "ec2:instnce" }, /"ec2:instnce" is unknown/u],
        ["export_policy", { target: "rego", cursor: "99999999" }, /not one of this file's/u],
        ["import_aws_tag_policy", { policy_id: "the best" }, /is no id of a policy.*p-a1b2c3d4/u],
        ["import_aws_tag_policy", { account_id: "me" }, /12 digits/u],
        ["search_inventory", { limit: 1001 }, /limit/u],
        ["search_inventory", { words: "x" }, /no parameter "words".*Valid parameters: query/u]
      ]
      for (const [tool, args, message] of cases) {
        const { isError, text } = yield* call(client, tool, args)
        assert.isTrue(isError, `${tool} ${JSON.stringify(args)}`)
        assert.match(text, message, `${tool} ${JSON.stringify(args)}`)
      }
    }), 20_000)

  it.live("each shows text from AWS harmless, and none shows a secret", () =>
    Effect.gen(function*() {
      const planted = ["AKIAIOSFODNN7EXAMPLE", "hunter2", "/root/.aws/credentials"]
      const message = `AKIAIOSFODNN7EXAMPLE has no postgres://cadastre:hunter2@db.internal/x, see /root/.aws/credentials`
      const { client, simulator } = yield* connect({
        simulator: { estate: { ...estate, costs: {} } },
        costs: Costs.explorer(),
        tellOf: (result) => ({
          ...result,
          coverage: {
            ...result.coverage,
            table: result.coverage.table.map((cell) =>
              cell.reason === undefined ? cell : { ...cell, reason: { ...cell.reason, message } })
          }
        })
      })
      yield* Effect.promise(() => client.listTools())
      let at = 0
      const plain = { Owner: "me", Team: "x" }
      for (const { arn } of simulator.estate.resources()) {
        const [key, value] = hostileTags[at++ % hostileTags.length]!
        simulator.estate.tag(arn, at % 3 === 0 ? plain : { Owner: value, Environment: value, [key]: value })
      }
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      simulator.rule({ match: { service: "sns", region: "eu-west-1" }, fault: { type: "deny" } })
      const arns = [...simulator.estate.resources()].slice(0, 30).map(({ arn }) => arn)
      const calls = [...scanning(arns[0]!), ["validate_resource_tags", { resource_arns: arns }] as const]
      for (const [tool, args] of calls) {
        const answer = yield* call(client, tool, args)
        const { content, ...rest } = answer.structured ?? {}
        const everything = `${answer.text}${JSON.stringify(rest)}`
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        assert.notMatch(everything.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u, tool)
        // Outside of code spans there is nothing that AWS said.
        const prose = answer.text.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu, "")
        for (const [, value] of hostileTags) assert.notInclude(prose, value, tool)
        if (tool === "check_tag_compliance") assert.include(everything, "db.internal")
        for (const secret of [accessKeyId, secretAccessKey, ...planted]) {
          assert.notInclude(`${everything}${content ?? ""}`, secret, tool)
        }
      }
    }), 20_000)
})
