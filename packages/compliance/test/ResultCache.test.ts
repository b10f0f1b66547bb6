import { Aggregate, coverageOf, resourcesOf, summaryOf, violationsOf } from "@cadastre/aggregation"
import { cacheFiles, ComplianceResult, ResultCache } from "@cadastre/compliance"
import { AccountId, RegionId, type Resource, ResourceType, type ScanScope } from "@cadastre/model"
import { compile, policyHash } from "@cadastre/policy"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import type { Config, PlatformError, Scope } from "effect"
import { ConfigProvider, Context, Effect, FileSystem, Layer, Logger, Option, Path, Schema } from "effect"
import { TestClock } from "effect/testing"
import { policy } from "./Bench.ts"

const files = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)
const accountId = AccountId.make("111122223333")
const region = RegionId.make("eu-west-1")
const type = ResourceType.ResourceType.make("ec2:instance")
const discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true } as const
const scope: ScanScope = {
  partition: "aws",
  accountIds: [accountId],
  regions: [region],
  types: [type],
  skippedRegions: [],
  discovery,
  accounts: [{ accountId, regions: [region], skippedRegions: [], discovery }],
  unnamedAccounts: []
}

const resource = (n: number, tags: Resource["tags"], marks?: Resource["marks"]): Resource => ({
  arn: `arn:aws:ec2:eu-west-1:111122223333:instance/i-${n}`,
  id: `i-${n}`,
  type,
  service: "ec2",
  accountId,
  region,
  tags,
  attributes: { nested: { "a b": [1, null, "x"] } },
  ...(marks === undefined ? {} : { marks }),
  sources: ["service-api"],
  observedAt: "2026-01-01T00:00:00.000Z"
})

/** A result with all that is awkward to write down: `__proto__` as tag key and as owner, unknown tags, marks. */
const resultOf = (count: number): ComplianceResult => {
  const fold = Aggregate.fold({ validator: compile(policy, { now: 0 }), keepResources: true })
  const resources = [
    resource(
      0,
      Object.fromEntries([
        ["__proto__", "polluted"],
        ["constructor", "x"],
        ["Owner", "__proto__"],
        ["Environment", "production"]
      ])
    ),
    resource(1, null),
    resource(2, {}, ["deleted"]),
    ...Array.from({ length: count }, (_, n) => resource(n + 3, { Owner: "\u{1f600} \u202e" }))
  ]
  const cell = { accountId, region, type }
  fold.add({ _tag: "ScanStarted", scope, cells: [cell], startedAt: "2026-01-01T00:00:00.000Z" })
  fold.add({ _tag: "ResourcesFound", cell, resources })
  fold.add({
    _tag: "CellEnded",
    result: { ...cell, outcome: "scanned", resources: resources.length, unknownTags: 1, calls: 1, durationMs: 1 }
  })
  const aggregate = fold.aggregate()
  const coverage = coverageOf(aggregate)
  const { failedRegions, incompleteRegions, skippedRegions, successfulRegions } = coverage
  return {
    ...summaryOf(aggregate),
    policyHash: policyHash(policy),
    scope,
    accountIds: [accountId],
    scanTimestamp: "2026-01-01T00:00:00.000Z",
    coverage,
    regionMetadata: { totalRegions: 1, successfulRegions, incompleteRegions, failedRegions, skippedRegions },
    violations: violationsOf(aggregate),
    resources: resourcesOf(aggregate),
    storedInHistory: false,
    fromCache: false,
    ageSeconds: 0
  }
}
const small = resultOf(1)
const large = resultOf(2000)

const warnings = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const messages: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void messages.push(`${logLevel} ${String(message)}`))
  const result = yield* Effect.provide(effect, Logger.layer([logger]))
  return [result, messages] as const
})

const settings = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))

/** The backend's service, with nothing in it. */
type Make = (
  env?: Record<string, string>
) => Effect.Effect<
  ResultCache["Service"],
  Config.ConfigError | PlatformError.PlatformError,
  FileSystem.FileSystem | Path.Path | Scope.Scope
