import { deflateRawSync, inflateRawSync } from "node:zlib"
import { Simulator } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { Compliance, type ComplianceResult } from "@cadastre/compliance"
import { Cadastre } from "@cadastre/sdk"
import { isInstalled, type RedisServer, redisServer } from "@cadastre/test-servers/RedisServer"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, References } from "effect"

const policy = { required_tags: [{ name: "Owner" }, { name: "Environment", allowed_values: ["production", "staging"] }] }
const request = { policy, types: ["ec2:instance", "ec2:volume", "sns:topic", "sqs:queue"], withResources: true }

const simulated = Simulator.make({
  estate: { seed: 5, regions: ["us-east-1", "eu-west-1"], resources: 200 }
})

/** A process of its own, as far as the caches are concerned, and what it says. */
const processOn = (simulator: Simulator["Service"], env: Readonly<Record<string, string>>) => {
  const said: Array<string> = []
  const credentials = simulator.credentials()
  const log = Logger.layer([Logger.make(({ logLevel, message }) => said.push(`${logLevel}: ${String(message)}`))])
  const layer = Cadastre.layer().pipe(
    Layer.provide([
      Layer.succeed(AwsSettings, { endpointUrl: simulator.url, credentials: () => Promise.resolve(credentials) }),
      ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_REGION: "us-east-1", RATE_LIMIT_SHARE: "1", ...env }))
    ]),
    Layer.provideMerge(Layer.mergeAll(log, Layer.succeed(References.MinimumLogLevel, "Warn")))
  )
  return {
    said,
    run: <A, E>(work: (compliance: Compliance["Service"]) => Effect.Effect<A, E>) =>
      Effect.provide(Effect.flatMap(Compliance, work), layer)
  }
}

const callsOf = (simulator: Simulator["Service"]) =>
  simulator.calls()
    .filter(({ operation }) => operation !== "GetCallerIdentity" && operation !== "DescribeRegions")
    .reduce((sum, { calls }) => sum + calls, 0)

/** What is the answer, without what says when and with how many calls it was found. */
const answerOf = ({ ageSeconds: _age, coverage, fromCache: _from, resources, scanTimestamp: _at, ...rest }: ComplianceResult) => ({
  ...rest,
  coverage: { ...coverage, table: coverage.table.map(({ calls: _calls, durationMs: _ms, seenAt: _seen, ...row }) => row) },
  resources: resources.map(({ observedAt: _, ...resource }) => resource)
})

const keysIn = (redis: RedisServer) =>
  Effect.map(redis.send("KEYS", "cadastre:cache:*"), (keys) => (keys as ReadonlyArray<Buffer>).map(String).toSorted())

