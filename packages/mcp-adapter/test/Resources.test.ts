import { policyHash } from "@cadastre/policy"
import { catalog } from "@cadastre/scanners"
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { call, connect, policy, regions } from "./Connection.ts"
import { connect as connectHttp, serve } from "./HttpConnection.ts"

const read = (client: Client, uri: string) =>
  Effect.map(Effect.promise(() => client.readResource({ uri })), ({ _meta, contents }) => {
    const [first] = contents
    assert.strictEqual(contents.length, 1)
    assert.strictEqual(first?.uri, uri)
    return { value: JSON.parse(first !== undefined && "text" in first ? first.text : "null"), meta: _meta }
  })

const refused = (client: Client, uri: string) =>
  Effect.promise(() => client.readResource({ uri }).then(() => undefined, (error: unknown) => error as { code: number; message: string }))

describe("resources", () => {
  it.live.each(["current", "previous"] as const)("of the %s revision: policy, catalogue, and what was seen", (revision) =>
    Effect.gen(function*() {
      const { client, rows, simulator } = yield* connect({ revision, source: "/somewhere/private/tagging_policy.json" })
      const { resources } = yield* Effect.promise(() => client.listResources())
      assert.sameMembers(resources.map(({ uri }) => uri), ["cadastre://policy", "cadastre://types", "cadastre://coverage/last"])
      const { resourceTemplates } = yield* Effect.promise(() => client.listResourceTemplates())
      assert.deepStrictEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), ["cadastre://scan/{id}{?cursor}"])

      const inForce = yield* read(client, "cadastre://policy")
      assert.deepStrictEqual(inForce.value, { source: "tagging_policy.json", policy_hash: policyHash(policy), policy })
      const types = yield* read(client, "cadastre://types")
      assert.sameMembers(types.value.types.map(({ type }: any) => type), catalog.map(({ type }) => type))
      const before = yield* read(client, "cadastre://coverage/last")
      assert.isFalse(before.value.scanned)
      assert.deepStrictEqual(simulator.calls(), [])

      simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny" } })
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic,sqs:queue" })
      const { coverage, scanned } = (yield* read(client, "cadastre://coverage/last")).value
      assert.isTrue(scanned)
      assert.isFalse(coverage.complete)
      assert.strictEqual(coverage.cells.scanned, 2 * regions.length - 1)
      assert.deepStrictEqual(coverage.unseen.map((cell: any) => [cell.region, cell.resource_type, cell.outcome]), [
        ["eu-west-1", "sqs:queue", "denied"]
      ])

      const row = rows.find(({ action }) => action === "resources/read")
      assert.deepStrictEqual([row?.parameters, row?.outcome], [{ uri: "cadastre://policy" }, "success"])
      assert.strictEqual(row?.correlationId, inForce.meta?.["cadastre/correlation-id"])
    }))

  it.live("a report scans too, and a scan that sees nothing is the last all the same", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      yield* call(client, "generate_compliance_report", { resource_types: "sns:topic", format: "csv" })
      const first = (yield* read(client, "cadastre://coverage/last")).value
      assert.deepStrictEqual([first.coverage.complete, first.coverage.cells.scanned], [true, regions.length])
      simulator.rule({ match: { service: "sns" }, fault: { type: "deny" } })
      yield* call(client, "check_tag_compliance", { resource_types: "sns:topic", force_refresh: true })
      const second = (yield* read(client, "cadastre://coverage/last")).value
      assert.deepStrictEqual([second.coverage.complete, second.coverage.cells.denied], [false, regions.length])
      assert.isAbove(Date.parse(second.scan_timestamp), Date.parse(first.scan_timestamp))
    }))

  it.live("what is not there is refused, and written down", () =>
    Effect.gen(function*() {
      const { client, rows } = yield* connect()
      const wrong = [
        "cadastre://policy?cursor=1",
        "cadastre://scan/0123456789abcdef0123456789abcdef",
        "cadastre://scan/x?other=1",
        "file:///etc/passwd",
        "cadastre://scan/..%2F..%2Fetc"
      ]
      for (const uri of wrong) {
        const error = yield* refused(client, uri)
        assert.strictEqual(error?.code, -32_602, uri)
      }
      assert.deepStrictEqual(rows.map(({ error, outcome }) => [outcome, error]), wrong.map(() => ["failure", "NotFound"]))
      assert.strictEqual((yield* refused(client, "x".repeat(2000)))?.code, -32_600)
      assert.strictEqual(rows.at(-1)?.error, "InputLimits")
    }))

  it.live("reads take of the session's calls, also when they find nothing", () =>
    Effect.gen(function*() {
      const { client, rows } = yield* connect({ bounds: { callsPerSession: 3 } })
      yield* read(client, "cadastre://policy")
      yield* refused(client, "cadastre://nothing")
      yield* call(client, "get_tagging_policy")
      const error = yield* refused(client, "cadastre://policy")
      assert.match(error?.message ?? "", /3 calls \(MAX_TOOL_CALLS_PER_SESSION\): refused/u)
      assert.isTrue((yield* call(client, "get_tagging_policy")).isError)
      assert.deepStrictEqual(rows.slice(3).map(({ error, outcome }) => [outcome, error]), [
        ["refused", "CallBudget"],
        ["refused", "CallBudget"]
      ])
    }))

  it.live.each(["stdio, previous", "stdio, current", "HTTP, previous", "HTTP, current"] as const)(
    "over %s: who listens to the coverage is told when it changes, and of nothing else",
    (which) =>
      Effect.gen(function*() {
        const revision = which.endsWith("current") ? "current" : "previous"
        const client = which.startsWith("stdio")
          ? (yield* connect({ revision })).client
          : (yield* connectHttp((yield* serve()).mcp, { revision })).client
        const told: Array<string> = []
        const first = new Promise<void>((resolve) =>
          client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
            told.push(params.uri)
            resolve()
          })
        )
        const uri = "cadastre://coverage/last"
        if (revision === "previous") yield* Effect.promise(() => client.subscribeResource({ uri }))
        else yield* Effect.promise(() => client.listen({ resourceSubscriptions: [uri] }))
        yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
        yield* Effect.promise(() => first)
        assert.deepStrictEqual(told, [uri])
        assert.isTrue((yield* read(client, uri)).value.scanned)
        if (revision === "previous") {
          yield* Effect.promise(() => client.unsubscribeResource({ uri }))
          yield* call(client, "check_tag_compliance", { resource_types: "sqs:queue", force_refresh: true })
          yield* Effect.promise(() => client.ping())
          assert.deepStrictEqual(told, [uri])
        }
      })
  )
})