>

const serviceOf = <E, R>(layer: Layer.Layer<ResultCache, E, R>, env: Record<string, string> = {}) =>
  Effect.map(Layer.build(Layer.provide(layer, settings(env))), (services) => Context.get(services, ResultCache))

const temporary = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return path.join(yield* fs.makeTempDirectoryScoped({ prefix: "cadastre-test-" }), "deep", "cache")
})

const backends: ReadonlyArray<{ readonly name: string; readonly make: Make }> = [
  { name: "memory", make: (env) => serviceOf(ResultCache.layerMemory, env) },
  {
    name: "files",
    make: (env) => Effect.flatMap(temporary, (directory) => serviceOf(ResultCache.layerFiles(directory), env))
  }
]

describe.each(backends)("ResultCache contract: $name", ({ make }) => {
  it.effect("gives back exactly what it was given, and nothing for another key", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      assert.isTrue(Option.isNone(yield* cache.get("abc")))
      yield* cache.set("abc", small)
      const { ageSeconds, result } = Option.getOrThrow(yield* cache.get("abc"))
      assert.strictEqual(ageSeconds, 0)
      assert.strictEqual(JSON.stringify(result), JSON.stringify(small))
      assert.deepStrictEqual(Object.keys(result.byOwner), ["", "__proto__", "\u{1f600} \u202e"])
      assert.isTrue(Object.hasOwn(result.resources[0]!.tags!, "__proto__"))
      assert.isNull(result.resources[1]!.tags)
      assert.isTrue(Option.isNone(yield* cache.get("ab")))
    }).pipe(Effect.provide(files))
  )

  it.effect("an entry grows old: 3600 seconds by default", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      yield* cache.set("k", small)
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(Option.getOrThrow(yield* cache.get("k")).ageSeconds, 59 * 60)
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(Option.getOrThrow(yield* cache.get("k")).ageSeconds, 3599)
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Option.isNone(yield* cache.get("k")))
    }).pipe(Effect.provide(files))
  )

  it.effect("COMPLIANCE_CACHE_TTL_SECONDS is obeyed; setting again makes it young", () =>
    Effect.gen(function*() {
      const cache = yield* make({ COMPLIANCE_CACHE_TTL_SECONDS: "60" })
      yield* cache.set("k", small)
      yield* TestClock.adjust("59 seconds")
      yield* cache.set("k", large)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(Option.getOrThrow(yield* cache.get("k")).result.resources.length, large.resources.length)
      yield* TestClock.adjust("1 seconds")
      assert.isTrue(Option.isNone(yield* cache.get("k")))
    }).pipe(Effect.provide(files))
  )

  it.effect("an entry from the future is none", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      yield* TestClock.adjust("1 day")
      yield* cache.set("k", small)
      yield* TestClock.setTime(0)
      assert.isTrue(Option.isNone(yield* cache.get("k")))
    }).pipe(Effect.provide(files))
  )

  it.effect("invalidate forgets by prefix; the empty one, all", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      yield* cache.invalidate("a")
      for (const key of ["aa1", "aa2", "ab1", "b"]) yield* cache.set(key, small)
      const left = Effect.filter(["aa1", "aa2", "ab1", "b"], (key) => Effect.map(cache.get(key), Option.isSome))
      yield* cache.invalidate("aa")
      assert.deepStrictEqual(yield* left, ["ab1", "b"])
      yield* cache.invalidate("nothing")
      assert.deepStrictEqual(yield* left, ["ab1", "b"])
      yield* cache.invalidate("")
      assert.deepStrictEqual(yield* left, [])
    }).pipe(Effect.provide(files))
  )

  it.effect("written and read by many at once, it holds one of the written results, whole, without a warning", () =>
    Effect.gen(function*() {
      const cache = yield* make()
      yield* cache.set("k", small)
      const work = Effect.all(
        [
          Effect.forEach(Array.from({ length: 20 }), (_, n) => cache.set("k", n % 2 === 0 ? large : small), {
            concurrency: 4
          }),
          Effect.forEach(Array.from({ length: 40 }), () => cache.get("k"), { concurrency: 4 })
        ],
        { concurrency: "unbounded" }
      )
      const [[, read], logged] = yield* warnings(work)
      assert.deepStrictEqual(logged, [])
      for (const entry of read) {
        assert.include(
          [small.resources.length, large.resources.length],
          Option.getOrThrow(entry).result.resources.length
        )
      }
    }).pipe(Effect.provide(files))
  )

  it.effect.each(["59", "86401", "-1", "3600.5", "an hour"])(
    "COMPLIANCE_CACHE_TTL_SECONDS=%s is an error that names it",
    (text) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(make({ COMPLIANCE_CACHE_TTL_SECONDS: text }))
        for (const part of ["COMPLIANCE_CACHE_TTL_SECONDS", text, "60", "86400"]) assert.include(String(error), part)
      }).pipe(Effect.provide(files))
  )
})

