import {
  Aggregate,
  byArn,
  coverageOf,
  type ResourceState,
  type SnapshotDiff,
  type SnapshotKey,
  stateOf,
  subjectOf,
  summaryOf
} from "@cadastre/aggregation"
import { type Cell, cellKey, type Outcome, type Resource, type ScanScope } from "@cadastre/model"
import { compile, type TagPolicy } from "@cadastre/policy"
import { type DatabaseUrl, SnapshotError, Snapshots, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { backends } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const policy: TagPolicy = {
  version: "1.0",
  last_updated: "2026-01-01T00:00:00Z",
  required_tags: [{ name: "Owner", description: "", severity: "error" }],
  optional_tags: [],
  prohibited_tags: [],
  exclusions: []
} as unknown as TagPolicy
const validator = compile(policy, { now: 0 })
const key: SnapshotKey = { scope: "everything", policyHash: "p1" }

const scope: ScanScope = {
  partition: "aws",
  accountIds: [],
  regions: [],
  types: [],
  skippedRegions: [],
  discovery: { status: "complete", source: "request", exhaustive: true },
  accounts: [],
  unnamedAccounts: []
} as unknown as ScanScope

interface Found {
  readonly cell: Cell
  readonly resources: ReadonlyArray<Resource>
  readonly outcome?: Outcome
}

/** Stores what a scan found in its cells, in pages of three, the cells in turns. */
const store = Effect.fnUntraced(function*(found: ReadonlyArray<Found>, takenAt: string, of = key) {
  const snapshots = yield* Snapshots
  const fold = Aggregate.fold({ validator })
  fold.add({ _tag: "ScanStarted", scope, cells: found.map(({ cell }) => cell), startedAt: takenAt })
  return yield* Effect.scoped(Effect.gen(function*() {
    const writer = yield* snapshots.begin(of)
    yield* Effect.forEach(found, Effect.fnUntraced(function*({ cell, outcome = "scanned", resources }) {
      for (let at = 0; at < resources.length; at += 3) {
        const page = resources.slice(at, at + 3)
        fold.add({ _tag: "ResourcesFound", cell, resources: page })
        yield* writer.append(page.map((resource) => stateOf(cell, resource, validator.check(resource))))
        yield* Effect.yieldNow
      }
      fold.add({ _tag: "CellEnded", result: resultOf(cell, resources.length, outcome) })
    }), { concurrency: "unbounded" })
    const aggregate = fold.aggregate()
    return yield* writer.finish({ takenAt, summary: summaryOf(aggregate), coverage: coverageOf(aggregate) })
  }))
})

const statesOf = (found: ReadonlyArray<Found>): ReadonlyArray<ResourceState> =>
  found.flatMap(({ cell, resources }) => resources.map((resource) => stateOf(cell, resource, validator.check(resource)))).toSorted(byArn)

const within = <A, E>(url: DatabaseUrl.DatabaseUrl, work: Effect.Effect<A, E, Snapshots>) =>
  Effect.scoped(Effect.provide(work, Store.layer(url)))

const many = (cell: Cell, count: number): Found => ({
  cell,
  // Not in the order of their ARNs.
  resources: Array.from({ length: count }, (_, n) => resourceOf(cell, (n * 7919) % count))
})

describe.each(backends())("snapshots in $name", ({ fresh, tamper }) => {
  it.live("a snapshot is read back as it was written, by ARN", () =>
    Effect.gen(function*() {
      // 7919 is prime: each number once. More than one run.
      const found = [many(cells[0]!, 20_000), many(cells[1]!, 1_000), { cell: cells[2]!, resources: [] }]
      yield* within(yield* fresh, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const stored = yield* store(found, "2026-11-20T10:00:00.000Z")
        assert.strictEqual(stored.resourcesFound, 21_000)
        assert.isTrue(Object.hasOwn(statesOf(found)[1]!.tags!, "__proto__"))
        assert.deepStrictEqual(yield* Stream.runCollect(snapshots.states(stored.id)), statesOf(found))
        assert.deepStrictEqual(yield* snapshots.find(stored.id), stored)
        const details = yield* snapshots.details(stored.id)
        assert.deepStrictEqual(details.cells.map(cellKey), found.map(({ cell }) => cellKey(cell)).toSorted())
        assert.strictEqual(details.summary.byType["sqs:queue"]?.resourcesFound, 1_000)
        // A resource in five has tags that nobody could read; the others have an owner.
        assert.deepStrictEqual([stored.unknownTags, stored.totalResources, stored.complianceScore], [4_200, 16_800, 1])
      }))
    }).pipe(Effect.scoped), 60_000)

  it.live("says which histories there are, and which snapshots have their resources still", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      yield* within(url, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const other = { ...key, scope: "a part" }
        const ids = [
          yield* store([many(cells[0]!, 3)], day(20)),
          yield* store([many(cells[0]!, 3)], day(21)),
          yield* store([many(cells[0]!, 3)], day(18), other),
          yield* store([many(cells[0]!, 3)], day(19), { ...key, policyHash: "p2" })
        ].map(({ id }) => id)
        // One that is being written is none yet.
        const histories = yield* Effect.scoped(Effect.andThen(snapshots.begin({ scope: "begun", policyHash: "p1" }), snapshots.histories()))
        assert.deepStrictEqual(histories, [
          { ...key, snapshots: 2, newest: Date.parse(day(21)) },
          { scope: key.scope, policyHash: "p2", snapshots: 1, newest: Date.parse(day(19)) },
          { ...other, snapshots: 1, newest: Date.parse(day(18)) }
        ])
        assert.deepStrictEqual(yield* snapshots.histories({ policyHash: "p1", limit: 1 }), histories.slice(0, 1))
        tamper(url, `UPDATE @snapshots SET cells = NULL, states = NULL WHERE id = '${ids[1]}'`)
        assert.deepStrictEqual((yield* snapshots.list({ ...key, withResources: true })).map(({ id }) => id), [ids[0]])
        assert.deepStrictEqual((yield* snapshots.list(key)).map(({ id }) => id), [ids[1], ids[0]])
      }))
    }).pipe(Effect.scoped))

  it.live("another policy judges a stored snapshot as it judges the resources", () =>
    Effect.gen(function*() {
      const found = [many(cells[0]!, 50)]
      const other = compile({ ...policy, required_tags: [{ name: "CostCenter", description: "", severity: "error" }] } as never, { now: 0 })
      yield* within(yield* fresh, Effect.gen(function*() {
        const { id } = yield* store(found, "2026-11-20T10:00:00.000Z")
        const states = yield* Stream.runCollect((yield* Snapshots).states(id))
        const byArn = new Map(found[0]!.resources.map((resource) => [resource.arn, resource]))
        assert.deepStrictEqual(
          states.map((state) => other.check(subjectOf(state))),
          states.map(({ arn }) => other.check(byArn.get(arn)!))
        )
      }))
    }).pipe(Effect.scoped))

  it.live("is seen whole or not at all", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      yield* within(url, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const states = statesOf([many(cells[0]!, 20_000)])
        const id = yield* Effect.scoped(Effect.gen(function*() {
          const writer = yield* snapshots.begin(key)
          yield* writer.append(states)
          // It is on the disk by now, and nobody sees it, in this process or another.
          assert.deepStrictEqual(yield* snapshots.list({}), [])
          const elsewhere = within(url, Effect.flatMap(Snapshots, (snapshots) => Effect.flip(snapshots.find(writer.id))))
          assert.strictEqual((yield* elsewhere as Effect.Effect<SnapshotError>).reason, "unknown")
          return writer.id
        }))
        const error = yield* Effect.flip(Stream.runDrain(snapshots.states(id)))
        assert.instanceOf(error, SnapshotError)
        assert.deepStrictEqual(yield* snapshots.list({}), [])
      }))
    }).pipe(Effect.scoped), 60_000)

  it.live("a snapshot of one Region never enters the trend of all, nor one by another policy, nor an incomplete one", () =>
    Effect.gen(function*() {
      const untagged = (cell: Cell, n: number): Resource => ({ ...resourceOf(cell, n), tags: {} })
      const [first, second] = [cells[0]!, cells[3]!]
      const good = (cell: Cell): Found => ({ cell, resources: [1, 2].map((n) => resourceOf(cell, n)) })
      const bad = (cell: Cell): Found => ({ cell, resources: [1, 2].map((n) => untagged(cell, n)) })
      yield* within(yield* fresh, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        yield* store([good(first), bad(second)], "2026-11-18T10:00:00.000Z")
        yield* store([good(first)], "2026-11-19T10:00:00.000Z", { ...key, scope: "one Region" })
        yield* store([good(first), good(second)], "2026-11-19T11:00:00.000Z", { ...key, policyHash: "p2" })
        yield* store([good(first), { ...good(second), outcome: "denied" }], "2026-11-19T12:00:00.000Z")
        yield* store([good(first), bad(second)], "2026-11-20T10:00:00.000Z")
        const last = yield* store([good(first), { cell: second, resources: [resourceOf(second, 1), untagged(second, 2)] }], "2026-11-20T12:00:00.000Z")

        const trend = yield* snapshots.trend(key, { groupBy: "day" })
        assert.deepStrictEqual(
          trend.points.map(({ complianceScore, period, snapshots }) => [period, complianceScore, snapshots]),
          // Of eight resources on the last day five have an owner.
          [["2026-11-18", 0.5, 1], ["2026-11-20", 0.625, 2]]
        )
        assert.strictEqual(trend.points[1]?.snapshotId, last.id)
        assert.deepStrictEqual([trend.direction, trend.changePoints, trend.changePercent, trend.leftOut], ["improving", 12.5, 25, 1])
        assert.deepStrictEqual(trend.commonViolations, [{ tag: "Owner", rule: "missing_required_tag", count: 1 }])

        const from = Date.parse("2026-11-20T11:00:00Z")
        assert.deepStrictEqual((yield* snapshots.trend(key, { groupBy: "month", from })).points.map(({ period }) => period), ["2026-11"])
        const none = yield* snapshots.trend({ ...key, scope: "nothing" }, { groupBy: "day" })
        assert.deepStrictEqual([none.points, none.direction], [[], "unknown"])
        assert.match(none.note ?? "", /no snapshot/u)

        const ids = (yield* snapshots.list({ scope: key.scope, limit: 2 })).map(({ takenAt }) => takenAt)
        assert.deepStrictEqual(ids, ["2026-11-20T12:00:00.000Z", "2026-11-20T10:00:00.000Z"])
      }))
    }).pipe(Effect.scoped))

  it.live("the difference is what two sets of resources differ in, and never says of what nobody saw that it is gone", () => {
    const histories = fc.array(
      fc.tuple(
        fc.nat(2),
        fc.nat(6),
        // Absent, or its owner; `null`: the tags could not be read.
        fc.option(fc.constantFrom<string | null>("a", "b", null), { nil: undefined }),
        fc.option(fc.constantFrom<string | null>("a", "b", null), { nil: undefined })
      ),
      { maxLength: 12 }
    )
    const outcomes = fc.array(fc.constantFrom<Outcome>("scanned", "scanned", "denied", "unsupported"), { minLength: 6, maxLength: 6 })
    return Effect.gen(function*() {
      const url = yield* fresh
      const built = Store.layer(url)
      yield* Effect.provide(Effect.gen(function*() {
        const snapshots = yield* Snapshots
        let run = 0
        const check = Effect.fnUntraced(function*(history: ReadonlyArray<readonly [number, number, string | null | undefined, string | null | undefined]>, outcomes: ReadonlyArray<Outcome>) {
          const of = { ...key, scope: `run ${run++}` }
          const side = (which: 0 | 1) => {
            const owners = new Map(history.map(([cell, n, before, after]) => [`${cell}/${n}`, [before, after][which]]))
            return cells.slice(0, 3).map((cell, place): Found => ({
              cell,
              outcome: outcomes[2 * place + which]!,
              resources: [...owners].flatMap(([name, owner]): ReadonlyArray<Resource> => {
                const [at, n] = name.split("/")
                return owner === undefined || Number(at) !== place
                  ? []
                  : [{ ...resourceOf(cell, Number(n)), tags: owner === null ? null : { Owner: owner } }]
              })
            }))
          }
          const [before, after] = [side(0), side(1)]
          const old = yield* store(before, "2026-11-19T10:00:00.000Z", of)
          const now = yield* store(after, "2026-11-20T10:00:00.000Z", of)
          const changes = yield* Stream.runCollect(snapshots.diff(old.id, now.id))
          assert.deepStrictEqual(
            changes.map(nameOf).toSorted(),
            expected(before, after).toSorted()
          )
          const arns = changes.map((change) => change._tag === "Changed" ? change.after.arn : change.state.arn)
          assert.deepStrictEqual(arns, arns.toSorted())
        })
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(histories, outcomes, (history, outcomes) =>
              Effect.runPromise(Effect.provideService(check(history, outcomes), Snapshots, snapshots))),
            { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100 }
          )
        )
      }), built)
    }).pipe(Effect.scoped)
  }, 120_000)

  it.live("two snapshots of different scopes cannot be compared", () =>
    Effect.gen(function*() {
      yield* within(yield* fresh, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const one = yield* store([many(cells[0]!, 3)], day(19))
        const other = yield* store([many(cells[0]!, 3)], day(20), { ...key, scope: "other" })
        const error = yield* Effect.flip(Stream.runDrain(snapshots.diff(one.id, other.id)))
        assert.strictEqual(error instanceof SnapshotError ? error.reason : "", "other-scope")
      }))
    }).pipe(Effect.scoped))

  it.live("what was never finished is removed once its process is dead, and cannot be finished after that", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      yield* within(url, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const whole = yield* store([many(cells[0]!, 10)], day(20))
        const error = yield* Effect.scoped(Effect.gen(function*() {
          const writer = yield* snapshots.begin(key)
          yield* writer.append(statesOf([many(cells[1]!, 17_000)]))
          yield* Store.prune(url)
          tamper(url, "UPDATE @snapshots SET heartbeat_at = 0 WHERE stored_at IS NULL")
          yield* Store.prune(url)
          const fold = Aggregate.fold({ validator })
          const aggregate = fold.aggregate()
          return yield* Effect.flip(
            writer.finish({ takenAt: day(21), summary: summaryOf(aggregate), coverage: coverageOf({ ...aggregate, scope }) })
          )
        }))
        assert.match(error.message, /a part of the snapshot is gone/u)
        assert.deepStrictEqual((yield* snapshots.list({})).map(({ id }) => id), [whole.id])
        assert.strictEqual((yield* Stream.runCollect(snapshots.states(whole.id))).length, 10)
      }))
    }).pipe(Effect.scoped), 60_000)

  it.live("resources are kept for 90 days, and of each day before that the figures of its last snapshot for ever", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      const now = Date.now()
      /** So many days ago, at that hour. */
      const ago = (days: number, hour: number) =>
        new Date(Math.floor(now / 86_400_000) * 86_400_000 - days * 86_400_000 + hour * 3_600_000).toISOString()
      yield* within(url, Effect.gen(function*() {
        const snapshots = yield* Snapshots
        const found = [many(cells[0]!, 40)]
        const kept = [
          yield* store(found, ago(3, 1)),
          yield* store(found, ago(3, 2)),
          yield* store(found, ago(400, 9)),
          yield* store(found, ago(400, 8), { ...key, policyHash: "other" }),
          yield* store(found, ago(401, 23))
        ]
        yield* store(found, ago(400, 7))
        yield* store(found, ago(400, 8))
        yield* Store.prune(url)
        const left = yield* snapshots.list({})
        assert.sameMembers(left.map(({ id }) => id), kept.map(({ id }) => id))
        assert.deepStrictEqual(left.toSorted(byId), kept.toSorted(byId))
        assert.strictEqual((yield* snapshots.trend(key, { groupBy: "day" })).points.length, 3)
        assert.strictEqual((yield* Stream.runCollect(snapshots.states(kept[0]!.id))).length, 40)
        const error = yield* Effect.flip(Stream.runDrain(snapshots.states(kept[2]!.id)))
        assert.strictEqual(error instanceof SnapshotError ? error.reason : "", "expired")
        const gone = yield* Effect.flip(Stream.runDrain(snapshots.diff(kept[2]!.id, kept[0]!.id)))
        assert.strictEqual(gone instanceof SnapshotError ? gone.reason : "", "expired")
      }))
    }).pipe(Effect.scoped), 60_000)

  const damage = (what: string, sql: string) =>
    it.live(`${what} is said, and never read as what was seen`, () =>
      Effect.gen(function*() {
        const url = yield* fresh
        yield* within(url, Effect.gen(function*() {
          const snapshots = yield* Snapshots
          const { id } = yield* store([many(cells[0]!, 2_000)], day(20))
          tamper(url, sql)
          const error = yield* Effect.flip(Stream.runDrain(snapshots.states(id)))
          assert.strictEqual(error instanceof SnapshotError ? error.reason : error.message, "damaged")
        }))
      }).pipe(Effect.scoped))
  damage("a block that is missing", "DELETE FROM @snapshot_blocks WHERE number = 1")
  damage("the last block missing", "DELETE FROM @snapshot_blocks WHERE number = (SELECT max(number) FROM @snapshot_blocks)")
  damage("a block in another's place", "UPDATE @snapshot_blocks SET body = (SELECT body FROM @snapshot_blocks WHERE number = 3) WHERE number = 0")
  damage("a block that is cut", "UPDATE @snapshot_blocks SET body = substr(body, 1, 100) WHERE number = 1")
})

