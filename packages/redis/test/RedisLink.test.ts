import { Pacer } from "@cadastre/client-factory"
import { createClient } from "@redis/client"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { RedisPacer } from "../src/index.ts"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"

const call = { accountId: "111122223333", region: "us-east-1", service: "sns", operation: "ListTopics", unpaginated: true }

/** The pacer under test, and what it says. */
const pacer = (url: string, share = "0.5") => {
  const said: Array<string> = []
  const log = Logger.layer([Logger.make(({ logLevel, message }) => said.push(`${logLevel}: ${String(message)}`))])
  return {
    said,
    layer: RedisPacer.layer.pipe(
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ REDIS_URL: url, RATE_LIMIT_SHARE: share }))),
      Layer.provideMerge(Layer.mergeAll(log, Layer.succeed(References.MinimumLogLevel, "Debug")))
    )
  }
}

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
