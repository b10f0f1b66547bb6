/**
 * `pnpm bench store`: a snapshot of a million resources, a year's trend, the difference of two snapshots and the
 * inventory, in SQLite on the machine's temporary disk and in a PostgreSQL of the bench's own (default settings, durable),
 * where one is installed. One process; nothing else runs.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Aggregate, coverageOf, type ResourceState, stateOf, summaryOf, SnapshotDiff } from "@cadastre/aggregation"
import { AccountId, type Cell, type CellResult, RegionId, type Resource, ResourceType, Tags } from "@cadastre/model"
import { compile, type TagPolicy } from "@cadastre/policy"
import { type DatabaseUrl, Inventory, Snapshots, Store } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"
import type { Figure } from "./Figure.ts"

const pageSize = 500
const policy: TagPolicy = {
  version: "1.0",
  required_tags: [{ name: "Owner" }, { name: "Environment", allowed_values: ["production", "staging"] }]
}

const cellOf = (n: number): Cell => ({
  accountId: AccountId.make(`${111122223000 + n}`),
  region: RegionId.make("eu-west-1"),
  type: ResourceType.ResourceType.make("ec2:instance")
})

/** The nth resource of a cell; a hundredth has other tags in another round, and a hundredth is a new one. */
const resourceOf = (cell: Cell, n: number, round: number): Resource => {
  const name = n % 100 === 1 ? `${round}f${n.toString(16)}` : n.toString(16)
  // Not in the order in which they are sorted.
  const id = `i-${(n * 7919 % 65_536).toString(16).padStart(4, "0")}${name.padStart(13, "0")}`
  return {
    arn: `arn:aws:ec2:${cell.region}:${cell.accountId}:instance/${id}`,
    id,
    type: cell.type,
    service: "ec2",
    accountId: cell.accountId,
    region: RegionId.make("eu-west-1"),
    tags: Tags.fromAws([
      { Key: "Name", Value: `worker-${n}` },
      { Key: "Owner", Value: `team-${n % 40}@example.com` },
      { Key: "Environment", Value: n % 100 === 2 ? `round ${round}` : "production" },
      { Key: "CostCenter", Value: `${1000 + n % 300}` }
    ]),
    attributes: { instanceType: "m7g.large", vpcId: "vpc-0123456789abcdef0" },
    sources: ["service-api"],
    observedAt: "2026-11-21T00:00:00.000Z"
  }
}

/** One scan's pages, cell by cell, and what they amount to. */
const snapshot = Effect.fnUntraced(function*(total: number, round: number, takenAt: string, scope: string) {
  const snapshots = yield* Snapshots
  const validator = compile(policy, { now: 0 })
  const cells = Math.max(1, total / 10_000)
  const fold = Aggregate.fold({ validator })
  const began = performance.now()
  const cpu = process.cpuUsage()
  let longest = 0
  let last = began
  const watch = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  const figures = yield* Effect.scoped(Effect.gen(function*() {
    const writer = yield* snapshots.begin({ scope, policyHash: "bench" })
    yield* Effect.forEach(Array.from({ length: cells }, (_, n) => cellOf(n)), Effect.fnUntraced(function*(cell) {
      const size = Math.min(total, 10_000)
      for (let at = 0; at < size; at += pageSize) {
        yield* arrival
        const resources = Array.from({ length: pageSize }, (_, n) => resourceOf(cell, at + n, round))
        fold.add({ _tag: "ResourcesFound", cell, resources })
        yield* writer.append(resources.map((resource): ResourceState => stateOf(cell, resource, validator.check(resource))))
      }
      const result: CellResult = { ...cell, outcome: "scanned", resources: size, unknownTags: 0, calls: 20, durationMs: 1 }
      fold.add({ _tag: "CellEnded", result })
    }), { concurrency: 20, discard: true })
    const aggregate = fold.aggregate()
    return yield* writer.finish({ takenAt, summary: summaryOf(aggregate), coverage: coverageOf(aggregate) })
  }))
  clearInterval(watch)
  const { system, user } = process.cpuUsage(cpu)
  return { id: figures.id, seconds: (performance.now() - began) / 1000, cpu: (system + user) / 1_000_000, longest }
})

/** Pages come from the network, one in a turn of the event loop: what the bench makes of all cells at once is not the store's. */
const oneAtATime = Semaphore.makeUnsafe(1)
const arrival = oneAtATime.withPermit(Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
}))

const timed = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const began = performance.now()
    const value = yield* work
    return { value, ms: performance.now() - began }
  })