describe("ResultCache in memory", () => {
  it.effect("keeps the 100 latest", () =>
    Effect.gen(function*() {
      const cache = yield* serviceOf(ResultCache.layerMemory)
      for (let n = 0; n < 101; n++) yield* cache.set(`k${n}`, small)
      assert.isTrue(Option.isNone(yield* cache.get("k0")))
      assert.isTrue(Option.isSome(yield* cache.get("k1")))
      assert.isTrue(Option.isSome(yield* cache.get("k100")))
    })
  )

  it.effect("has 500,000 resources and violations at most, and keeps none that has more by itself", () =>
    Effect.gen(function*() {
      const cache = yield* serviceOf(ResultCache.layerMemory)
      const withResources = (count: number): ComplianceResult => ({
        ...small,
        violations: [],
        resources: Array.from({ length: count }, () => small.resources[0]!)
      })
      yield* cache.set("a", withResources(300_000))
      yield* cache.set("b", withResources(150_000))
      yield* cache.set("c", withResources(100_000))
      const left = Effect.filter(["a", "b", "c", "d"], (key) => Effect.map(cache.get(key), Option.isSome))
      assert.deepStrictEqual(yield* left, ["b", "c"])
      yield* cache.set("b", withResources(10))
      yield* cache.set("d", withResources(500_001))
      assert.deepStrictEqual(yield* left, ["b", "c"])
    })
  )
})

