import { CellCaches, type ComplianceResult, ResultCache } from "@cadastre/compliance"
import { AccountId, type CellResult, RegionId, type Resource, ResourceType } from "@cadastre/model"
import { type CachedCell, CellCache, type CellCacheKey } from "@cadastre/scanner-core"
import { AttributeCipher } from "@cadastre/store"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Context, Effect, FileSystem, Layer, Logger, Option, Path, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { policy, scanCalls, start } from "./Bench.ts"

const files = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)
const regions = ["us-east-1", "eu-west-1", "eu-central-1"]
const types = ["ec2:instance", "ec2:volume", "sns:topic", "s3:bucket", "iam:role", "lambda:function"]

/** What is the answer, without what says when and with how many calls it was found. */
const answerOf = ({ ageSeconds: _age, coverage, fromCache: _from, resources, scanTimestamp: _at, ...rest }: ComplianceResult) => ({
  ...rest,
  coverage: {
    ...coverage,
    table: coverage.table.map(({ calls: _calls, durationMs: _ms, seenAt: _seen, ...row }) => row)
  },
  resources: resources.map(({ observedAt: _, ...resource }) => resource)
})

/** The machine's clock, put forward: a scan needs one that goes by itself. */
const forward = (seconds: number) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Clock.clockWith((clock) =>
    Effect.provideService(effect, Clock.Clock, {
      sleep: (duration) => clock.sleep(duration),
      currentTimeNanos: clock.currentTimeNanos,
      currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
      monotonicTimeNanos: clock.monotonicTimeNanos,
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + seconds * 1000),
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + seconds * 1000
    }))

/** A scan takes a moment. */
const about = (seconds: number, expected: number) => {
  assert.isAtLeast(seconds, expected)
  assert.isAtMost(seconds, expected + 20)
}