describe.skipIf(!isInstalled)("caches in Redis", () => {
  it.live("another process answers from them, and a wider scope uses the cells; they expire by themselves", () =>
    Effect.gen(function*() {
      const simulator = yield* simulated
      const redis = yield* redisServer()
      const env = { REDIS_URL: redis.url, COMPLIANCE_CACHE_TTL_SECONDS: "600" }
      const first = yield* processOn(simulator, env).run(({ check }) => check({ ...request, regions: ["eu-west-1"] }))
      const keys = yield* keysIn(redis)
      assert.strictEqual(keys.length, 5)
      assert.strictEqual(keys.filter((key) => /^cadastre:cache:cell:[0-9a-f]{64}$/u.test(key)).length, 4)
      for (const key of keys) {
        const ttl = yield* redis.send("TTL", key)
        assert.isTrue(Number(ttl) > 500 && Number(ttl) <= 600)
      }
      const before = callsOf(simulator)
      const other = processOn(simulator, env)
      const [again, wide] = yield* other.run(({ check }) =>
        Effect.gen(function*() {
          const again = yield* check({ ...request, regions: ["eu-west-1"] })
          assert.strictEqual(callsOf(simulator), before)
          return [again, yield* check(request)] as const
        }))
      assert.isTrue(again.fromCache)
      assert.deepStrictEqual(answerOf(again), answerOf(first))
      const truth = yield* processOn(simulator, {}).run(({ check }) => check(request))
      assert.isTrue(wide.fromCache)
      assert.isFalse(truth.fromCache)
      assert.deepStrictEqual(answerOf(wide), answerOf(truth))
      assert.deepStrictEqual(
        new Set(wide.coverage.table.filter(({ seenAt }) => seenAt !== undefined).map(({ region }) => region)),
        new Set(["eu-west-1"])
      )
      assert.deepStrictEqual(other.said, [])
    }))

  it.live.each(["kill", "freeze"] as const)("Redis is gone in mid-run (%s): the scan ends well, with one warning", (how) =>
    Effect.gen(function*() {
      const simulator = yield* simulated
      const redis = yield* redisServer()
      const truth = yield* processOn(simulator, {}).run(({ check }) => check(request))
      const process = processOn(simulator, { REDIS_URL: redis.url })
      let ended = 0
      const result = yield* process.run(({ check }) =>
        check(request, {
          onEvent: (event) => event._tag === "CellEnded" && ++ended === 2 ? redis[how] : Effect.void
        }))
      assert.deepStrictEqual(answerOf(result), answerOf(truth))
      assert.isFalse(result.fromCache)
      assert.strictEqual(process.said.length, 1, process.said.join("\n"))
      assert.match(process.said[0]!, /^Warn: Redis at 127\.0\.0\.1:\d+ \(REDIS_URL\) is away: .*Nothing is cached in it\./u)
    }), 20_000)

  it.live("it is away from the start: the same, with one warning for everything", () =>
    Effect.gen(function*() {
      const simulator = yield* simulated
      const redis = yield* redisServer()
      yield* redis.kill
      const process = processOn(simulator, { REDIS_URL: redis.url })
      const [result, again] = yield* process.run(({ check }) => Effect.all([check(request), check(request)]))
      assert.isTrue(result.coverage.complete)
      assert.isFalse(again.fromCache)
      assert.strictEqual(process.said.length, 1, process.said.join("\n"))
    }))

  it.live("whatever somebody has put in their place is a miss, and the answer is right", () =>
    Effect.gen(function*() {
      const simulator = yield* simulated
      const redis = yield* redisServer()
      const env = { REDIS_URL: redis.url }
      const request = { policy, types: ["sns:topic"], withResources: true }
      const truth = yield* processOn(simulator, env).run(({ check }) => check(request))
      const keys = yield* keysIn(redis)
      const valueOf = (text: string | Buffer) => Buffer.concat([Buffer.from("cad1"), deflateRawSync(text)])
      const bomb = valueOf(Buffer.alloc(120 * 2 ** 20))
      const changed = (change: (text: string) => string) => (key: string) =>
        Effect.flatMap(redis.send("GET", key), (value) =>
          redis.send("SET", key, valueOf(change(inflateRawSync((value as Buffer).subarray(4)).toString("utf8")))))
      const put = (value: string | Buffer) => (key: string) => redis.send("SET", key, value)
      const tamperings = [
        put("x"),
        put(Buffer.alloc(5 * 2 ** 20, 1)),
        put(bomb),
        changed((text) => text.replace(/"schemaVersion":\d+/u, '"schemaVersion":1')),
        changed((text) => text.slice(0, -20)),
        changed(() => "[".repeat(100_000)),
        (key: string) => Effect.andThen(redis.send("DEL", key), redis.send("LPUSH", key, "a list"))
      ]
      for (const tamper of tamperings) {
        yield* Effect.forEach(keys, tamper)
        const process = processOn(simulator, env)
        const result = yield* process.run(({ check }) => check(request))
        assert.isFalse(result.fromCache)
        assert.deepStrictEqual(answerOf(result), answerOf(truth))
        // Once for the result that could not be read, once for all the cells; never that Redis is away.
        assert.isAtMost(process.said.length, 2, process.said.join("\n"))
        assert.isFalse(process.said.some((line) => line.includes("is away")))
        yield* redis.send("DEL", ...keys)
        yield* processOn(simulator, env).run(({ check }) => check(request))
      }
      // One cell's entry in the place of another's.
      const cells = keys.filter((key) => key.includes(":cell:"))
      const values = yield* Effect.forEach(cells, (key) => redis.send("GET", key))
      yield* redis.send("DEL", ...keys)
      for (const [n, key] of cells.entries()) yield* redis.send("SET", key, values[(n + 1) % cells.length] as Buffer)
      const result = yield* processOn(simulator, env).run(({ check }) => check(request))
      assert.deepStrictEqual(answerOf(result), answerOf(truth))
      assert.isFalse(result.fromCache)
    }), 30_000)
})
