import { type RateLimit, rateLimitOf } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Pacer } from "../src/index.ts"

const call = {
  accountId: "111122223333",
  region: "us-east-1",
  service: "sns",
  operation: "ListTopics",
  unpaginated: true
}

const paced = (share: number) =>
  Pacer.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ RATE_LIMIT_SHARE: `${share}` }))))

/** Admits a call and notes who was admitted when, and how long `admit` says that it waited. */
const admit = Effect.fnUntraced(function*(
  who: number,
  log: Array<{ readonly who: number; readonly at: number; readonly waited: number }>,
  one = call
) {
  const pacer = yield* Pacer
  const waited = yield* pacer.admit(one)
  log.push({ who, at: yield* Clock.currentTimeMillis, waited })
})

describe("Pacer", () => {
  // SNS allows 30 calls at once and 30 a second.
  it.effect("a share of the limit passes at once, the rest in the order in which they asked", () =>
    Effect.gen(function*() {
      const log: Array<{ readonly who: number; readonly at: number; readonly waited: number }> = []
      for (let who = 0; who < 60; who++) yield* Effect.forkChild(admit(who, log))
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(log.map(({ who }) => who), Array.from({ length: 60 }, (_, who) => who))
      for (const { at, waited, who } of log) {
        const due = who < 15 ? 0 : ((who - 14) * 1000) / 15
        assert.isAtLeast(at, due)
        assert.isAtMost(at, due + 1)
        assert.strictEqual(waited, at)
      }
    }).pipe(Effect.provide(paced(0.5))))

  it.effect("accounts, Regions, services and operations have buckets of their own", () =>
    Effect.gen(function*() {
      const log: Array<{ readonly who: number; readonly at: number; readonly waited: number }> = []
      const others = [
        call,
        { ...call, accountId: "444455556666" },
        { ...call, region: "eu-west-1" },
        { ...call, service: "sqs", operation: "ListQueues" },
        { ...call, operation: "ListSubscriptions" }
      ]
      for (let who = 0; who < 15; who++) {
        for (const one of others) yield* Effect.forkChild(admit(who, log, one))
      }
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(log.length, 15 * others.length)
    }).pipe(Effect.provide(paced(0.5))))

  it.effect("who gives up in the line takes no token and holds nobody up", () =>
    Effect.gen(function*() {
      const log: Array<{ readonly who: number; readonly at: number; readonly waited: number }> = []
      const fibers: Array<Fiber.Fiber<void>> = []
      for (let who = 0; who < 40; who++) fibers.push(yield* Effect.forkChild(admit(who, log)))
      yield* TestClock.adjust("1 millis")
      // The first in line, and some behind it.
      for (const who of [30, 31, 35]) yield* Fiber.interrupt(fibers[who]!)
      yield* TestClock.adjust("5 seconds")
      const expected = Array.from({ length: 40 }, (_, who) => who).filter((who) => ![30, 31, 35].includes(who))
      assert.deepStrictEqual(log.map(({ who }) => who), expected)
      assert.isAtMost(log.at(-1)!.at, 7 * 34)
    }).pipe(Effect.provide(paced(1))))

  it.effect("a throttle slows those who wait; successes bring the rate back", () =>
    Effect.gen(function*() {
      const pacer = yield* Pacer
      const log: Array<{ readonly who: number; readonly at: number; readonly waited: number }> = []
      for (let who = 0; who < 30; who++) yield* pacer.admit(call)
      yield* pacer.throttled(call, 0)
      for (let who = 0; who < 3; who++) yield* Effect.forkChild(admit(who, log))
      yield* TestClock.adjust("1 seconds")
      log.forEach(({ at }, who) => assert.isAtMost(Math.abs(at - ((who + 1) * 1000) / 15), 1))
      assert.strictEqual(log.length, 3)
      for (let one = 0; one < 10; one++) yield* pacer.succeeded(call)
      log.length = 0
      for (let who = 0; who < 40; who++) yield* Effect.forkChild(admit(who, log))
      yield* TestClock.adjust("1 seconds")
      const start = log[0]!.at
      assert.isAtMost(log.at(-1)!.at - start, 40 * 34)
      assert.strictEqual(log.length, 40)
    }).pipe(Effect.provide(paced(1))))

  it.effect("a share out of its range is an error that names it", () =>
    Effect.gen(function*() {
      for (const share of [0, 0.04, 1.01]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(paced(share))))
        assert.include(error.message, "RATE_LIMIT_SHARE")
        assert.include(error.message, "from 0.05 to 1")
      }
    }))

  it("Property 21: calls never exceed the share of a bucket, over any window, whatever the concurrency", () => {
    const kinds = [
      call,
      { ...call, operation: "ListTagsForResource" },
      { ...call, service: "ec2", operation: "DescribeInstances" },
      { ...call, service: "ec2", operation: "DescribeInstances", unpaginated: false },
      { ...call, service: "route53", operation: "ListHostedZones" },
      { ...call, service: "route53", operation: "ListTagsForResource" }
    ]
    const asked = fc.record({
      kind: fc.nat(kinds.length - 1),
      region: fc.constantFrom("us-east-1", "eu-west-1"),
      at: fc.nat(3000)
    })
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.05, 0.2, 0.5, 1),
        fc.array(asked, { maxLength: 80 }),
        (share, all) =>
          Effect.gen(function*() {
            const passed = new Map<string, { readonly limit: RateLimit; readonly times: Array<number> }>()
            for (const { at, kind, region } of all) {
              const one = { ...kinds[kind]!, region }
              const limit = rateLimitOf(one.service, one.operation, one)
              const key = `${region}/${one.service}/${limit.bucket}`
              const times = passed.get(key)?.times ?? []
              passed.set(key, { limit, times })
              yield* Effect.sleep(at).pipe(
                Effect.andThen(Pacer.use((pacer) => pacer.admit(one))),
                Effect.andThen(Clock.currentTimeMillis),
                Effect.map((now) => times.push(now)),
                Effect.forkChild
              )
            }
            yield* TestClock.adjust("10 minutes")
            let count = 0
            for (const { limit, times } of passed.values()) {
              const capacity = Math.max(1, limit.capacity * share)
              const rate = (limit.refillPerSecond * share) / 1000
              count += times.length
              times.forEach((to, last) =>
                times.slice(0, last + 1).forEach((from, first) =>
                  assert.isAtMost(last - first + 1, capacity + rate * (to - from) + 1e-6)
                )
              )
            }
            assert.strictEqual(count, all.length)
          }).pipe(Effect.provide(Layer.merge(paced(share), TestClock.layer())), Effect.runPromise)
      ),
      { numRuns: 100 }
    )
  })
})