const day = (day: number): string => `2026-11-${day}T10:00:00.000Z`
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => a.id < b.id ? -1 : 1

const nameOf = (change: SnapshotDiff.Change): string => {
  if (change._tag !== "Changed") return `${change._tag} ${change.state.arn}`
  const [tag] = change.tags
  return `Changed ${change.after.arn} ${tag?.key ?? "verdict"} ${tag?.before} ${tag?.after}`
}

/** Worked out from sets of resources, cell by cell. */
const expected = (before: ReadonlyArray<Found>, after: ReadonlyArray<Found>): ReadonlyArray<string> =>
  before.flatMap((old, place) => {
    const now = after[place]!
    const arns = new Set([...old.resources, ...now.resources].map(({ arn }) => arn))
    return [...arns].flatMap((arn): ReadonlyArray<string> => {
      const [was, is] = [old, now].map(({ resources }) => resources.find((resource) => resource.arn === arn))
      if (was === undefined) return [`${old.outcome === "scanned" ? "Added" : "NotComparable"} ${arn}`]
      if (is === undefined) return [`${now.outcome === "scanned" ? "Removed" : "NotComparable"} ${arn}`]
      if (was.tags === null && is.tags === null) return []
      if (was.tags === null || is.tags === null) return [`NotComparable ${arn}`]
      return was.tags.Owner === is.tags.Owner ? [] : [`Changed ${arn} Owner ${was.tags.Owner} ${is.tags.Owner}`]
    })
  })
