import { Pacer } from "@cadastre/client-factory"
import { createClient } from "@redis/client"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Logger, References, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { RedisCache, RedisLink, RedisPacer } from "../src/index.ts"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"

const call = { accountId: "111122223333", region: "us-east-1", service: "sns", operation: "ListTopics", unpaginated: true }

/** The pacer under test, and what it says. */
const pacer = (url: string, share = "0.5") => {
  const said: Array<string> = []
  const log = Logger.layer([Logger.make(({ logLevel, message }) => said.push(`${logLevel}: ${String(message)}`))])
  return {
    said,
    layer: Layer.merge(RedisPacer.layer, RedisLink.layer).pipe(
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ REDIS_URL: url, RATE_LIMIT_SHARE: share }))),
      Layer.provideMerge(Layer.mergeAll(log, Layer.succeed(References.MinimumLogLevel, "Debug")))
    )
  }
}

const often = { schedule: Schedule.spaced("10 millis"), until: (is: boolean) => is }

const warnings = (said: ReadonlyArray<string>) => said.filter((line) => line.startsWith("Warn"))

const admit = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Pacer.use((pacer) => pacer.admit(call)), { concurrency: "unbounded" })

describe("REDIS_URL", () => {
  it.effect.each(["localhost", "http://:hunter2@localhost", "redis://", "//:hunter2@[", "redis:hunter2"])("%j is none", (url) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(pacer(url).layer)))
      assert.include(error.message, "REDIS_URL")
      assert.include(error.message, "redis://host:6379")
      for (const text of [error.message, String(error), JSON.stringify(error)]) assert.notInclude(text, "hunter2")
    }))
})

describe.skipIf(!isInstalled)("Redis", () => {
  it.live("is asked once for many calls that wait together", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const busy = { ...call, service: "sts", operation: "GetCallerIdentity" }
      yield* Effect.forEach(Array.from({ length: 300 }), () => Pacer.use((pacer) => pacer.admit(busy)), { concurrency: "unbounded" }).pipe(
        Effect.provide(pacer(redis.url).layer)
      )
      const client = yield* Effect.promise(() => createClient({ url: redis.url, RESP: 2 }).connect())
      const stats = yield* Effect.promise(() => client.sendCommand<string>(["INFO", "commandstats"]))
      client.destroy()
      const scripts = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/gu)].reduce((sum, [, calls]) => sum + Number(calls), 0)
      // 64 at a time, and the first one that finds the script missing.
      assert.isAtMost(scripts, 10)
    }))
})

describe.skipIf(!isInstalled)("Redis that is away", () => {
  it.live("at the start: one warning, and the calls are paced all the same", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      yield* redis.kill
      const { layer, said } = pacer(redis.url)
      const waits = yield* Effect.provide(admit(20), layer)
      // 15 at once, the rest at 15 a second.
      waits.slice(15).forEach((wait, index) => assert.isAtLeast(wait, ((index + 1) * 1000) / 15 - 5))
      assert.isBelow(waits[14]!, 1000 / 15)
      assert.strictEqual(warnings(said).length, 1)
      assert.match(warnings(said)[0]!, /127\.0\.0\.1:\d+ .*ECONNREFUSED.*all of its share/u)
    }))

  it.live("it asks for a password that is not the right one: said without showing it", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer({ password: "right" })
      const { layer, said } = pacer(redis.url.replace(":right@", ":hunter2@"))
      yield* Effect.provide(admit(3), layer)
      assert.strictEqual(warnings(said).length, 1)
      assert.include(warnings(said)[0], "WRONGPASS")
      assert.notInclude(said.join(), "hunter2")
    }))

  it.live("the right password works, and is not shown either", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer({ password: "hunter2" })
      const { layer, said } = pacer(redis.url)
      yield* Effect.provide(admit(3), layer)
      assert.deepStrictEqual(warnings(said), [])
      assert.notInclude(said.join(), "hunter2")
    }))

  it.live("connected but silent: nothing waits longer than its patience", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const { layer, said } = pacer(redis.url)
      yield* Effect.gen(function*() {
        yield* admit(3)
        yield* redis.freeze
        const [first] = yield* admit(1)
        assert.isAtMost(first!, 2500)
        // From then on nobody asks it.
        const [second] = yield* admit(1)
        assert.isAtMost(second!, 1000)
        assert.strictEqual(warnings(said).length, 1)
        assert.include(warnings(said)[0], "no answer within 2 s")
      }).pipe(Effect.provide(layer))
    }))

  it.effect("at the start, and there later: limits and caches are shared from then on", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      yield* redis.kill
      const { layer, said } = pacer(redis.url)
      yield* Effect.gen(function*() {
        const { read, write } = yield* RedisCache.texts("result")
        yield* admit(3)
        yield* write("k", "early", 60)
        assert.isUndefined(yield* read("k"))
        assert.match(warnings(said).join(), /ECONNREFUSED.*all of its share of the limits/u)
        yield* redis.start
        // Not before its time: a Redis that is away is not asked for each call.
        yield* admit(1)
        assert.strictEqual(yield* redis.send("DBSIZE"), 0)
        yield* TestClock.adjust("6 seconds")
        // This one finds out.
        assert.isUndefined(yield* read("k"))
        yield* Effect.repeat(Effect.sync(() => said.some((line) => line.startsWith("Info") && line.includes("is there now"))), often).pipe(TestClock.withLive)
        yield* TestClock.withLive(admit(1))
        yield* write("k", "late", 60)
        assert.strictEqual(yield* read("k"), "late")
        const keys = String(yield* redis.send("KEYS", "*"))
        assert.include(keys, "cadastre:cache:result:k")
        assert.include(keys, "cadastre:pace:processes")
        assert.lengthOf(warnings(said), 1)
      }).pipe(Effect.provide(layer))
    }))

  it.effect("it accepts connections and refuses the rest, as one that reads its data still: one warning until it works", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer({ password: "right" })
      const { layer, said } = pacer(redis.url.replace(":right@", ""))
      yield* Effect.gen(function*() {
        yield* admit(3)
        for (const pause of ["6 seconds", "11 seconds", "21 seconds"] as const) {
          yield* TestClock.adjust(pause)
          yield* admit(1)
          yield* TestClock.withLive(Effect.sleep("50 millis"))
        }
        assert.lengthOf(warnings(said), 1)
        assert.include(warnings(said)[0], "NOAUTH")
        assert.isFalse(said.some((line) => /is back|is there now/u.test(line)))
      }).pipe(Effect.provide(layer))
    }))

  it.effect("that comes back is used again, without a second burst", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const { layer, said } = pacer(redis.url)
      yield* Effect.gen(function*() {
        // The burst of 15, then one more, which Redis reserves.
        const patient = yield* Effect.forkChild(admit(15))
        yield* TestClock.withLive(Fiber.join(patient))
        yield* redis.kill
        const alone = yield* Effect.forkChild(admit(1))
        yield* TestClock.withLive(Effect.sleep("100 millis"))
        yield* TestClock.adjust("200 millis")
        yield* Fiber.join(alone)
        assert.strictEqual(warnings(said).length, 1)
        yield* redis.start
        yield* TestClock.adjust("6 seconds")
        // This one finds out; it does not wait for it.
        yield* admit(1)
        yield* TestClock.withLive(Effect.sleep("200 millis"))
        assert.isTrue(said.some((line) => line.startsWith("Info") && line.includes("is back")))
        const [wait] = yield* TestClock.withLive(admit(1))
        assert.isAbove(wait!, 30)
        assert.strictEqual(warnings(said).length, 1)
      }).pipe(Effect.provide(layer))
    }))
})
