import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { EstateMemory } from "@cadastre/compliance"
import type { TagPolicy } from "@cadastre/policy"
import type { DatabaseUrl } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { isInstalled, type PostgresServer, postgresServer } from "@cadastre/test-servers/PostgresServer"
import { policy, scanCalls, start } from "./Bench.ts"
import * as Costs from "./Costs.ts"
import * as GroundTruth from "./GroundTruth.ts"

const regions = ["us-east-1", "eu-west-1"]
const types = ["sqs:queue", "sns:topic"]
const estate = { seed: 7, regions, resources: 0, counts: { "sqs:queue": 24, "sns:topic": 16 } }
const looser: TagPolicy = { required_tags: [{ name: "Owner" }] }
const asked = { policy, types }

const sqlite = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder): DatabaseUrl.DatabaseUrl => ({ _tag: "Sqlite", path: join(folder, "cadastre.db") })
)

const postgres = (url: string): DatabaseUrl.DatabaseUrl => ({ _tag: "Postgres", url: Redacted.make(url) })

/** What is logged as a warning or worse. */
const listen = () => {
  const said: Array<string> = []
  const layer = Logger.layer([Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Error") said.push(String(message))
  })])
  return { said, layer }
}

/** Compliance that remembers, on the test's clock. */
const remember = Effect.fnUntraced(function*(url: DatabaseUrl.DatabaseUrl) {
  yield* TestClock.setTime(Date.parse("2026-11-02T10:00:00Z"))
  const simulator = yield* Simulator.make({ estate })
  return yield* start({ simulated: simulator, memory: EstateMemory.layer(url) })
})

const backends = [
  { name: "SQLite", fresh: sqlite },
  ...isInstalled
    ? [{ name: "PostgreSQL", fresh: Effect.flatMap(postgresServer(), (server) => Effect.map(server.database, postgres)) }]
    : []
]

