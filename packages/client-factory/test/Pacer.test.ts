import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Simulator } from "@cadastre/aws-simulator"
import { type RateLimit, rateLimitOf } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Effect, Fiber, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { InFlight } from "../src/InFlight.ts"
import { Aws, CallMeter, Deadline, makeCallCounts, type PacedOut, Pacer } from "../src/index.ts"
import { excess, longestDelay, wallMs } from "./Arrivals.ts"
import { callsOf, connected } from "./Connection.ts"

const call = {
  accountId: "111122223333",
  region: "us-east-1",
  service: "sns",
  operation: "ListTopics",
  unpaginated: true
}

const paced = (share: number) =>
  Pacer.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ RATE_LIMIT_SHARE: `${share}` }))))

type Log = Array<{ readonly who: number; readonly at: number; readonly waited: number }>

/** Admits a call and notes who was admitted when, and how long `admit` says that it waited. */
const admit = Effect.fnUntraced(function*(
  who: number,
  log: Log,
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
      const log: Log = []
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
      const log: Log = []
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
      const log: Log = []
      const fibers: Array<Fiber.Fiber<void, PacedOut>> = []
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
      const log: Log = []
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

  it.effect("limits of a whole account are shared by its Regions, limits of a Region are not", () =>
    Effect.gen(function*() {
      const zones = { ...call, service: "route53", operation: "ListHostedZones" }
      const log: Log = []
      for (let who = 0; who < 5; who++) yield* Effect.forkChild(admit(who, log, { ...zones, region: `eu-west-${who}` }))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(log.length, 5)
      yield* Effect.forkChild(admit(5, log, { ...zones, region: "us-east-1" }))
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(log.length, 5)
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(log.length, 6)
      assert.deepStrictEqual((yield* (yield* Pacer).report).map(({ admitted, region }) => [region, admitted]), [["global", 6]])
    }).pipe(Effect.provide(paced(1))))

  describe("a call whose token would come after its deadline", () => {
    /** Who is refused, and how. */
    const trying = (who: number, log: Log, refused: Array<readonly [who: number, at: number, error: PacedOut]>) =>
      admit(who, log).pipe(
        Effect.catchTag("PacedOut", (error) => Effect.map(Clock.currentTimeMillis, (at) => void refused.push([who, at, error])))
      )

    it.effect("is not kept waiting, and hears which limit it was and how long it would have taken", () =>
      Effect.gen(function*() {
        const log: Log = []
        const refused: Array<readonly [number, number, PacedOut]> = []
        for (let who = 0; who < 60; who++) {
          yield* Effect.forkChild(Effect.provideService(trying(who, log, refused), Deadline, 2010))
        }
        yield* TestClock.adjust("1 millis")
        // 15 at once, and 15 a second for two seconds.
        assert.deepStrictEqual(refused.map(([who]) => who), Array.from({ length: 15 }, (_, index) => 45 + index))
        const [, , error] = refused[0]!
        assert.strictEqual(
          error.message,
          "waited for the rate limit: sns:ListTopics, 15 calls/s allowed here; 30 calls before it, " +
            "its turn would have come in 2.07 s, 2.01 s were left"
        )
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(log.length, 45)
        assert.strictEqual(refused.length, 15)
      }).pipe(Effect.provide(paced(0.5))))

    it.effect("is let go as soon as a throttle makes it so", () =>
      Effect.gen(function*() {
        const pacer = yield* Pacer
        const log: Log = []
        const refused: Array<readonly [number, number, PacedOut]> = []
        for (let who = 0; who < 45; who++) {
          yield* Effect.forkChild(Effect.provideService(trying(who, log, refused), Deadline, 2010))
        }
        yield* TestClock.adjust("1001 millis")
        assert.strictEqual(log.length, 30)
        yield* pacer.throttled(call, 900)
        yield* TestClock.adjust("1 millis")
        // Seven and a half a second for one second more: half of those who waited.
        assert.deepStrictEqual(refused.map(([who, at]) => [who, at < 1003]), Array.from({ length: 8 }, (_, index) => [37 + index, true]))
        yield* TestClock.adjust("1 seconds")
        assert.strictEqual(log.length, 37)
        const [report] = yield* pacer.report
        assert.deepInclude(report, { admitted: 37, refused: 8, throttles: 1, rate: 7.5, publishedRate: 30, share: 0.5, longestQueue: 30 })
      }).pipe(Effect.provide(paced(0.5))))

    it.live("is TimedOut for who sends it, which names the limit, and nothing is sent", () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ estate: { counts: { "sns:topic": { "us-east-1": 5 } } } })
        const counts = makeCallCounts()
        const send = Aws.send(SNSClient, new ListTopicsCommand({}))
        // A share of 0.05 is one call at once, and one and a half a second.
        const error = yield* Effect.andThen(send, Effect.flip(Effect.provideService(send, Deadline, Date.now() + 300))).pipe(
          Effect.provideService(CallMeter, counts),
          Effect.provide(connected(simulator, { variables: { RATE_LIMIT_SHARE: "0.05" } }))
        )
        assert.strictEqual(error.reason._tag, "TimedOut")
        assert.include(error.message, "waited for the rate limit: sns:ListTopics, 1.5 calls/s allowed here")
        assert.strictEqual(counts.calls, 1)
        assert.strictEqual(callsOf(simulator).calls, 1)
      }))

    it.effect("or that finds no seat until then is told so", () =>
      Effect.gen(function*() {
        const pacer = yield* Pacer
        const seats = new InFlight(1)
        const held = seats.seat()
        yield* held.take
        const fiber = yield* Effect.forkChild(Effect.flip(pacer.admit(call, seats.seat())).pipe(Effect.provideService(Deadline, 500)))
        yield* TestClock.adjust("1 seconds")
        const error = yield* Fiber.join(fiber)
        assert.include(error.message, "among the 1 calls in flight (MAX_CONCURRENT_CALLS)")
        assert.strictEqual(error.waitedMs, 500)
        yield* held.release
        // Nobody holds the seat for the one who left.
        yield* TestClock.adjust("1 millis")
        assert.isTrue(seats.seat().tryTake())
      }).pipe(Effect.provide(paced(1))))
  })

  it.effect("a wall clock that jumps grants nothing and holds up nothing", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.clockWith(Effect.succeed)
      let ahead = 0
      const jumping: Clock.Clock = { ...clock, currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + ahead }
      const log: Log = []
      const asking = Effect.provideService(admit(0, log), Clock.Clock, jumping)
      for (let who = 0; who < 20; who++) yield* Effect.forkChild(asking)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(log.length, 15)
      for (const jump of [3_600_000, -3_600_000, -86_400_000]) {
        log.length = 0
        ahead += jump
        for (let who = 0; who < 15; who++) yield* Effect.forkChild(asking)
        yield* TestClock.adjust("1 seconds")
        assert.isAtLeast(log.length, 14)
        assert.isAtMost(log.length, 16)
      }
    }).pipe(Effect.provide(paced(0.5))))

  it.effect("says when a bucket is slowed and when it is whole again", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ message }) => said.push(String(message)))
      yield* Effect.gen(function*() {
        const pacer = yield* Pacer
        yield* pacer.admit(call)
        yield* pacer.throttled(call, 0)
        for (let one = 0; one < 10; one++) yield* pacer.succeeded(call)
        yield* pacer.succeeded(call)
      }).pipe(
        Effect.provide(Layer.mergeAll(paced(0.5), Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug")))
      )
      assert.deepStrictEqual(said, [
        "pacing: sns:ListTopics was slowed to 7.5 of 15 calls/s",
        "pacing: sns:ListTopics is back at 15 of 15 calls/s"
      ])
    }))

  // What is paced is when calls go out, not when they were let through: with few seats these differ.
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
      at: fc.nat(3000),
      takes: fc.oneof(fc.nat(20), fc.nat(20_000)),
      ends: fc.constantFrom("well", "well", "well", "throttled"),
      leaves: fc.option(fc.nat(5000), { freq: 4 })
    })
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.05, 0.2, 0.5, 1),
        fc.integer({ min: 1, max: 60 }),
        fc.array(asked, { maxLength: 80 }),
        (share, most, all) =>
          Effect.gen(function*() {
            const pacer = yield* Pacer
            const seats = new InFlight(most)
            const sent = new Map<string, { readonly limit: RateLimit; readonly times: Array<number> }>()
            let count = 0
            let inFlight = 0
            for (const { at, ends, kind, leaves, region, takes } of all) {
              const one = { ...kinds[kind]!, region }
              const limit = rateLimitOf(one.service, one.operation, one)
              const key = `${one.service === "route53" ? "" : region}/${one.service}/${limit.bucket}`
              const times = sent.get(key)?.times ?? []
              sent.set(key, { limit, times })
              const seat = seats.seat()
              const calling = Effect.gen(function*() {
                yield* pacer.admit(one, seat)
                const now = yield* Clock.currentTimeMillis
                assert.isTrue(seat.held)
                assert.isAtMost(++inFlight, most)
                times.push(now)
                count++
                yield* Effect.ensuring(Effect.sleep(takes), Effect.sync(() => inFlight--))
                yield* ends === "well" ? pacer.succeeded(one) : pacer.throttled(one, now)
              }).pipe(Effect.ensuring(seat.release))
              const patient = leaves === null ? calling : Effect.timeoutOption(calling, leaves)
              yield* Effect.forkChild(Effect.andThen(Effect.sleep(at), Effect.orDie(patient)))
            }
            // At the lowest rate of all.
            yield* TestClock.adjust("3 days")
            for (const { limit, times } of sent.values()) {
              const capacity = Math.max(1, limit.capacity * share)
              const rate = (limit.refillPerSecond * share) / 1000
              times.forEach((to, last) =>
                times.slice(0, last + 1).forEach((from, first) =>
                  assert.isAtMost(last - first + 1, capacity + rate * (to - from) + 1e-6)
                )
              )
            }
            assert.isAtLeast(count, all.filter(({ leaves }) => leaves === null).length)
            // Whoever left, left nothing taken.
            assert.strictEqual(inFlight, 0)
            for (let one = 0; one < most; one++) assert.isTrue(seats.seat().tryTake())
            const report = yield* pacer.report
            assert.isAtMost(report.reduce((sum, { admitted }) => sum + admitted, 0), all.length)
          }).pipe(Effect.provide(Layer.merge(paced(share), TestClock.layer())), Effect.runPromise)
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100 }
    )
  })

  it.live.each([
    { share: 0.5, most: 256, fibers: 40, latency: { milliseconds: 5, jitter: 40 } },
    { share: 0.2, most: 3, fibers: 60, latency: { milliseconds: 30, jitter: 100 } },
    { share: 1, most: 7, fibers: 30, latency: 0 }
  ])("Property 21, as AWS sees it: $share of the limit, $most in flight, $fibers callers", ({ fibers, latency, most, share }) =>
    Effect.gen(function*() {
      const admitted: Array<number> = []
      const arrived: Array<number> = []
      const simulator = yield* Simulator.make({
        estate: { counts: { "sns:topic": { "us-east-1": 5 } } },
        latency,
        // Asked of every call, when it has come.
        throttling: () => {
          arrived.push(wallMs())
          return "aws"
        }
      })
      const pacer = Layer.effect(
        Pacer,
        Pacer.use((pacer) =>
          Effect.succeed({
            ...pacer,
            admit: (call, seat) => Effect.tap(pacer.admit(call, seat), () => Effect.sync(() => admitted.push(wallMs())))
          })
        )
      ).pipe(Layer.provide(Pacer.layer))
      const caller = Effect.repeat(Aws.send(SNSClient, new ListTopicsCommand({})), { until: () => false })
      yield* Effect.forEach(Array.from({ length: fibers }), () => caller, { concurrency: "unbounded" }).pipe(
        Effect.timeoutOption("1500 millis"),
        Effect.provide(
          connected(simulator, { pacer, variables: { RATE_LIMIT_SHARE: `${share}`, MAX_CONCURRENT_CALLS: `${most}` } })
        )
      )
      const { capacity, refillPerSecond } = rateLimitOf("sns", "ListTopics")
      const limit = { capacity: share * capacity, rate: share * refillPerSecond }
      // A token is taken a moment before it is noted.
      assert.isAtMost(excess(admitted, limit, 5), 0.5)
      assert.isAtMost(excess(arrived, limit, longestDelay(admitted, arrived) + 5), 0.5)
      // With all of the limit, one call that is held up on its way and one that is not may come too close.
      if (share < 1) assert.strictEqual(callsOf(simulator).throttles, 0)
      assert.isAtLeast(admitted.length, 0.9 * share * (capacity + refillPerSecond * 1.2))
    }))
})
