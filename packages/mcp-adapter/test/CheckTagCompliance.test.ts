import { hostileTags } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { call, connect, expected, regions, scanCalls } from "./Connection.ts"

const tool = "check_tag_compliance"

/** What comes before the texts of the estate. */
const ownWords = (text: string): string => text.split("Worst first:")[0]!

describe("check_tag_compliance", () => {
  it.live("answers what the estate and the policy say, from the cache the second time", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      const { compliant, total } = expected(simulator)
      const first = yield* call(client, tool)
      assert.isFalse(first.isError)
      assert.strictEqual(first.structured.total_resources, total)
      assert.strictEqual(first.structured.compliant_resources, compliant)
      assert.strictEqual(first.structured.compliance_score, compliant / total)
      assert.deepStrictEqual(first.structured.score_bounds, { lowest: compliant / total, highest: compliant / total })
      assert.isTrue(first.structured.coverage.complete)
      assert.deepStrictEqual(first.structured.coverage.unseen, [])
      assert.deepStrictEqual(first.structured.region_metadata.successful_regions, regions.toSorted())
      const byRegion = Object.keys(first.structured.regional_breakdown)
      assert.sameMembers(byRegion, [...regions, "global"])
      assert.deepStrictEqual(first.structured.account_ids, ["111122223333"])
      assert.isNull(first.structured.cost_attribution_gap)
      assert.isFalse(first.structured.from_cache)
      assert.match(first.text, /^Everything in scope was seen/u)
      assert.match(ownWords(first.text), /^[ -\u00ff\n]+$/u)
      const calls = scanCalls(simulator)
      assert.isAbove(calls, 0)

      const second = yield* call(client, tool, { resource_types: "ALL", severity: "all" })
      assert.isTrue(second.structured.from_cache)
      assert.strictEqual(scanCalls(simulator), calls)
      assert.strictEqual(second.structured.compliance_score, compliant / total)

      const third = yield* call(client, tool, { force_refresh: "true", store_snapshot: true })
      assert.isFalse(third.structured.from_cache)
      assert.isAtLeast(scanCalls(simulator), calls * 2)
      assert.isFalse(third.structured.stored_in_history)
      assert.match(third.structured.notes[0], /no store is set up.*DATABASE_URL/u)
    }))

  it.live("says first what could not be seen, and scans again", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      const { compliant, total } = expected(simulator, types.filter((type) => type !== "sqs:queue"))
      const first = yield* call(client, tool)
      assert.isFalse(first.isError)
      assert.match(first.text, /^\*\*Incomplete: 3 of \d+ cells/u)
      assert.match(ownWords(first.text), /^[ -\u00ff\n]+$/u)
      assert.isBelow(first.text.indexOf("sqs:ListQueues"), first.text.indexOf("Compliance score"))
      assert.include(first.text, "Allow sqs:ListQueues")
      assert.isFalse(first.structured.coverage.complete)
      assert.strictEqual(first.structured.coverage.cells.denied, 3)
      assert.deepStrictEqual(
        first.structured.coverage.unseen.map((cell: any) =>
          [cell.resource_type, cell.region, cell.outcome, cell.reason.error]),
        regions.toSorted().map((region) => ["sqs:queue", region, "denied", "AccessDenied"])
      )
      assert.strictEqual(first.structured.total_resources, total)
      assert.strictEqual(first.structured.compliant_resources, compliant)
      assert.isUndefined(first.structured.score_bounds)
      const calls = scanCalls(simulator)
      const second = yield* call(client, tool)
      assert.isFalse(second.structured.from_cache)
      assert.isAbove(scanCalls(simulator), calls)
    }))

  it.live("has no score when nothing could be seen", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      simulator.rule({ match: { service: "sns" }, fault: { type: "deny", by: "scp" } })
      const answer = yield* call(client, tool, { resource_types: ["sns:topic"] })
      assert.isTrue(answer.isError)
      assert.notProperty(answer.structured, "compliance_score")
      assert.strictEqual(answer.structured.coverage.cells.denied, 3)
      assert.match(answer.text, /^\*\*Incomplete: 3 of 3 cells/u)
      assert.include(answer.text, "service control policy")
      assert.include(answer.text, "No score")
      assert.notMatch(answer.text, /Compliance score|0 violations/u)
      // What has no Region was seen, and makes no score of the estate.
      const withRoles = yield* call(client, tool, { resource_types: ["sns:topic", "iam:role"] })
      assert.isTrue(withRoles.isError)
      assert.notProperty(withRoles.structured, "compliance_score")
      assert.strictEqual(withRoles.structured.coverage.cells.scanned, 1)
      assert.notMatch(withRoles.text, /Compliance score/u)
    }))

  it.live("reads arguments as agents write them", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      const { compliant, total } = expected(simulator, ["rds:db"])
      const databases = [...simulator.estate.resources({ type: "rds:db" })]
      const inEurope = databases.filter(({ region }) => region.startsWith("eu-"))
      const spellings: ReadonlyArray<Readonly<Record<string, unknown>>> = [
        { resource_types: "RDS:DB" },
        { resource_types: ["rds:instance"] },
        { resource_types: "[\"rds:db\"]", severity: ["ALL"] },
        { resourceTypes: ["rds:*"], filters: "{\"account_id\": 111122223333, \"tags\": {}}" }
      ]
      for (const args of spellings) {
        const { isError, structured, text } = yield* call(client, tool, args)
        assert.isFalse(isError, text)
        assert.deepStrictEqual([structured.total_resources, structured.compliant_resources], [total, compliant])
      }
      for (const filters of [{ region: "EU-WEST-1,eu-central-1" }, { regions: ["eu-*"] }]) {
        const { structured } = yield* call(client, tool, { resource_types: "rds:db", filters })
        assert.strictEqual(structured.resources_found, inEurope.length)
        assert.deepStrictEqual(structured.region_metadata.skipped_regions, ["us-east-1"])
      }
    }))

  it.live.each([
    ["a type that is none", { resource_types: ["ec2:instnce"] }, /"ec2:instnce" is unknown.*: all, .*ec2:instance/u],
    ["a Region that is none", { filters: { region: "mars-north-1" } }, /mars-north-1.*Valid Regions: .*eu-west-1/u],
    ["a severity that is none", { severity: "fatal" }, /"fatal" is unknown.*: all, errors_only, warnings_only/u],
    ["a parameter that is none", { types: ["s3:bucket"] }, /no parameter "types".*Valid parameters: resource_types, /u],
    ["another account", { filters: { account_ids: ["999988887777"] } }, /"999988887777".*accounts: 111122223333/u],
    ["tags that are none", { filters: { tags: { Owner: { is: "me" } } } }, /filters.tags.Owner/u]
  ] as const)("refuses %s and says what to ask instead", ([, args, message]) =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      const answer = yield* call(client, tool, args)
      assert.isTrue(answer.isError)
      assert.match(answer.text, message)
      assert.strictEqual(scanCalls(simulator), 0)
    }))

  it.live("a filter by tags is a scope of its own, and one that nothing fits is no 100 %", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      const all = [...simulator.estate.resources({ type: "sns:topic" })]
      const inProduction = all.filter(({ tags }) => tags.Environment === "production")
      assert.isAbove(inProduction.length, 0)
      const resource_types = "sns:topic"
      for (const Environment of ["production", ["production"], "[\"production\"]"]) {
        const { structured } = yield* call(client, tool, { resource_types, filters: { tags: { Environment } } })
        assert.strictEqual(structured.resources_found, inProduction.length)
      }
      // A comma is part of a value, and * is any.
      const either = yield* call(client, tool, { resource_types, filters: { tags: { Environment: "production,staging" } } })
      assert.strictEqual(either.structured.resources_found, 0)
      assert.match(either.text, /0 resources in scope/u)
      assert.notMatch(either.text, /100\.0 %/u)
      const any = yield* call(client, tool, { resource_types, filters: { tags: { Environment: "*" } } })
      assert.strictEqual(any.structured.resources_found, all.filter(({ tags }) => Object.hasOwn(tags, "Environment")).length)
    }))

  it.live("where nothing that was seen is to be scored there is no score in words", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ policy: { version: "1.0", required_tags: [{ name: "Owner", applies_to: ["s3:bucket"] }] } })
      const { structured, text } = yield* call(client, tool, { resource_types: "sns:topic" })
      assert.isAbove(structured.resources_found, 0)
      assert.deepInclude(structured, { total_resources: 0, compliance_score: 1 })
      const report = yield* call(client, "generate_compliance_report", { resource_types: "sns:topic" })
      for (const said of [text, report.text]) {
        assert.include(said, "**No score: ")
        assert.notMatch(said, /\d %/u)
      }
    }))

  it.live("lists by severity without changing a count", () =>
    Effect.gen(function*() {
      const { client } = yield* connect()
      const all = (yield* call(client, tool)).structured
      for (const [severity, only] of [["errors_only", "error"], ["Warnings-Only", "warning"]] as const) {
        const { structured } = yield* call(client, tool, { severity })
        assert.isAbove(structured.violations.length, 0)
        assert.isTrue(structured.violations.every((violation: any) => violation.severity === only))
        for (const figure of ["compliance_score", "total_resources", "violation_count"]) {
          assert.strictEqual(structured[figure], all[figure])
        }
      }
    }))

  it.live("fits the budget: all counts, the worst violations first", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { resources: 3000, tags: { partial: 1, hostile: 0.5 } } }
      })
      simulator.rule({ match: { service: "lambda" }, fault: { type: "deny" } })
      simulator.rule({ match: { service: "rds" }, fault: { type: "deny" } })
      const { bytes, structured, text } = yield* call(client, tool)
      assert.isBelow(bytes, 80_000)
      assert.isAbove(bytes, 60_000)
      assert.isTrue(structured.violations_truncated)
      assert.isAbove(structured.violations_total, structured.violations.length)
      assert.strictEqual(structured.violations_total, structured.violation_count)
      assert.isTrue(structured.violations.every((violation: any) => violation.severity === "error"))
      assert.strictEqual(
        structured.coverage.unseen_total,
        structured.coverage.cells.denied + structured.coverage.cells.failed + structured.coverage.cells.throttled
      )
      assert.isBelow(text.length, 8100)
    }))

  it.live("shows hostile text harmless", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { regions, counts: { "ec2:instance": 12, "sns:topic": 12 } } }
      })
      let at = 0
      for (const { arn } of simulator.estate.resources()) {
        const [key, value] = hostileTags[at++ % hostileTags.length]!
        simulator.estate.tag(arn, { Owner: value, Environment: value, [key]: value })
      }
      const answer = yield* call(client, tool)
      const everything = `${answer.text}${JSON.stringify(answer.structured)}`
      // oxlint-disable-next-line no-control-regex -- that is what must not be there
      assert.notMatch(everything.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u)
      assert.include(everything, "\\u{202e}")
      assert.include(JSON.stringify(answer.structured), "u{1b}[31mred")
      // Outside of code spans there is nothing that AWS said.
      const prose = answer.text.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu, "")
      for (const [, value] of hostileTags) assert.notInclude(prose, value)
      const owners = answer.structured.breakdown.by_owner.items.map(({ name }: any) => name)
      assert.include(owners, "polluted")
    }))

  it.live("tells its progress to whom asks", () =>
    Effect.gen(function*() {
      const { client } = yield* connect()
      const seen: Array<readonly [progress: number, total: number | undefined]> = []
      yield* call(client, tool, {}, { onprogress: ({ progress, total }) => seen.push([progress, total]) })
      assert.isAbove(seen.length, 10)
      assert.isTrue(seen.every(([progress], at) => progress > (seen[at - 1]?.[0] ?? -1)))
      assert.isTrue(seen.every(([, total]) => total === seen[0]![1]))
      assert.strictEqual(seen.at(-1)![0], seen.at(-1)![1])
    }))

  it.live("stops its AWS calls when the client cancels", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect({
        simulator: { estate: { regions, resources: 250 }, pageSize: 1, latency: 5 }
      })
      const hanging = simulator.rule({ match: { service: "rds" }, fault: { type: "hang" } })
      const cancel = new AbortController()
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        Effect.promise(() =>
          client.callTool({ name: tool, arguments: {} }, {
            signal: cancel.signal,
            onprogress: () => Effect.runSync(Deferred.succeed(begun, undefined))
          }).then(() => "answered", () => "cancelled")
        )
      )
      yield* Deferred.await(begun)
      cancel.abort()
      assert.strictEqual(yield* Fiber.join(fiber), "cancelled")
      // Requests that were on their way when they were cancelled have arrived by the end of this.
      yield* call(client, tool, { resource_types: "sqs:queue" })
      const ec2Calls = () =>
        simulator.calls().filter(({ service }) => service === "ec2").reduce((sum, { calls }) => sum + calls, 0)
      const before = ec2Calls()
      // As long as it takes, the cancelled scan had the time to go on.
      yield* call(client, tool, { resource_types: "sns:topic" })
      assert.strictEqual(ec2Calls(), before)
      // The same request is not joined to the cancelled scan, which would wait for RDS.
      hanging()
      const answer = yield* call(client, tool)
      assert.isTrue(answer.structured.coverage.complete)
    }))

  it.live("says what, why and what to do when AWS refuses the credentials, and nothing that must stay here", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      simulator.rule({ fault: { type: "expired" } })
      const answer = yield* call(client, tool)
      assert.isTrue(answer.isError)
      assert.match(answer.text, /sts:GetCallerIdentity in us-east-1 failed \(ExpiredToken\)/u)
      assert.match(answer.text, /Log in again/u)
      assert.notInclude(answer.text, simulator.credentials().accessKeyId)
      assert.notMatch(answer.text, /\n\s+at /u)
    }))
})

const types = [
  "autoscaling:group",
  "dynamodb:table",
  "ec2:elastic-ip",
  "ec2:instance",
  "ec2:natgateway",
  "ec2:security-group",
  "ec2:snapshot",
  "ec2:volume",
  "ecs:cluster",
  "iam:role",
  "lambda:function",
  "rds:db",
  "route53:hosted-zone",
  "s3:bucket",
  "sns:topic"
]