describe("cells of a narrower scan", () => {
  it.live("are used by a wider one, which looks at the rest only, and says how old its oldest part is", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({ cells: CellCaches.layerMemory })
      const ask = (request: object) => check({ policy, types, withResources: true, ...request })
      const narrow = yield* ask({ regions: ["eu-west-1"] })
      assert.isFalse(narrow.fromCache)
      const before = scanCalls(simulator)
      const wide = yield* forward(600)(ask({}))
      assert.isTrue(wide.fromCache)
      about(wide.ageSeconds, 600)
      assert.isTrue(wide.coverage.complete)
      const old = wide.coverage.table.filter(({ seenAt }) => seenAt !== undefined)
      assert.deepStrictEqual(new Set(old.map(({ region }) => region)), new Set(["eu-west-1"]))
      assert.strictEqual(old.length, 4)
      assert.isTrue(old.every(({ calls }) => calls === 0))
      const forWide = scanCalls(simulator) - before
      // A new scan finds the same, and makes the calls of the cells that were not made before.
      const fresh = yield* forward(600)(ask({ forceRefresh: true }))
      assert.isFalse(fresh.fromCache)
      assert.strictEqual(fresh.ageSeconds, 0)
      assert.deepStrictEqual(answerOf(wide), answerOf(fresh))
      const forFresh = scanCalls(simulator) - before - forWide
      const spared = fresh.coverage.table
        .filter(({ region }) => region === "eu-west-1")
        .reduce((sum, { calls }) => sum + calls, 0)
      assert.isAbove(spared, 0)
      assert.strictEqual(forWide, forFresh - spared)
      // Another question about the same cells asks nobody.
      const again = yield* forward(660)(ask({ regions: ["us-east-1", "eu-west-1"], types: ["ec2:*"], severity: "errors_only" }))
      assert.isTrue(again.coverage.table.filter(({ type }) => types.includes(type)).every(({ seenAt }) => seenAt !== undefined))
      about(again.ageSeconds, 60)
    }))

  it.live("a result that is made of them lives no longer than the oldest of them", () =>
    Effect.gen(function*() {
      const { check } = yield* start({ cells: CellCaches.layerMemory })
      yield* check({ policy, types, regions: ["eu-west-1"] })
      about((yield* forward(3000)(check({ policy, types }))).ageSeconds, 3000)
      const cached = yield* forward(3540)(check({ policy, types }))
      assert.isTrue(cached.fromCache)
      about(cached.ageSeconds, 3540)
      const renewed = yield* forward(3600)(check({ policy, types }))
      // What the second scan saw by itself is ten minutes old now.
      assert.isTrue(renewed.fromCache)
      about(renewed.ageSeconds, 600 - 20)
      const old = renewed.coverage.table.filter(({ seenAt }) => seenAt !== undefined)
      assert.isFalse(old.some(({ region }) => region === "eu-west-1"))
    }))

  it.live("what was refused, and what has tags that could not be read, is asked for again", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({ cells: CellCaches.layerMemory })
      const refuse = (service: string, operation: string) =>
        simulator.rule({ match: { service, operation, region: "eu-west-1" }, fault: { type: "deny" } })
      const refused = refuse("ec2", "DescribeVolumes")
      const untold = [refuse("tagging", "GetResources"), refuse("sns", "ListTagsForResource")]
      const first = yield* check({ policy, types: ["ec2:volume", "ec2:instance", "sns:topic"], regions: ["eu-west-1"] })
      assert.isFalse(first.coverage.complete)
      const outcomes = new Map(first.coverage.table.map(({ outcome, type, unknownTags }) => [type, [outcome, unknownTags > 0]]))
      assert.deepStrictEqual(outcomes.get(ResourceType.ResourceType.make("ec2:volume")), ["denied", false])
      assert.deepStrictEqual(outcomes.get(ResourceType.ResourceType.make("sns:topic")), ["denied", true])
      refused()
      for (const lift of untold) lift()
      const second = yield* check({ policy, types: ["ec2:volume", "ec2:instance", "sns:topic"], regions: ["eu-*"] })
      assert.isTrue(second.coverage.complete)
      assert.strictEqual(second.unknownTags, 0)
      assert.deepStrictEqual(
        second.coverage.table.filter(({ seenAt }) => seenAt !== undefined).map(({ region, type }) => `${region} ${type}`),
        ["eu-west-1 ec2:instance"]
      )
    }))

  it.live("Property 13b: whatever was asked before, the answer is that of a scan without a cache", () =>
    Effect.gen(function*() {
      const options = { simulator: { estate: { seed: 11, regions, resources: 60 } } }
      const plain = yield* start(options)
      const truths = new Map<string, unknown>()
      const request = fc.record({
        regions: fc.subarray(regions, { minLength: 1 }),
        types: fc.subarray(types.slice(0, 4), { minLength: 1 }),
        forceRefresh: fc.constantFrom(false, false, false, true),
        withResources: fc.boolean()
      })
      let reused = 0
      const results = yield* Effect.map(Layer.build(ResultCache.layerMemory), (services) => Context.get(services, ResultCache))
      const cells = yield* serviceOf(CellCaches.layerMemory)
      const { check } = yield* start({
        ...options,
        simulated: plain.simulator,
        cache: Layer.succeed(ResultCache, results),
        cells: Layer.succeed(CellCache, cells)
      })
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 3 }), (requests) =>
            Effect.runPromise(Effect.gen(function*() {
              yield* results.invalidate("")
              yield* cells.invalidate("")
              for (const { forceRefresh, ...scope } of requests) {
                const result = yield* check({ policy, ...scope, forceRefresh })
                const key = JSON.stringify(scope)
                if (!truths.has(key)) truths.set(key, answerOf(yield* plain.check({ policy, ...scope, forceRefresh: true })))
                assert.deepStrictEqual(answerOf(result), truths.get(key))
                if (result.fromCache) reused++
                if (forceRefresh) assert.isFalse(result.fromCache)
              }
            }))),
          { numRuns: 100, seed: 13 }
        )
      )
      assert.isAbove(reused, 50)
    }), 30_000)
})

const accountId = AccountId.make("111122223333")
const region = RegionId.make("eu-west-1")
const type = ResourceType.ResourceType.make("ec2:instance")
const key: CellCacheKey = { estate: "aws", cell: { accountId, region, type }, regions: "own" }

const resource = (n: number, tags: Resource["tags"] = { Owner: "a" }): Resource => ({
  arn: `arn:aws:ec2:eu-west-1:111122223333:instance/i-${n}`,
  id: `i-${n}`,
  type,
  service: "ec2",
  accountId,
  region,
  tags,
  attributes: { secret: { "a b": [1, null, "planted"] } },
  sources: ["service-api"],
  observedAt: "2026-01-01T00:00:00.000Z"
})

const cellOf = (seenAt: number, sizes: ReadonlyArray<number>): CachedCell => {
  let n = 0
  const pages = sizes.map((size) => Array.from({ length: size }, () => resource(n++)))
  const result: CellResult = {
    accountId,
    region,
    type,
    outcome: "scanned",
    resources: n,
    unknownTags: 0,
    calls: sizes.length,
    durationMs: 5
  }
  return { seenAt, result, pages }
}

const serviceOf = <E, R>(layer: Layer.Layer<never, E, R>, env: Record<string, string> = {}) =>
  Layer.build(Layer.provide(layer, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))).pipe(
    Effect.map((services) => Context.get(services, CellCache))
  )

const temporary = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  return (yield* Path.Path).join(yield* fs.makeTempDirectoryScoped({ prefix: "cadastre-test-" }), "cells")
})

