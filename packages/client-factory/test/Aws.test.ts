import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeRegionsCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListHostedZonesCommand, Route53Client } from "@aws-sdk/client-route-53"
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { type Fault, Simulator } from "@cadastre/aws-simulator"
import type { AwsError, AwsErrorReason } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Tracer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Aws, CallMeter, CircuitBreaker, Deadline, makeCallCounts, Pacer } from "../src/index.ts"
import { accountOf, callsOf, connected, environment, hurried, inFlight, jitter, unpaced, until } from "./Connection.ts"

const estate = {
  regions: ["us-east-1", "eu-west-1"],
  counts: {
    "sns:topic": { "us-east-1": 40 },
    "ec2:volume": { "us-east-1": 20 },
    "dynamodb:table": { "us-east-1": 5 },
    "lambda:function": { "us-east-1": 5 },
    "sqs:queue": { "us-east-1": 5 },
    "s3:bucket": { "us-east-1": 5 },
    "route53:hosted-zone": { global: 5 }
  }
} as const

/** One call in each of the protocols that AWS speaks, and of the services that speak them in ways of their own. */
const probes = {
  "EC2's own query": Aws.send(EC2Client, new DescribeVolumesCommand({ MaxResults: 100 })),
  "query": Aws.send(SNSClient, new ListTopicsCommand({})),
  "JSON 1.0": Aws.send(DynamoDBClient, new ListTablesCommand({})),
  "JSON 1.1": Aws.send(ResourceGroupsTaggingAPIClient, new GetResourcesCommand({})),
  "query-compatible JSON": Aws.send(SQSClient, new ListQueuesCommand({ MaxResults: 1000 })),
  "REST JSON": Aws.send(LambdaClient, new ListFunctionsCommand({})),
  "REST XML": Aws.send(Route53Client, new ListHostedZonesCommand({})),
  "S3's REST XML": Aws.send(S3Client, new ListBucketsCommand({ MaxBuckets: 100 }))
}
const protocols = Object.keys(probes) as ReadonlyArray<keyof typeof probes>

const topics = probes.query

interface Expected {
  readonly fault: Fault
  readonly tag: AwsErrorReason["_tag"]
  readonly calls: number
  readonly also?: (error: AwsError) => boolean
}

const is = <T extends AwsErrorReason["_tag"]>(
  tag: T,
  test: (reason: Extract<AwsErrorReason, { _tag: T }>) => boolean
) =>
({ reason }: AwsError): boolean => reason._tag === tag && test(reason as Extract<AwsErrorReason, { _tag: T }>)

/** `calls`: one, two where the credentials are refreshed, four where the call is repeated three times. */
const table: ReadonlyArray<Expected> = [
  { fault: { type: "deny" }, tag: "AccessDenied", calls: 1, also: is("AccessDenied", ({ byScp }) => !byScp) },
  { fault: { type: "deny", by: "scp" }, tag: "AccessDenied", calls: 1, also: is("AccessDenied", ({ byScp }) => byScp) },
  { fault: { type: "throttle" }, tag: "Throttled", calls: 4 },
  {
    fault: { type: "expired" },
    tag: "ExpiredToken",
    calls: 2,
    also: is("ExpiredToken", ({ message }) => message.includes("aws sso login"))
  },
  { fault: { type: "invalid-credentials" }, tag: "InvalidCredentials", calls: 1 },
  { fault: { type: "bad-signature" }, tag: "InvalidCredentials", calls: 1 },
  {
    fault: { type: "disabled-region" },
    tag: "InvalidCredentials",
    calls: 1,
    also: (error) => Aws.asRegionDisabled(error).reason._tag === "RegionDisabled"
  },
  ...([500, 503] as const).map((status): Expected => ({
    fault: { type: "status", status },
    tag: "Unexpected",
    calls: 4,
    also: is("Unexpected", (reason) => reason.status === status)
  })),
  { fault: { type: "html" }, tag: "Unexpected", calls: 4, also: is("Unexpected", ({ status }) => status === 502) },
  { fault: { type: "reset" }, tag: "Network", calls: 4 },
  { fault: { type: "reset", when: "body" }, tag: "Network", calls: 4 },
  { fault: { type: "truncate" }, tag: "Network", calls: 4 },
  { fault: { type: "malformed" }, tag: "Unexpected", calls: 1 }
]