const round = (value: number) => Math.round(value * 10) / 10
const dayMs = 86_400_000

const measure = Effect.fnUntraced(function*(name: string, size: () => number) {
  const snapshots = yield* Snapshots
  const inventory = yield* Inventory
  const now = yield* Clock.currentTimeMillis
  const on = (day: number) => new Date(now - day * dayMs).toISOString()

  // What the first pages take longer is the compiler's.
  yield* snapshot(20_000, 0, on(1), "warm-up")
  const million = yield* snapshot(1_000_000, 0, on(0), "all")
  const bytes = size()
  const read = yield* timed(Stream.runFold(snapshots.states(million.id), () => 0, (count) => count + 1))
  if (read.value !== 1_000_000) throw new Error(`${read.value} of 1,000,000 resources were read`)

  // Their resources are few: the trend never reads any.
  for (let day = 1; day < 365; day++) yield* snapshot(pageSize, day, on(day), "year")
  yield* snapshot(1_000_000, 0, on(0), "year")
  const trend = yield* timed(snapshots.trend({ scope: "year", policyHash: "bench" }, { groupBy: "day" }))
  if (trend.value.points.length !== 365) throw new Error(`${trend.value.points.length} of 365 days are in the trend`)

  const before = yield* snapshot(100_000, 1, on(1), "pair")
  const after = yield* snapshot(100_000, 2, on(0), "pair")
  const diff = yield* timed(Effect.suspend(() => {
    const counter = SnapshotDiff.counter()
    return Effect.map(Stream.runForEach(snapshots.diff(before.id, after.id), (change) => Effect.sync(() => counter.add(change))), () => counter.totals())
  }))
  const { added, changed, removed } = diff.value
  if (added !== 1000 || removed !== 1000 || changed !== 1000) throw new Error(`the difference is ${JSON.stringify(diff.value)}`)

  const upserts = yield* timed(Effect.gen(function*() {
    const scan = yield* inventory.begin({ id: "bench", estate: "aws" })
    for (let cell = 0; cell < 10; cell++) {
      for (let at = 0; at < 10_000; at += pageSize) {
        yield* scan.add({ cell: cellOf(cell), resources: Array.from({ length: pageSize }, (_, n) => resourceOf(cellOf(cell), at + n, 0)) })
      }
      yield* scan.end({ ...cellOf(cell), outcome: "scanned", resources: 10_000, unknownTags: 0, calls: 1, durationMs: 1 })
    }
  }))
  const search = yield* timed(inventory.search({ estate: "aws", text: "worker-9999 team-39", accounts: [cellOf(9).accountId] }))
  if (search.value.items.length !== 1) throw new Error(`${search.value.items.length} resources were found`)

  return [
    { name: `${name}-1m-write`, value: round(million.seconds), unit: "s, making and judging the resources included" },
    { name: `${name}-1m-cpu`, value: round(million.cpu), unit: "s of CPU, of which compressing is done beside" },
    { name: `${name}-longest-block`, value: round(million.longest), unit: "ms without a turn for anything else" },
    { name: `${name}-1m-size`, value: Math.round(bytes / 2 ** 20), unit: "MiB" },
    { name: `${name}-1m-read`, value: round(read.ms / 1000), unit: "s, sorted, decoded and checked" },
    { name: `${name}-trend-365`, value: round(trend.ms), unit: "ms" },
    { name: `${name}-diff-100k`, value: round(diff.ms), unit: "ms" },
    { name: `${name}-inventory-upserts`, value: Math.round(100_000 / (upserts.ms / 1000)), unit: "resources/s" },
    { name: `${name}-inventory-search`, value: round(search.ms), unit: "ms for one of 100,000" }
  ]
})

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const directory = mkdtempSync(join(tmpdir(), "cadastre-"))
  try {
    const path = join(directory, "cadastre.db")
    const sqlite = await Effect.runPromise(Effect.scoped(Effect.provide(
      measure("sqlite", () => statSync(path).size + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0)),
      Store.layer({ _tag: "Sqlite", path })
    )))
    if (!isInstalled) return sqlite
    const postgres = await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      const server = yield* postgresServer({ durable: true })
      const url: DatabaseUrl.DatabaseUrl = { _tag: "Postgres", url: Redacted.make(server.url()) }
      return yield* Effect.provide(
        measure("postgres", () => Number(server.psql("SELECT pg_database_size('postgres')"))),
        Store.layer(url)
      )
    })))
    return [...sqlite, ...postgres]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
