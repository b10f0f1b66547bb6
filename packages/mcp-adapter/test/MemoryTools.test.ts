import { EstateMemory } from "@cadastre/compliance"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { call, connect, expected, regions, scanCalls } from "./Connection.ts"
import { temporaryDirectory } from "./HttpConnection.ts"

const types = ["sqs:queue", "sns:topic"]
const estate = { regions, resources: 0, counts: { "sqs:queue": 24, "sns:topic": 16 } }

const remembering = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const memory = EstateMemory.layer({ _tag: "Sqlite", path: join(directory, "cadastre.db") })
  const connected = yield* connect({ simulator: { estate }, memory })
  yield* Effect.promise(() => connected.client.listTools())
  return connected
})

describe("what is remembered", () => {
  it.live("history, drift and inventory are what was stored and what the estate became", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* remembering
      // Nothing yet, and each says so.
      const none = yield* call(client, "get_violation_history", { resource_types: types })
      assert.isFalse(none.isError)
      assert.isFalse(none.structured.has_history)
      assert.match(none.text, /^\*\*There is no history/u)
      const noBaseline = yield* call(client, "detect_tag_drift", { resource_types: types })
      assert.isFalse(noBaseline.structured.has_baseline)
      assert.match(noBaseline.text, /^\*\*There is no baseline/u)
      assert.match(noBaseline.text, /saw everything: one that did not is none/u)
      const nothing = yield* call(client, "search_inventory", {})
      assert.isTrue(nothing.structured.is_empty)
      assert.match(nothing.text, /means nothing/u)
      assert.strictEqual(scanCalls(simulator), 0)

      const { compliant, total } = expected(simulator, types)
      const stored = yield* call(client, "check_tag_compliance", { resource_types: types, store_snapshot: true })
      assert.isTrue(stored.structured.stored_in_history)
      const calls = scanCalls(simulator)
      const { structured: history, text } = yield* call(client, "get_violation_history", {
        resource_types: types,
        days_back: "7",
        group_by: "Day"
      })
      assert.isTrue(history.has_history)
      assert.deepStrictEqual(history.history.map((one: any) => [one.compliance_score, one.total_resources]), [[compliant / total, total]])
      assert.strictEqual(history.trend_direction, "unknown")
      assert.isAbove(history.common_violations.length, 0)
      assert.match(text, /Trend over 7 days/u)

      const [gone, changed] = [...simulator.estate.resources({ type: "sns:topic" })]
      // The estate has been scanned, and not for this.
      const unseen = yield* call(client, "search_inventory", { resource_types: "AWS::IAM::User" })
      assert.deepInclude(unseen.structured, { count: 0, is_empty: false })
      assert.match(unseen.text, /does not say that there are none/u)
      const [found] = yield* call(client, "search_inventory", { query: changed!.arn.toUpperCase() }).pipe(
        Effect.map(({ structured }) => structured.resources)
      )
      assert.strictEqual(found.resource_arn, changed!.arn)
      assert.deepStrictEqual(found.current_tags, changed!.tags)
      const arns = new Set<string>()
      let cursor: string | undefined
      do {
        const { structured } = yield* call(client, "search_inventory", { limit: 10, ...(cursor === undefined ? {} : { cursor }) })
        for (const { resource_arn } of structured.resources) arns.add(resource_arn)
        cursor = structured.next_cursor
      } while (cursor !== undefined)
      assert.sameMembers([...arns], [...simulator.estate.resources()].map(({ arn }) => arn))
      const inEurope = yield* call(client, "search_inventory", {
        resource_types: "SQS",
        filters: { region: "eu-west-1", tags: { Owner: "*" } }
      })
      assert.sameMembers(
        inEurope.structured.resources.map((one: any) => one.resource_arn),
        [...simulator.estate.resources({ type: "sqs:queue" })]
          .filter(({ region, tags }) => region === "eu-west-1" && Object.hasOwn(tags, "Owner")).map(({ arn }) => arn)
      )
      assert.strictEqual(scanCalls(simulator), calls)

      simulator.estate.delete(gone!.arn)
      simulator.estate.tag(changed!.arn, { Owner: "another owner" })
      const drift = yield* call(client, "detect_tag_drift", { resource_types: types, lookback_days: 1, tag_keys: "Owner" })
      assert.isFalse(drift.isError, drift.text)
      assert.isTrue(drift.structured.has_baseline)
      assert.isTrue(drift.structured.baseline.is_younger)
      assert.deepStrictEqual([drift.structured.removed_resources, drift.structured.changed_resources], [1, 1])
      const one = drift.structured.drift_detected.find((one: any) => one.resource_arn === changed!.arn)
      assert.deepStrictEqual(one.tag_changes, [{
        tag_name: "Owner",
        ...(changed!.tags.Owner === undefined ? {} : { before: changed!.tags.Owner }),
        after: "another owner"
      }])
      // What cannot be seen has not drifted.
      simulator.rule({ match: { service: "sns" }, fault: { type: "deny" } })
      const half = yield* call(client, "detect_tag_drift", { resource_types: types, lookback_days: 1 })
      assert.match(half.text, /^\*\*Incomplete/u)
      assert.deepStrictEqual([half.structured.removed_resources, half.structured.changed_resources], [0, 0])
      assert.strictEqual(half.structured.uncompared_cells, 3)
    }), 20_000)

  it.live("without a store each says how to have one", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ simulator: { estate } })
      for (const tool of ["get_violation_history", "detect_tag_drift", "search_inventory"]) {
        const { isError, text } = yield* call(client, tool)
        assert.isTrue(isError)
        assert.match(text, /remembers nothing.*DATABASE_URL/u)
      }
    }))

  it.live("the inventory takes whole names and says so", () =>
    Effect.gen(function*() {
      const { client } = yield* remembering
      const wild = yield* call(client, "search_inventory", { filters: { regions: "eu-*" } })
      assert.match(wild.text, /by their whole names, not by wildcards/u)
      const several = yield* call(client, "search_inventory", { filters: { tags: { Owner: ["a", "b"] } } })
      assert.match(several.text, /several values for one key/u)
      const type = yield* call(client, "search_inventory", { resource_types: "sqs:queu" })
      assert.match(type.text, /"sqs:queu" is unknown.*sqs:queue/u)
    }))
})
