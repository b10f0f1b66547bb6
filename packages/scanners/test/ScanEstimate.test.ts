import { Estate } from "@cadastre/aws-simulator"
import { type Cell, cellKey, type CellResult, rateLimitOf } from "@cadastre/model"
import { type CatalogEntry, ScanEstimate } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import * as fc from "fast-check"
import { catalog } from "../src/catalog.ts"
import { accounts, called, regions, survey } from "./Survey.ts"

const settings: ScanEstimate.EstimateSettings = {
  share: 0.5,
  accounts: 5,
  regions: 20,
  services: 10,
  describes: 50,
  calls: 256,
  latencyMs: 150
}

/**
 * Types of which a page is one call of each action: where there is more to read, kinds of calls are told apart roughly.
 * Web ACLs are two lists in one Region, and capacity providers come ten a page.
 */
const isPlain = ({ actions, type }: CatalogEntry): boolean =>
  type === "ecs:cluster" ||
  type !== "wafv2:web-acl" && type !== "ecs:capacity-provider" &&
    actions.filter((action) => action !== "tag:GetResources").length === 1

const countsOf = (cells: ReadonlyArray<CellResult>) => new Map(cells.map((cell) => [cellKey(cell), cell]))

/** So many of each type in each place. */
const estateOf = (entries: ReadonlyArray<CatalogEntry>, size: (at: number) => number, seed = 1) =>
  Estate.make({
    seed,
    accounts,
    regions,
    counts: Object.fromEntries(entries.map(({ scope, type }, at) => [
      type,
      scope === "global" && type !== "s3:bucket"
        ? { global: size(at) }
        : Object.fromEntries(regions.map((region, other) => [region, size(at + 7 * other)]))
    ]))
  })

const cellsOf = (entries: ReadonlyArray<CatalogEntry>, accountIds: ReadonlyArray<string> = [accounts[0]!]) =>
  accountIds.flatMap((accountId) =>
    entries.flatMap(({ scope, type }) =>
      (scope === "global" ? ["global"] : regions).map((region) => ({ accountId, region, type }) as Cell)
    )
  )

/** When a bucket lets the last of so many calls pass, token by token. */
const lastToken = (calls: number, capacity: number, perSecond: number): number => {
  let tokens = Math.max(1, capacity)
  let seconds = 0
  for (let call = 0; call < calls; call++) {
    if (tokens < 1) {
      seconds += (1 - tokens) / perSecond
      tokens = 1
    }
    tokens -= 1
  }
  return seconds
}