const warnings = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const messages: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void messages.push(`${logLevel} ${String(message)}`))
  const result = yield* Effect.provide(effect, Logger.layer([logger]))
  return [result, messages] as const
})

const backends = [
  { name: "memory", make: (env?: Record<string, string>) => serviceOf(CellCaches.layerMemory, env) },
  {
    name: "files",
    make: (env?: Record<string, string>) =>
      Effect.flatMap(temporary, (directory) => serviceOf(CellCaches.layerFiles(directory), env))
  }
]

describe.each(backends)("CellCache contract: $name", ({ make }) => {
  it.effect("gives back exactly what it was given, and nothing for another key", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      yield* TestClock.setTime(5000)
      const cell = cellOf(5000, [3, 2])
      yield* cache.set(key, cell)
      yield* cache.set({ ...key, regions: "all" }, cellOf(5000, []))
      assert.deepStrictEqual(Option.getOrThrow(yield* cache.get(key)), cell)
      assert.deepStrictEqual(Option.getOrThrow(yield* cache.get({ ...key, regions: "all" })).pages, [])
      for (const other of [
        { ...key, estate: "http://127.0.0.1:4566" },
        { ...key, regions: [region] },
        { ...key, cell: { ...key.cell, region: RegionId.make("eu-west-2") } },
        { ...key, cell: { ...key.cell, accountId: AccountId.make("111122223334") } }
      ]) assert.isTrue(Option.isNone(yield* cache.get(other)))
      yield* cache.invalidate("")
      assert.isTrue(Option.isNone(yield* cache.get(key)))
    }).pipe(Effect.provide(files)))

  it.effect("an entry grows old, from when it was seen; one from the future is none", () =>
    Effect.gen(function*() {
      const cache = yield* make({ COMPLIANCE_CACHE_TTL_SECONDS: "60" })
      yield* TestClock.setTime(100_000)
      yield* cache.set(key, cellOf(90_000, [1]))
      yield* TestClock.setTime(149_999)
      assert.isTrue(Option.isSome(yield* cache.get(key)))
      yield* TestClock.setTime(89_999)
      assert.isTrue(Option.isNone(yield* cache.get(key)))
      yield* cache.set(key, cellOf(90_000, [1]))
      yield* TestClock.setTime(150_000)
      assert.isTrue(Option.isNone(yield* cache.get(key)))
    }).pipe(Effect.provide(files)))

  it.effect.each(["-1", "10000001", "many"])("CELL_CACHE_MAX_RESOURCES=%s is an error that names it", (text) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(make({ CELL_CACHE_MAX_RESOURCES: text }))
      for (const part of ["CELL_CACHE_MAX_RESOURCES", text, "10000000"]) assert.include(String(error), part)
    }).pipe(Effect.provide(files)))
})

describe("cells in memory", () => {
  it.effect("the oldest go first, and one that is too large by itself is not kept", () =>
    Effect.gen(function*() {
      const cache = yield* serviceOf(CellCaches.layerMemory, { CELL_CACHE_MAX_RESOURCES: "10" })
      const keyOf = (n: number) => ({ ...key, cell: { ...key.cell, accountId: AccountId.make(`11112222333${n}`) } })
      for (const n of [1, 2, 3]) yield* cache.set(keyOf(n), cellOf(0, [3]))
      const kept = yield* Effect.filter([1, 2, 3], (n) => Effect.map(cache.get(keyOf(n)), Option.isSome))
      assert.deepStrictEqual(kept, [2, 3])
      yield* cache.set(keyOf(4), cellOf(0, [10]))
      assert.isTrue(Option.isNone(yield* cache.get(keyOf(4))))
      assert.isTrue(Option.isSome(yield* cache.get(keyOf(3))))
    }))
})