describe.each(backends)("what is remembered in $name", ({ fresh }) => {
  it.effect("a snapshot is what was seen; the trend, the drift and the difference follow the ground truth", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* remember(yield* fresh)
      const empty = yield* compliance.history({ ...asked, days: 7 })
      assert.isFalse(empty.hasHistory)
      assert.include(empty.note, "no snapshot")
      const none = yield* compliance.drift(asked)
      assert.isUndefined(none.baseline)
      assert.include(none.note, "no baseline")
      assert.strictEqual(scanCalls(simulator), 0)

      const truth = () => GroundTruth.figuresOf([...simulator.estate.resources()])
      const scores: Array<number> = []
      for (let day = 0; day < 3; day++) {
        const all = [...simulator.estate.resources({ type: "sqs:queue" })]
        simulator.estate.tag(all[day]!.arn, day === 0 ? {} : { Owner: "someone", Environment: "production" })
        const result = yield* compliance.check({ ...asked, storeSnapshot: true })
        assert.isTrue(result.storedInHistory)
        assert.strictEqual(result.complianceScore, truth().complianceScore)
        scores.push(truth().complianceScore)
        const { summary } = yield* compliance.whatIf({ policy: looser, over: result.snapshotId! })
        assert.strictEqual(summary.resourcesFound, 40)
        assert.strictEqual(
          summary.compliantResources,
          [...simulator.estate.resources()].filter(({ tags }) => /\S/u.test(tags.Owner ?? "")).length
        )
        yield* TestClock.adjust("1 day")
      }
      const history = yield* compliance.history({ ...asked, days: 30 })
      assert.deepStrictEqual(history.points.map(({ complianceScore, period }) => [period, complianceScore]), [
        ["2026-11-02", scores[0]],
        ["2026-11-03", scores[1]],
        ["2026-11-04", scores[2]]
      ])
      assert.strictEqual(history.direction, scores[2]! > scores[0]! ? "improving" : scores[2] === scores[0] ? "stable" : "declining")
      assert.isAbove(history.commonViolations[0]!.count, 0)
      assert.deepStrictEqual((yield* compliance.history({ ...asked, days: 2, groupBy: "week" })).points.map(({ period, snapshots }) =>
        [period, snapshots]), [["2026-W45", 2]])

      // What changes from here on is drift.
      const [gone, changed, stripped] = [...simulator.estate.resources({ type: "sns:topic" })]
      simulator.estate.delete(gone!.arn)
      simulator.estate.tag(changed!.arn, { ...changed!.tags, Owner: "another owner" })
      simulator.estate.tag(stripped!.arn, {})
      const drift = yield* compliance.drift({ ...asked, lookbackDays: 1 })
      assert.deepInclude(drift.baseline, { takenAt: "2026-11-04T10:00:00.000Z", isYounger: false, isWider: false, ageSeconds: 86_400 })
      assert.deepStrictEqual([drift.totals.added, drift.totals.removed, drift.totals.changed], [0, 1, 2])
      const byArn = new Map(drift.changes.map((change) => [change.arn, change]))
      assert.strictEqual(byArn.get(gone!.arn)?.change, "removed")
      assert.deepStrictEqual(byArn.get(stripped!.arn)?.tags.map(({ after, before, key }) => [key, before, after]),
        Object.entries(stripped!.tags).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, value, undefined]))
      assert.deepStrictEqual([drift.comparedCells, drift.uncomparedCells], [4, 0])
      assert.deepStrictEqual(
        (yield* compliance.drift({ ...asked, lookbackDays: 1, tagKeys: ["Owner"] })).changes.find(({ arn }) => arn === changed!.arn)?.tags,
        [{ key: "Owner", ...changed!.tags.Owner === undefined ? {} : { before: changed!.tags.Owner }, after: "another owner" }]
      )

      const [after, before] = [yield* compliance.findSnapshot("latest"), yield* compliance.findSnapshot("2026-11-02")]
      assert.strictEqual((yield* compliance.findSnapshot(before.id.slice(0, 8))).id, before.id)
      const diff = yield* compliance.diff({ before: before.id, after: after.id })
      assert.deepStrictEqual([diff.totals.added, diff.totals.removed, diff.totals.changed, diff.samePolicy], [0, 0, 2, true])
      const unknown = yield* Effect.flip(compliance.diff({ before: "00000000", after: after.id }))
      assert.deepInclude(unknown, { _tag: "SnapshotError", reason: "unknown" })
    }).pipe(Effect.scoped), 60_000)

  it.effect("a snapshot of one Region never enters the trend of all, nor one type's, nor another policy's", () =>
    Effect.gen(function*() {
      const { compliance } = yield* remember(yield* fresh)
      const scopes = [
        asked,
        { ...asked, regions: ["eu-west-1"] },
        { ...asked, types: ["sqs:queue"] },
        { ...asked, policy: looser },
        { ...asked, include: ["free" as const] }
      ]
      for (const scope of scopes) {
        const { storedInHistory } = yield* compliance.check({ ...scope, storeSnapshot: true })
        assert.isTrue(storedInHistory)
        yield* TestClock.adjust("1 hour")
      }
      for (const scope of scopes) {
        const history = yield* compliance.history(scope)
        assert.deepStrictEqual([history.points.length, history.points[0]?.snapshots], [1, 1])
        assert.lengthOf(history.otherHistories, scopes.length - 1)
      }
      // Said otherwise, it is the same scope.
      const same = yield* compliance.history({ ...asked, types: ["sns:topic", "sqs:queue"], regions: regions.toReversed() })
      assert.strictEqual(same.points[0]?.snapshots, 1)
      const [all, one] = yield* Effect.forEach([scopes[0]!, scopes[1]!], (scope) => compliance.history(scope))
      const refused = yield* Effect.flip(compliance.diff({ before: all!.points[0]!.snapshotId, after: one!.points[0]!.snapshotId }))
      assert.deepInclude(refused, { _tag: "SnapshotError", reason: "other-scope" })
      // More types than are asked about will do for a baseline, fewer Regions will not.
      const wider = yield* compliance.drift({ ...asked, types: ["sns:topic"] })
      assert.deepInclude(wider.baseline, { snapshotId: all!.points[0]!.snapshotId, isWider: true })
      assert.deepStrictEqual([wider.comparedCells, wider.uncomparedCells, wider.changes], [2, 0, []])
      assert.isUndefined((yield* compliance.drift({ ...asked, types: ["sns:topic"], regions: ["us-east-1"] })).baseline)
    }).pipe(Effect.scoped), 60_000)

  it.effect("what was not seen is neither removed nor drifted, and an incomplete snapshot is in no trend", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* remember(yield* fresh)
      yield* compliance.check({ ...asked, storeSnapshot: true })
      yield* TestClock.adjust("1 day")
      const lift = simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny" } })
      const partial = yield* compliance.check({ ...asked, storeSnapshot: true })
      assert.isTrue(partial.storedInHistory)
      const history = yield* compliance.history(asked)
      assert.deepStrictEqual([history.points.length, history.leftOut], [1, 1])
      const drift = yield* compliance.drift(asked)
      // The newest complete one, and not the newest.
      assert.deepInclude(drift.baseline, { takenAt: "2026-11-02T10:00:00.000Z", isYounger: true })
      assert.deepStrictEqual([drift.totals.added, drift.totals.removed, drift.totals.changed], [0, 0, 0])
      assert.strictEqual(drift.totals.notComparable, [...simulator.estate.resources({ type: "sqs:queue" })].filter(({ region }) => region === "eu-west-1").length)
      assert.deepStrictEqual([drift.comparedCells, drift.uncomparedCells], [3, 1])
      lift()
      const { items } = yield* Effect.map(compliance.inventory({ limit: 1000 }), ({ resources }) => ({ items: resources }))
      assert.sameMembers(items.map(({ resource }) => resource.arn), [...simulator.estate.resources()].map(({ arn }) => arn))
    }).pipe(Effect.scoped), 60_000)
})