describe("ResultCache in files", () => {
  const open = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = yield* temporary
    const cache = yield* serviceOf(ResultCache.layerFiles(directory))
    return { cache, directory, file: path.join(directory, "k.json"), fs }
  })

  it.effect("only the owner can read them: directories 0700, files 0600; no drafts are left behind", () =>
    Effect.gen(function*() {
      const { cache, directory, file, fs } = yield* open
      yield* cache.set("k", small)
      yield* cache.set("k", large)
      const modeOf = (name: string) => Effect.map(fs.stat(name), ({ mode }) => (mode & 0o777).toString(8))
      assert.strictEqual(yield* modeOf(directory), "700")
      assert.strictEqual(yield* modeOf((yield* Path.Path).dirname(directory)), "700")
      assert.strictEqual(yield* modeOf(file), "600")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["k.json"])
    }).pipe(Effect.provide(files))
  )

  it.effect("another process finds them", () =>
    Effect.gen(function*() {
      const { cache, directory } = yield* open
      yield* cache.set("k", small)
      const other = yield* serviceOf(ResultCache.layerFiles(directory))
      assert.strictEqual(JSON.stringify(Option.getOrThrow(yield* other.get("k")).result), JSON.stringify(small))
    }).pipe(Effect.provide(files))
  )

  it.effect.each([
    "",
    "{",
    "null",
    "[]",
    "{}",
    "\u0000\u0001",
    '{"storedAt":0}',
    '{"storedAt":-1,"result":{}}',
    '{"storedAt":0,"result":{"complianceScore":2}}'
  ])("a file that holds %j is a warning and a miss, and is replaced", (text) =>
    Effect.gen(function*() {
      const { cache, file, fs } = yield* open
      yield* cache.set("k", small)
      yield* fs.writeFileString(file, text)
      const [found, logged] = yield* warnings(cache.get("k"))
      assert.isTrue(Option.isNone(found))
      assert.strictEqual(logged.length, 1)
      assert.match(logged[0]!, /^Warn The result cache could not be read/)
      yield* cache.set("k", small)
      assert.isTrue(Option.isSome(yield* cache.get("k")))
    }).pipe(Effect.provide(files))
  )

  it.effect("half a file is a warning and a miss", () =>
    Effect.gen(function*() {
      const { cache, file, fs } = yield* open
      yield* cache.set("k", small)
      const text = yield* fs.readFileString(file)
      yield* fs.writeFileString(file, text.slice(0, text.length / 2))
      const [found, logged] = yield* warnings(cache.get("k"))
      assert.isTrue(Option.isNone(found))
      assert.strictEqual(logged.length, 1)
    }).pipe(Effect.provide(files))
  )

  it.effect("the oldest go when all together are too large, and the directory is nobody's who did not write it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = yield* temporary
      const texts = yield* cacheFiles(directory, { mostBytes: 4000 })
      const keyOf = (n: number) => String(n).repeat(64)
      for (const n of [1, 2, 3, 4, 5, 6]) {
        yield* texts.write(keyOf(n), "x".repeat(1000), 60)
        // As if one were written each minute.
        yield* fs.utimes(path.join(directory, `${keyOf(n)}.json`), 60 * n, 60 * n)
      }
      const left = yield* Effect.filter([1, 2, 3, 4, 5, 6], (n) => Effect.map(texts.read(keyOf(n)), (text) => text !== undefined))
      assert.deepStrictEqual(left, [3, 4, 5, 6])
      yield* fs.writeFileString(path.join(directory, `${keyOf(7)}.json`), "")
      yield* fs.truncate(path.join(directory, `${keyOf(7)}.json`), 200 * 2 ** 20)
      assert.isUndefined(yield* texts.read(keyOf(7)))
    }).pipe(Effect.provide(files))
  )

  it.effect("a directory that cannot be written is a warning, and no failure", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const file = path.join(yield* fs.makeTempDirectoryScoped(), "a-file")
      yield* fs.writeFileString(file, "")
      const cache = yield* serviceOf(ResultCache.layerFiles(path.join(file, "cache")))
      const [, logged] = yield* warnings(cache.set("k", small))
      assert.strictEqual(logged.length, 1)
      assert.match(logged[0]!, /could not be written/)
      const [found] = yield* warnings(cache.get("k"))
      assert.isTrue(Option.isNone(found))
    }).pipe(Effect.provide(files))
  )
})

describe("ComplianceResult", () => {
  const Json = Schema.fromJsonString(ComplianceResult)

  it("decodes what it encodes, __proto__ keys and unknown tags included", () => {
    for (const result of [small, large]) {
      assert.strictEqual(
        JSON.stringify(Schema.decodeSync(Json)(Schema.encodeSync(Json)(result))),
        JSON.stringify(result)
      )
    }
  })

  it.prop(
    "decodes what it encodes, whatever it holds",
    [ComplianceResult],
    ([result]) => {
      const text = Schema.encodeSync(Json)(result)
      // Half a character, which no answer of AWS can hold, is beyond V8's own `JSON.parse` as a key.
      if (/\\ud[89a-f]/.test(text)) return
      assert.strictEqual(Schema.encodeSync(Json)(Schema.decodeSync(Json)(text)), text)
    },
    { arbitrary: { runs: 200 } }
  )
})