describe("cells in files", () => {
  const open = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = yield* temporary
    const cache = yield* serviceOf(CellCaches.layerFiles(directory))
    yield* cache.set(key, cellOf(0, [2, 1]))
    const [name = ""] = yield* fs.readDirectory(directory)
    const file = path.join(directory, name)
    const written = JSON.parse(yield* fs.readFileString(file)) as Record<string, unknown> & {
      readonly result: object
      readonly pages: ReadonlyArray<string>
    }
    return { cache, directory, file, fs, name, path, written }
  })

  it.effect("only the owner can read them; the name is the SHA-256 of the key", () =>
    Effect.gen(function*() {
      const { directory, file, fs, name } = yield* open
      assert.match(name, /^[0-9a-f]{64}\.json$/u)
      assert.strictEqual((yield* fs.stat(directory)).mode & 0o777, 0o700)
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
    }).pipe(Effect.provide(files)))

  it.effect("whatever is not what was written is a miss, said once, and is replaced", () =>
    Effect.gen(function*() {
      const { cache, file, fs, written } = yield* open
      const page = (change: object) => JSON.stringify([{ ...resource(0), ...change }])
      const wrong: ReadonlyArray<string> = [
        "",
        "null",
        "[1]",
        JSON.stringify(written).slice(0, -9),
        JSON.stringify({ ...written, schemaVersion: 1 }),
        JSON.stringify({ ...written, schemaVersion: undefined }),
        JSON.stringify({ ...written, key: "0".repeat(64) }),
        JSON.stringify({ ...written, pages: written.pages.slice(1) }),
        JSON.stringify({ ...written, pages: [...written.pages, page({})] }),
        JSON.stringify({ ...written, pages: [written.pages[0], page({ tags: null })] }),
        JSON.stringify({ ...written, pages: [written.pages[0], page({ type: "ec2:volume" })] }),
        JSON.stringify({ ...written, pages: [written.pages[0], "{"] }),
        JSON.stringify({ ...written, result: { ...written.result, outcome: "denied" } }),
        JSON.stringify({ ...written, result: { ...written.result, unknownTags: 1 } }),
        JSON.stringify({ ...written, result: { ...written.result, region: "eu-west-2" } })
      ]
      const [, logged] = yield* warnings(Effect.forEach(wrong, (text) =>
        Effect.gen(function*() {
          yield* fs.writeFileString(file, text)
          assert.isTrue(Option.isNone(yield* cache.get(key)), text)
        })))
      assert.strictEqual(logged.length, 1)
      assert.match(logged[0]!, /^Warn The cell cache could not be read/u)
      yield* cache.set(key, cellOf(0, [1]))
      assert.isTrue(Option.isSome(yield* cache.get(key)))
    }).pipe(Effect.provide(files)))

  it.effect("a pipe in the place of a file is not waited for, and a folder is none", () =>
    Effect.gen(function*() {
      const { cache, file, fs } = yield* open
      yield* fs.remove(file)
      yield* fs.makeDirectory(file)
      assert.isTrue(Option.isNone(yield* cache.get(key)))
    }).pipe(Effect.provide(files)))

  it.effect("what nobody asked for is left alone; entries of yesterday and left drafts go", () =>
    Effect.gen(function*() {
      const { directory, file, fs, path } = yield* open
      const entry = path.join(directory, `${"a".repeat(64)}.json`)
      const draft = path.join(directory, `${"b".repeat(64)}.json.1.0.tmp`)
      const foreign = path.join(directory, "settings.json")
      for (const name of [entry, draft, foreign]) yield* fs.writeFileString(name, "{}")
      yield* TestClock.setTime(new Date("2100-01-01").getTime())
      // Another process tidies at its first write.
      const other = yield* serviceOf(CellCaches.layerFiles(directory))
      yield* other.set({ ...key, estate: "aws-cn" }, cellOf(0, [1]))
      const left = yield* Effect.filter([entry, draft, foreign, file], (name) => fs.exists(name))
      assert.deepStrictEqual(left, [foreign])
    }).pipe(Effect.provide(files)))

  it.effect("attributes that are encrypted in the database are encrypted here", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = yield* temporary
      const cipher = AttributeCipher.make({ keys: [Redacted.make(new Uint8Array(32).fill(7))], paths: ["attributes.secret"] })
      const sealed = CellCaches.layerFiles(directory).pipe(Layer.provide(Layer.succeed(AttributeCipher.AttributeCipher, cipher)))
      const cache = yield* serviceOf(sealed)
      const cell = cellOf(0, [2])
      yield* cache.set(key, cell)
      const results = yield* Layer.build(
        ResultCache.layerFiles(directory).pipe(Layer.provide(Layer.succeed(AttributeCipher.AttributeCipher, cipher)))
      ).pipe(Effect.map((services) => Context.get(services, ResultCache)))
      const { check } = yield* start()
      const result = yield* check({ policy, types: ["sns:topic"] })
      yield* results.set("f".repeat(64), { ...result, resources: [resource(1)] })
      for (const name of yield* fs.readDirectory(directory)) {
        assert.notInclude(yield* fs.readFileString(path.join(directory, name)), "planted")
      }
      assert.deepStrictEqual(Option.getOrThrow(yield* cache.get(key)), cell)
      const read = Option.getOrThrow(yield* results.get("f".repeat(64)))
      assert.deepStrictEqual(read.result.resources, [resource(1)])
      // Without the key it is not there.
      const [found] = yield* warnings(Effect.flatMap(serviceOf(CellCaches.layerFiles(directory)), (other) => other.get(key)))
      assert.isTrue(Option.isNone(found))
    }).pipe(Effect.provide(files)))
})