describe("a check that is to be remembered", () => {
  it.effect("is stored once: a cached answer is used only where its scan is in the history", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* remember(yield* sqlite)
      const plain = yield* compliance.check(asked)
      assert.deepStrictEqual([plain.storedInHistory, plain.snapshotId], [false, undefined])
      const calls = scanCalls(simulator)
      yield* TestClock.adjust("1 minute")
      const stored = yield* compliance.check({ ...asked, storeSnapshot: true })
      assert.deepStrictEqual([stored.storedInHistory, stored.fromCache], [true, false])
      assert.strictEqual(scanCalls(simulator), 2 * calls)
      yield* TestClock.adjust("1 minute")
      const again = yield* compliance.check({ ...asked, storeSnapshot: true })
      assert.deepStrictEqual([again.storedInHistory, again.fromCache, again.ageSeconds, again.snapshotId], [true, true, 60, stored.snapshotId])
      const without = yield* compliance.check(asked)
      assert.deepStrictEqual([without.storedInHistory, without.fromCache, without.snapshotId], [false, true, undefined])
      assert.strictEqual(scanCalls(simulator), 2 * calls)
      assert.strictEqual((yield* compliance.history(asked)).points[0]?.snapshots, 1)
    }).pipe(Effect.scoped), 60_000)

  it.effect("keeps the inventory: what is gone is deleted, and by no scan of less, of some tags, or one that was denied", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* remember(yield* sqlite)
      const known = Effect.map(compliance.inventory({ limit: 1000 }), ({ resources }) => resources.map(({ resource }) => resource.arn).toSorted())
      const there = () => [...simulator.estate.resources()].map(({ arn }) => arn).toSorted()
      yield* compliance.check(asked)
      const all = there()
      assert.deepStrictEqual(yield* known, all)
      const queue = [...simulator.estate.resources({ type: "sqs:queue" })].find(({ region }) => region === "us-east-1")
      simulator.estate.delete(queue!.arn)
      yield* TestClock.adjust("1 day")
      yield* compliance.check({ ...asked, forceRefresh: true, regions: ["eu-west-1"] })
      yield* compliance.check({ ...asked, forceRefresh: true, types: ["sns:topic"] })
      yield* compliance.check({ ...asked, forceRefresh: true, tags: [{ key: "Owner", values: [] }] })
      const lift = simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      yield* compliance.check({ ...asked, forceRefresh: true })
      lift()
      assert.deepStrictEqual(yield* known, all)
      yield* compliance.check({ ...asked, forceRefresh: true })
      assert.deepStrictEqual(yield* known, there())
      assert.notInclude(there(), queue!.arn)
    }).pipe(Effect.scoped), 60_000)

  it.live("with costs it is stored as it was asked for, whatever else was scanned for them, and knows what it costs", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 3, regions: ["us-east-1"], resources: 0, counts: { "ec2:instance": 20, "ec2:volume": 20 } } })
      const { compliance } = yield* start({
        simulated: simulator,
        memory: EstateMemory.layer(yield* sqlite),
        costs: yield* Costs.bill(simulator.estate)
      })
      const volumes = { policy, types: ["ec2:volume"] }
      const result = yield* compliance.check({ ...volumes, storeSnapshot: true, costs: { period: Costs.period } })
      assert.strictEqual(result.costs?.status, "known")
      assert.isTrue(result.storedInHistory)
      const { otherHistories, points } = yield* compliance.history(volumes)
      assert.deepStrictEqual(otherHistories, [])
      assert.deepStrictEqual(
        points.map(({ compliantResources, costAttributionGap, totalResources }) => [totalResources, compliantResources, costAttributionGap]),
        [[result.totalResources, result.compliantResources, result.costAttributionGap]]
      )
      const all = [...simulator.estate.resources({ type: "ec2:volume" })]
      assert.strictEqual(result.totalResources, all.filter(GroundTruth.isScored).length)
      const { summary } = yield* compliance.whatIf({ policy: looser, over: result.snapshotId! })
      assert.strictEqual(summary.resourcesFound, all.length)
      assert.deepStrictEqual((yield* compliance.drift(volumes)).totals, { added: 0, removed: 0, changed: 0, notComparable: 0, byTag: {} })
    }).pipe(Effect.scoped), 60_000)

  it.effect("without a store it is what it is, and says once that it is not stored; questions of the past are refused", () =>
    Effect.gen(function*() {
      const { layer, said } = listen()
      yield* Effect.gen(function*() {
        const { compliance } = yield* start({ simulator: { estate } })
        const result = yield* compliance.check({ ...asked, storeSnapshot: true })
        assert.isFalse(result.storedInHistory)
        assert.isTrue(result.coverage.complete)
        const questions: ReadonlyArray<Effect.Effect<void, { readonly _tag: string; readonly message: string }>> = [
          Effect.asVoid(compliance.history(asked)),
          Effect.asVoid(compliance.drift(asked)),
          Effect.asVoid(compliance.findSnapshot("latest")),
          Effect.asVoid(compliance.inventory({}))
        ]
        for (const question of questions) {
          const { _tag, message } = yield* Effect.flip(question)
          assert.match(`${_tag}: ${message}`, /^NoMemoryError: There is no history: no store/u)
        }
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(said, ["The snapshot is not stored: no store is set up"])
    }).pipe(Effect.scoped), 60_000)

  it.effect("a store that is none costs one warning and nothing else", () =>
    Effect.gen(function*() {
      const { layer, said } = listen()
      yield* Effect.gen(function*() {
        const url: DatabaseUrl.DatabaseUrl = { _tag: "Sqlite", path: join(tmpdir(), "cadastre-no-such", "\0") }
        const { compliance } = yield* start({ simulator: { estate }, memory: EstateMemory.layer(url) })
        const result = yield* compliance.check({ ...asked, storeSnapshot: true })
        assert.isFalse(result.storedInHistory)
        assert.deepInclude(yield* Effect.flip(compliance.history(asked)), { _tag: "NoMemoryError", reason: "unavailable" })
      }).pipe(Effect.provide(layer))
      assert.lengthOf(said, 1)
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!isInstalled)("PostgreSQL that stops in mid-run: the scan ends well, with one warning, and nothing of it is stored", () =>
    Effect.gen(function*() {
      const server: PostgresServer = yield* postgresServer({ durable: true })
      const url = postgres(yield* server.database)
      const { layer, said } = listen()
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const { compliance } = yield* start({ simulated: simulator, memory: EstateMemory.layer(url) })
        let isGone = false
        const result = yield* compliance.check({ ...asked, storeSnapshot: true }, {
          onEvent: (event) => {
            if (event._tag !== "CellEnded" || isGone) return Effect.void
            isGone = true
            return server.kill
          }
        })
        assert.isFalse(result.storedInHistory)
        assert.isTrue(result.coverage.complete)
        assert.strictEqual(result.complianceScore, GroundTruth.figuresOf([...simulator.estate.resources()]).complianceScore)
      }).pipe(Effect.scoped, Effect.provide(layer))
      assert.lengthOf(said, 1, said.join('\n'))
      assert.notInclude(said[0], "planted-password")
      yield* server.start
      const { compliance } = yield* start({ simulated: simulator, memory: EstateMemory.layer(url) })
      assert.isFalse((yield* compliance.history(asked)).hasHistory)
      const { resources } = yield* compliance.inventory({ limit: 1000 })
      const there = new Set([...simulator.estate.resources()].map(({ arn }) => arn))
      assert.isTrue(resources.every(({ resource }) => there.has(resource.arn)))
      assert.isTrue((yield* compliance.check({ ...asked, storeSnapshot: true })).storedInHistory)
    }).pipe(Effect.scoped), 60_000)
})