describe("a scan as a resource", () => {
  it.live("has all that was found, page by page, for the session that asked and for no other", () =>
    Effect.gen(function*() {
      const { mcp, simulator } = yield* serve({
        simulator: { estate: { regions: ["us-east-1"], counts: { "sns:topic": 700 } } }
      })
      for (const { arn } of simulator.estate.resources()) simulator.estate.tag(arn, { Owner: "", Environment: "nonsense" })
      const { client } = yield* connectHttp(mcp)
      const other = yield* connectHttp(mcp)
      const changed = new Promise<void>((resolve) =>
        client.setNotificationHandler("notifications/resources/list_changed", () => resolve())
      )
      const answer = yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
      yield* Effect.promise(() => changed)
      assert.isTrue(answer.structured.violations_truncated)
      const listed = (yield* Effect.promise(() => client.listResources())).resources.filter(({ uri }) => uri.startsWith("cadastre://scan/"))
      assert.strictEqual(listed.length, 1)
      const found: Array<any> = []
      let uri: string | undefined = listed[0]!.uri
      let pages = 0
      while (uri !== undefined && pages < 50) {
        const { value }: { value: any } = yield* read(client, uri)
        assert.isAtMost(Buffer.byteLength(JSON.stringify(value)), 82_000)
        assert.strictEqual(value.status, "finished")
        found.push(...value.result.violations)
        uri = value.next
        pages++
      }
      assert.isAbove(pages, 1)
      const ids = found.map(({ resource_arn, tag_name }) => `${resource_arn} ${tag_name}`)
      assert.strictEqual(found.length, answer.structured.violations_total)
      assert.strictEqual(new Set(ids).size, ids.length)
      const error = yield* refused(other.client, listed[0]!.uri)
      assert.strictEqual(error?.code, -32_602)
      const { resources } = yield* Effect.promise(() => other.client.listResources())
      assert.isFalse(resources.some(({ uri }) => uri.startsWith("cadastre://scan/")))
    }))
})
