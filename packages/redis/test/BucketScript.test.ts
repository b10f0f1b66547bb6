import { createClient } from "@redis/client"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { bucketScript } from "../src/BucketScript.ts"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"

/** The script, with a clock that the test sets. */
const clocked = bucketScript.replace(
  "redis.call('TIME')",
  "{ math.floor(tonumber(ARGV[#ARGV]) / 1000), (tonumber(ARGV[#ARGV]) % 1000) * 1000 }"
)

const connected = Effect.gen(function*() {
  const redis = yield* redisServer()
  return yield* Effect.acquireRelease(
    Effect.promise(() => createClient({ url: redis.url, RESP: 2 }).connect()),
    (client) => Effect.sync(() => client.destroy())
  )
})
type Client = Effect.Success<typeof connected>

interface Bucket {
  readonly capacity: number
  /** Calls per second. */
  readonly rate: number
}

const bucketOf = (client: Client, { capacity, rate }: Bucket) => {
  const run = <A>(op: string, now: number, ...args: ReadonlyArray<string | number>) =>
    client.sendCommand<A>(["EVAL", clocked, "2", "bucket", "processes", op, `${capacity}`, `${rate / 1000}`, ...args.map(String), `${now}`])
  return {
    take: async (now: number, options: { readonly count?: number; readonly successes?: number; readonly spent?: boolean; readonly who?: string } = {}) => {
      const { count = 1, spent = false, successes = 0, who = "one" } = options
      const answer = await run<readonly [number, string, number, string, string, number]>("take", now, count, successes, spent ? 1 : 0, who)
      return { granted: answer[0], wait: Number(answer[1]), reserved: answer[2] === 1, factor: Number(answer[4]), processes: answer[5] }
    },
    back: (now: number, count: number) => run("back", now, count),
    throttled: (now: number, agoMs: number) => run<string>("throttled", now, agoMs)
  }
}

const step = fc.record({
  after: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3000)),
  what: fc.constantFrom("take", "take", "take", "take", "throttled", "successes", "giveBack"),
  count: fc.integer({ min: 1, max: 10 })
})

describe.skipIf(!isInstalled)("the bucket in Redis", () => {
  it.live("Property 21: whoever asks, over any window at most capacity + rate × t pass, reserved ones when they are due", () =>
    Effect.gen(function*() {
      const client = yield* connected
      const limits = fc.record({
        capacity: fc.double({ min: 1, max: 20, noNaN: true }),
        rate: fc.double({ min: 0.5, max: 100, noNaN: true })
      })
      const runs = process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async (limit, steps) => {
            await client.sendCommand(["FLUSHALL"])
            const bucket = bucketOf(client, limit)
            /** When each token that was given may be used, and was not given back. */
            let passed: Array<number> = []
            let now = 1_000_000
            for (const { after, count, what } of steps) {
              now += after
              if (what === "throttled") await bucket.throttled(now, count)
              else if (what === "giveBack") {
                // The last ones, if they were not used before now.
                const unused = passed.filter((at) => at >= now).length
                const back = Math.min(unused, count)
                passed = passed.slice(0, passed.length - back)
                if (back > 0) await bucket.back(now, back)
              } else {
                const { granted, reserved, wait } = await bucket.take(now, { count, successes: what === "successes" ? count : 0 })
                for (let one = 0; one < granted; one++) passed.push(now)
                if (reserved) passed.push(now + wait)
                if (granted === 0) assert.isAbove(wait, 0)
              }
            }
            passed.sort((a, b) => a - b)
            passed.forEach((to, last) =>
              passed.slice(0, last + 1).forEach((from, first) =>
                assert.isAtMost(last - first + 1, limit.capacity + (limit.rate * (to - from)) / 1000 + 1e-3)
              )
            )
          }),
          { numRuns: runs }
        )
      )
    }))

  it.live("those who find it empty get the next tokens in the order in which they asked", () =>
    Effect.gen(function*() {
      const bucket = bucketOf(yield* connected, { capacity: 2, rate: 10 })
      yield* Effect.promise(async () => {
        assert.strictEqual((await bucket.take(5000, { count: 5 })).granted, 2)
        const waits: Array<number> = []
        for (let who = 0; who < 5; who++) {
          const { granted, reserved, wait } = await bucket.take(5000, { who: `${who}` })
          assert.deepStrictEqual([granted, reserved], [0, true])
          waits.push(Math.round(wait))
        }
        assert.deepStrictEqual(waits, [100, 200, 300, 400, 500])
        // What comes before the last of them is theirs.
        assert.strictEqual((await bucket.take(5450)).granted, 0)
        assert.strictEqual((await bucket.take(5750, { count: 9 })).granted, 1)
      })
    }))

  it.live("nothing is reserved further ahead than a second", () =>
    Effect.gen(function*() {
      const bucket = bucketOf(yield* connected, { capacity: 1, rate: 0.1 })
      yield* Effect.promise(async () => {
        assert.strictEqual((await bucket.take(0)).granted, 1)
        assert.deepInclude(await bucket.take(10), { granted: 0, reserved: false, wait: 1000 })
        assert.deepInclude(await bucket.take(9500), { granted: 0, reserved: true, wait: 500 })
      })
    }))

  it.live("one congestion halves the rate for all, once; successes bring it back", () =>
    Effect.gen(function*() {
      const bucket = bucketOf(yield* connected, { capacity: 10, rate: 10 })
      yield* Effect.promise(async () => {
        await bucket.take(1000)
        // Three calls that were under way together.
        assert.strictEqual(await bucket.throttled(1100, 100), "0.5")
        assert.strictEqual(await bucket.throttled(1110, 60), "0.5")
        assert.strictEqual(await bucket.throttled(1120, 90), "0.5")
        assert.strictEqual(await bucket.throttled(1300, 50), "0.25")
        const next = await bucket.take(1300)
        assert.deepStrictEqual([next.granted, Math.round(next.wait)], [0, 400])
        assert.approximately((await bucket.take(1800, { successes: 5 })).factor, 0.5, 1e-9)
        assert.strictEqual((await bucket.take(9000, { successes: 50 })).factor, 1)
      })
    }))

  it.live("a clock that goes back stops nothing, one that leaps ahead fills the bucket and no more", () =>
    Effect.gen(function*() {
      const bucket = bucketOf(yield* connected, { capacity: 3, rate: 10 })
      yield* Effect.promise(async () => {
        assert.strictEqual((await bucket.take(10_000_000, { count: 9 })).granted, 3)
        assert.strictEqual(Math.round((await bucket.take(1000)).wait), 100)
        assert.strictEqual((await bucket.take(1100)).granted, 0)
        assert.strictEqual((await bucket.take(1500, { count: 9 })).granted, 3)
        assert.strictEqual((await bucket.take(90_000_000, { count: 9 })).granted, 3)
      })
    }))

  it.live("who paced itself gives up what was saved; who is seen is counted; nothing stays for good", () =>
    Effect.gen(function*() {
      const client = yield* connected
      const bucket = bucketOf(client, { capacity: 3, rate: 10 })
      yield* Effect.promise(async () => {
        assert.deepInclude(await bucket.take(1000, { spent: true, who: "a" }), { granted: 0, processes: 1 })
        assert.strictEqual((await bucket.take(2000, { who: "b" })).processes, 2)
        assert.strictEqual((await bucket.take(61_500, { who: "b" })).processes, 1)
        for (const key of ["bucket", "processes"]) {
          const left = Number(await client.sendCommand(["PTTL", key]))
          assert.isTrue(left > 0 && left <= 61_000)
        }
      })
    }))
})