describe("ScanEstimate", () => {
  it("with the last scan's counts it says exactly the calls that are made", () =>
    fc.assert(
      fc.asyncProperty(
        fc.subarray([...catalog], { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.oneof({ weight: 8, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.integer({ min: 95, max: 260 }) }),
          { minLength: 20, maxLength: 20 }
        ),
        fc.nat(),
        fc.constantFrom(0.05, 0.5, 1),
        (entries, sizes, seed, share) =>
          Effect.gen(function*() {
            const types = entries.map(({ type }): string => type)
            const estate = estateOf(entries, (at) => sizes[at % sizes.length]!, seed)
            const first = yield* survey(types, { estate })
            const estimate = ScanEstimate.of(first.cells, entries, {
              settings: { ...settings, share },
              lastCounts: countsOf(first.cells)
            })
            const { simulator } = yield* survey(types, { estate })
            const made = called(simulator)
            assert.strictEqual(estimate.cells, first.cells.length)
            assert.strictEqual(estimate.counted, first.cells.length)
            assert.strictEqual(estimate.calls, [...made.values()].reduce((sum, calls) => sum + calls, 0))
            if (!entries.every(isPlain)) return
            // Tags of buckets are read in batches of each Region; how the buckets lie is not among the counts.
            const spread = types.includes("s3:bucket") ? regions.length - 1 : 0
            for (const { action, calls } of estimate.byAction) {
              assert.closeTo(calls, made.get(action) ?? 0, spread, action)
            }
            if (spread === 0) assert.sameMembers(estimate.byAction.map(({ action }) => action), [...made.keys()])

            const own = simulator.calls().filter(({ operation, service }) =>
              service !== "sts" && operation !== "DescribeRegions"
            )
            const buckets = new Map<string, { calls: number; capacity: number; perSecond: number }>()
            for (const { calls, operation, region, service } of own) {
              const limit = rateLimitOf(service, operation)
              const key = `${limit.scope === "account" ? "all" : region}/${service}/${limit.bucket}`
              const { calls: before = 0 } = buckets.get(key) ?? {}
              buckets.set(key, {
                calls: before + calls,
                capacity: limit.capacity * share,
                perSecond: limit.refillPerSecond * share
              })
            }
            const bound = Math.max(...[...buckets.values()].map((bucket) =>
              lastToken(bucket.calls, bucket.capacity, bucket.perSecond)
            ))
            if (spread === 0) assert.isAtLeast(estimate.seconds, bound - 1e-9)
            const oneByOne = estimate.calls * settings.latencyMs / 1000
            assert.isAtMost(estimate.seconds, (spread === 0 ? bound : 2 * bound + spread / share) + oneByOne + 1e-9)
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ), 60_000)

  it.live("with the last scan's counts, the sum is that of all calls for every type", () =>
    Effect.gen(function*() {
      const estate = estateOf(catalog, (at) => [3, 130, 0][at % 3]!)
      const first = yield* survey(["all"], { estate })
      const estimate = ScanEstimate.of(first.cells, catalog, { settings, lastCounts: countsOf(first.cells) })
      const { simulator } = yield* survey(["all"], { estate })
      const made = [...called(simulator).values()].reduce((sum, calls) => sum + calls, 0)
      assert.strictEqual(estimate.calls, made)
    }).pipe(Effect.scoped), 60_000)

  it.live("knowing nothing, it is exact where every cell has a page, and too high where cells are empty", () =>
    Effect.gen(function*() {
      const entries = catalog.filter((entry) => isPlain(entry) && entry.type !== "s3:bucket")
      const types = entries.map(({ type }): string => type)
      const estimate = ScanEstimate.of(cellsOf(entries), entries, { settings })
      assert.strictEqual(estimate.counted, 0)
      const full = yield* survey(types, { estate: estateOf(entries, () => 20) })
      assert.deepStrictEqual(
        Object.fromEntries(estimate.byAction.map(({ action, calls }) => [action, calls])),
        Object.fromEntries(called(full.simulator))
      )
      const empty = yield* survey(types, { estate: estateOf(entries, () => 0) })
      const made = [...called(empty.simulator).values()].reduce((sum, calls) => sum + calls, 0)
      assert.strictEqual(made, cellsOf(entries).length)
      assert.isAtLeast(estimate.calls, made)
    }).pipe(Effect.scoped))

  it("time is that of the scarcest bucket, or of what has to wait for an answer", () => {
    const functions = catalog.filter(({ type }) => type === "lambda:function")
    const cells = cellsOf(functions)
    // 10,000 functions are 200 pages and 100 batches of tags; Lambda gives 15 calls at once and 15 a second.
    const lastCounts = new Map(cells.map((cell) => [cellKey(cell), { resources: 10_000, calls: 300 }]))
    const bound = ScanEstimate.of(cells, functions, { settings, lastCounts })
    assert.strictEqual(bound.calls, 600)
    assert.closeTo(bound.seconds, Math.max((200 - 7.5) / 7.5, 200 * 0.15 + 25 * 0.15), 1e-9)
    const all = ScanEstimate.of(cells, functions, { settings: { ...settings, share: 0.1 }, lastCounts })
    assert.strictEqual(all.boundBy, "rate limits")
    assert.closeTo(all.seconds, (200 - 1.5) / 1.5 + 0.15, 1e-9)

    // Without any wait for tokens: one call each, side by side, however many Regions.
    const queues = catalog.filter(({ type }) => type === "ec2:volume")
    const one = ScanEstimate.of(cellsOf(queues), queues, { settings })
    assert.strictEqual(one.boundBy, "latency")
    assert.closeTo(one.seconds, 0.15, 1e-9)
    // A hundred accounts go five at a time.
    const many = Array.from({ length: 100 }, (_, at) => String(100_000_000_000 + at))
    assert.closeTo(ScanEstimate.of(cellsOf(queues, many), queues, { settings }).seconds, 20 * 0.15, 1e-9)
  })

  it("counts the pennies: AWS's list prices of the calls that are not free", () => {
    const entries = catalog.filter(({ type }) => ["s3:bucket", "sqs:queue", "ec2:volume"].includes(type))
    const lastCounts = new Map(cellsOf(entries).map((cell) => [cellKey(cell), { resources: 0, calls: 1000 }]))
    const estimate = ScanEstimate.of(cellsOf(entries), entries, { settings, lastCounts })
    // 1,000 pages of buckets, 2 × 1,000 of queues, 2 × 1,000 of volumes.
    assert.closeTo(estimate.usd, 0.005 + 2000 * 0.4 / 1_000_000, 1e-12)
    assert.strictEqual(estimate.byAction.find(({ action }) => action === "ec2:DescribeVolumes")?.usd, 0)
  })

  it.effect("its settings are the scan's", () =>
    Effect.gen(function*() {
      const variables = { RATE_LIMIT_SHARE: "0.25", MAX_CONCURRENT_REGIONS: "3" }
      const read = yield* ScanEstimate.settings.parse(ConfigProvider.fromEnvRecord(variables))
      assert.deepStrictEqual(read, { ...settings, share: 0.25, regions: 3 })
    }))
})