describe("Aws.send", () => {
  it.live.each(protocols)("tells every refusal apart, and repeats only what may pass: %s", (protocol) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const answer = yield* probes[protocol]
        assert.strictEqual(answer.$metadata.httpStatusCode, 200)
        for (const { also, calls, fault, tag } of table) {
          simulator.reset()
          const remove = simulator.rule({ fault })
          const meter = makeCallCounts()
          const error = yield* Effect.flip(Effect.provideService(probes[protocol], CallMeter, meter)).pipe(jitter(0))
          const what = `${JSON.stringify(fault)}: ${error.message}`
          assert.strictEqual(error.reason._tag, tag, what)
          assert.isTrue(also?.(error) ?? true, what)
          assert.strictEqual(callsOf(simulator).calls, calls, what)
          assert.deepStrictEqual(
            { ...meter, waitedMs: 0 },
            { calls, retries: calls - 1, throttles: tag === "Throttled" ? calls : 0, waitedMs: 0 },
            what
          )
          assert.strictEqual(error.region, "us-east-1")
          assert.match(error.operation, /^[a-z0-9]+:[A-Z][A-Za-z]+$/u)
          remove()
        }
      }).pipe(Effect.provide(connected(simulator, { pacer: unpaced })))
    }))

  it.live("an answered refusal carries its request id", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ fault: { type: "deny" } })
      for (const protocol of protocols) {
        const error = yield* Effect.flip(probes[protocol]).pipe(Effect.provide(connected(simulator)))
        assert.match(error.requestId ?? "", /^[0-9a-f-]{36}$/u, protocol)
      }
    }))

  it.live("a Region that is switched off answers as unknown credentials do, whatever the service", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { ...estate, regions: [...estate.regions, { name: "af-south-1", optInStatus: "not-opted-in" }] }
      })
      for (const protocol of protocols) {
        if (protocol === "REST XML") continue // Route 53 has no Regions.
        const error = yield* Effect.flip(probes[protocol]).pipe(
          Effect.provide(connected(simulator, { region: "af-south-1" }))
        )
        assert.strictEqual(error.reason._tag, "InvalidCredentials", protocol)
      }
    }))

  it.live("a fault that passes is not seen, and costs one call more", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const faults: ReadonlyArray<Fault> = [
        { type: "throttle" },
        { type: "status", status: 503 },
        { type: "reset" },
        { type: "truncate" },
        { type: "html" }
      ]
      yield* Effect.gen(function*() {
        for (const fault of faults) {
          simulator.reset()
          const remove = simulator.rule({ match: { nth: [1, 2, 3] }, fault })
          const { Topics = [] } = yield* topics.pipe(jitter(0))
          assert.strictEqual(Topics.length, 40)
          assert.strictEqual(callsOf(simulator).calls, 4)
          remove()
        }
      }).pipe(Effect.provide(connected(simulator)), hurried)
    }))

  it.live("AWS_MAX_RETRIES is how often", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "status", status: 500 } }] })
      for (const retries of [0, 1, 5]) {
        simulator.reset()
        yield* Effect.flip(topics).pipe(
          jitter(0),
          Effect.provide(connected(simulator, { variables: { AWS_MAX_RETRIES: `${retries}` } }))
        )
        assert.strictEqual(callsOf(simulator).calls, retries + 1)
      }
    }))

  it.effect.each([
    { name: "AWS_MAX_RETRIES", value: "11", range: "from 0 to 10" },
    { name: "AWS_CALL_TIMEOUT_SECONDS", value: "0", range: "from 1 to 300" },
    { name: "MAX_CONCURRENT_CALLS", value: "many", range: "from 1 to 1024" }
  ])("$name=$value is refused at the start", ({ name, range, value }) =>
    Effect.gen(function*() {
      const layer = Layer.provide(Aws.Aws.layer, environment("http://127.0.0.1:1", { [name]: value }))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      for (const part of [name, value, range]) assert.include(error.message, part)
    }))

  it("retries wait longer each time, at most as long as full jitter may, and never past the deadline", () => {
    const fault = fc.constantFrom<Fault>({ type: "throttle" }, { type: "status", status: 503 }, { type: "reset" })
    const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    return fc.assert(
      fc.asyncProperty(fault, part, fc.nat(4000), (fault, share, left) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, rules: [{ fault }] })
          const meter = makeCallCounts()
          const base = fault.type === "throttle" ? 500 : 100
          // The oracle: when each repetition would be due.
          const waits: Array<number> = []
          let due = 0
          for (let retry = 0; retry < 3; retry++) {
            const wait = Math.round(share * base * 2 ** retry)
            if (due + wait >= left) break
            due += wait
            waits.push(wait)
          }
          // Nothing can be sent when the time is already up.
          const expected = left === 0 ? 0 : waits.length + 1
          const fiber = yield* Effect.flip(topics).pipe(
            jitter(share),
            Effect.provideService(CallMeter, meter),
            Effect.provideService(Deadline, left),
            Effect.provide(connected(simulator, { pacer: unpaced })),
            Effect.forkChild
          )
          for (const [index, wait] of waits.entries()) {
            yield* until(() => meter.retries === index + 1)
            assert.strictEqual(callsOf(simulator).calls, index + 1)
            if (wait > 1) {
              yield* TestClock.adjust(wait - 1)
              assert.strictEqual(meter.calls, index + 1)
            }
            yield* TestClock.adjust(Math.min(1, wait))
          }
          const error = yield* Fiber.join(fiber)
          assert.strictEqual(error.reason._tag === "TimedOut", left === 0)
          assert.strictEqual(callsOf(simulator).calls, expected)
          assert.strictEqual(yield* Clock.currentTimeMillis, due)
        }).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise)),
      { numRuns: 100 }
    )
  })

  it.effect("no answer within the call's time limit is TimedOut, and is not asked again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "hang" } }] })
      const fiber = yield* Effect.flip(topics).pipe(
        Effect.provide(connected(simulator, { variables: { AWS_CALL_TIMEOUT_SECONDS: "7" } })),
        Effect.forkChild
      )
      yield* until(() => callsOf(simulator).calls === 1)
      yield* TestClock.adjust("6999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "TimedOut")
      assert.include(error.message, "7 s")
      assert.strictEqual(callsOf(simulator).calls, 1)
      yield* until(() => inFlight(simulator) === 0)
    }))

  it.effect("a time-out says nothing of a service that was hardly given time, however long the call waited for a token", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "hang" } }] })
      for (const [waitMs, isCounted] of [[55_000, false], [20_000, true]] as const) {
        const ended: Array<string> = []
        const slow = Layer.effect(Pacer, Effect.map(Pacer, (pacer) =>
          Pacer.of({ ...pacer, admit: () => Effect.as(Effect.sleep(waitMs), waitMs) }))).pipe(Layer.provide(unpaced))
        const now = yield* Clock.currentTimeMillis
        simulator.reset()
        const fiber = yield* Effect.flip(topics).pipe(
          Effect.provideService(Deadline, now + 60_000),
          Effect.provideService(CircuitBreaker, {
            refusal: () => undefined,
            ended: (_, error) => void ended.push(error?.reason._tag ?? "answered")
          }),
          Effect.provide(connected(simulator, { pacer: slow })),
          Effect.forkChild
        )
        yield* TestClock.adjust(waitMs)
        yield* until(() => callsOf(simulator).calls === 1)
        yield* TestClock.adjust("1 minute")
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error.reason._tag, "TimedOut")
        assert.deepStrictEqual(ended, isCounted ? ["TimedOut"] : [])
      }
    }))

  it.effect.each(["before it is sent again", "while it waits for a token"])(
    "a throttled call that cannot be repeated in time stays throttled, and does not become timed out: its time is up %s",
    (when) =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "throttle" } }] })
        const ended: Array<string> = []
        const meter = makeCallCounts()
        const now = yield* Clock.currentTimeMillis
        const error = yield* Effect.flip(topics).pipe(
          // Half a second's backoff, or none and then no token: a throttled bucket is empty, and gives 0.75 a second.
          jitter(when === "before it is sent again" ? 0.999 : 0),
          Effect.provideService(Deadline, now + (when === "before it is sent again" ? 400 : 1000)),
          Effect.provideService(CallMeter, meter),
          Effect.provideService(CircuitBreaker, {
            refusal: () => undefined,
            ended: (_, error) => void ended.push(error?.reason._tag ?? "answered")
          }),
          Effect.provide(connected(simulator, { variables: { RATE_LIMIT_SHARE: "0.05" } }))
        )
        assert.strictEqual(error.reason._tag, "Throttled")
        assert.strictEqual(error.outcome, "throttled")
        assert.strictEqual(callsOf(simulator).calls, 1)
        assert.deepStrictEqual({ calls: meter.calls, throttles: meter.throttles }, { calls: 1, throttles: 1 })
        // Refused for its rate, it was there; and what waits for a token says nothing of the service.
        assert.isTrue(ended.every((tag) => tag === "Throttled"))
      })
  )

  it.effect("a call that waited for its token until no time was left says nothing of the service", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const ended: Array<string> = []
      const results = yield* Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        const calls = yield* Effect.forEach(Array.from({ length: 6 }), () => Effect.result(topics), { concurrency: "unbounded" }).pipe(
          Effect.provideService(Deadline, now + 1000),
          Effect.provideService(CircuitBreaker, {
            refusal: () => undefined,
            ended: (_, error) => void ended.push(error?.reason._tag ?? "answered")
          }),
          Effect.forkChild
        )
        yield* until(() => callsOf(simulator).calls === 1 && ended.length === 1)
        yield* TestClock.adjust("1 second")
        return yield* Fiber.join(calls)
      }).pipe(Effect.provide(connected(simulator, { variables: { RATE_LIMIT_SHARE: "0.05" } })))
      const failures = results.flatMap((result) => result._tag === "Failure" ? [result.failure] : [])
      assert.isAtLeast(failures.length, 4)
      for (const { reason } of failures) {
        assert.strictEqual(reason._tag, "TimedOut")
        assert.include(reason.message, "waited for the rate limit")
      }
      assert.deepStrictEqual(ended, Array.from({ length: 6 - failures.length }, () => "answered"))
    }))

  it.live("a hang ends at the deadline of the work that it belongs to", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "hang" } }] })
      const before = performance.now()
      for (const protocol of protocols) {
        const deadline = (yield* Clock.currentTimeMillis) + 100
        const error = yield* Effect.flip(probes[protocol]).pipe(
          Effect.provideService(Deadline, deadline),
          Effect.provide(connected(simulator))
        )
        assert.strictEqual(error.reason._tag, "TimedOut", protocol)
      }
      assert.isBelow(performance.now() - before, 100 * protocols.length + 2000)
      yield* until(() => inFlight(simulator) === 0)
    }))

  it.live("cancelled, it aborts the request in flight and is over within a second", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "hang" } }] })
      const layer = yield* Layer.build(connected(simulator))
      const all = Effect.forEach(protocols, (protocol) => probes[protocol], { concurrency: "unbounded" })
      const fiber = yield* Effect.forkChild(Effect.provide(all, layer))
      yield* until(() => callsOf(simulator).calls === protocols.length)
      assert.strictEqual(inFlight(simulator), protocols.length)
      const before = performance.now()
      yield* Fiber.interrupt(fiber)
      yield* until(() => inFlight(simulator) === 0)
      assert.isBelow(performance.now() - before, 1000)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }))

  it.effect("cancelled while it waits to repeat a call, it sends nothing more", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "throttle" } }] })
      const meter = makeCallCounts()
      const fiber = yield* topics.pipe(
        jitter(0.9),
        Effect.provideService(CallMeter, meter),
        Effect.provide(connected(simulator)),
        Effect.forkChild
      )
      yield* until(() => meter.retries === 1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(callsOf(simulator).calls, 1)
    }))

  it.live("MAX_CONCURRENT_CALLS bounds what is in flight", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, latency: 5 })
      yield* Effect.forEach(Array.from({ length: 24 }), () => topics, { concurrency: "unbounded" }).pipe(
        Effect.provide(connected(simulator, { variables: { MAX_CONCURRENT_CALLS: "3" } }))
      )
      assert.strictEqual(simulator.maxInFlight(), 3)
      assert.strictEqual(callsOf(simulator).calls, 24)
    }))

  it("the meter counts what AWS counts", () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        (seed, throttles, faults) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({
              estate,
              seed,
              rules: [
                { match: { probability: throttles }, fault: { type: "throttle" } },
                { match: { probability: faults }, fault: { type: "reset" } }
              ]
            })
            const meter = makeCallCounts()
            let sent = 0
            yield* Effect.forEach(protocols, (protocol) => {
              sent++
              return Effect.result(probes[protocol])
            }, { concurrency: 3 }).pipe(
              jitter(0),
              Effect.provideService(CallMeter, meter),
              Effect.provide(connected(simulator)),
              hurried
            )
            const { calls } = callsOf(simulator)
            assert.strictEqual(meter.calls, calls)
            assert.strictEqual(meter.retries, calls - sent)
            // A connection that was reset carried no refusal.
            const told = simulator.calls().reduce((sum, row) => sum + row.throttled, 0)
            assert.strictEqual(meter.throttles, told)
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it.live("no secret in any error or span", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, verifySignatures: true })
      const secret = "PLANTED/secret+0123456789abcdefghijklmno"
      const token = "PLANTED-token-0123456789"
      const account = {
        ...accountOf(simulator),
        credentials: () =>
          Promise.resolve({ ...simulator.credentials(), secretAccessKey: secret, sessionToken: token })
      }
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const seen: Array<unknown> = []
      yield* Effect.gen(function*() {
        for (const protocol of protocols) {
          for (const fault of [undefined, ...table.map(({ fault }) => fault)]) {
            const remove = fault === undefined ? () => {} : simulator.rule({ fault })
            const exit = yield* Effect.exit(probes[protocol]).pipe(jitter(0))
            assert.isTrue(Exit.isFailure(exit))
            if (Exit.isFailure(exit)) seen.push(exit.cause, Cause.pretty(exit.cause), String(Cause.squash(exit.cause)))
            remove()
          }
        }
      }).pipe(
        Effect.provide(connected(simulator, { account, pacer: unpaced })),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      assert.strictEqual(spans.length, protocols.length * (table.length + 1))
      for (const span of spans) seen.push(span.name, [...span.attributes], span.events, span.status)
      const text = JSON.stringify(seen, (_, value: unknown) => typeof value === "bigint" ? `${value}` : value)
      assert.isAbove(text.length, 10_000)
      assert.notInclude(text, "PLANTED")
      assert.notInclude(text, encodeURIComponent(secret))
    }))

  it.live("a span names service, operation, Region, account and attempts", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ match: { nth: 1 }, fault: { type: "throttle" } }] })
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      yield* Aws.send(EC2Client, new DescribeRegionsCommand({})).pipe(
        jitter(0),
        Effect.provide(connected(simulator)),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      const span = spans.find(({ name }) => name === "Aws.send")
      assert.deepInclude(Object.fromEntries(span?.attributes ?? []), {
        "aws.operation": "DescribeRegions",
        "aws.region": "us-east-1",
        "aws.account": "111122223333",
        "aws.attempts": 2
      })
    }))
})
