import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { TokenBucket } from "../src/TokenBucket.ts"

const limits = fc.record({
  capacity: fc.double({ min: 0.5, max: 50, noNaN: true }),
  rate: fc.double({ min: 0.5, max: 100, noNaN: true })
})

const event = fc.record({
  after: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5000)),
  kind: fc.constantFrom("take", "take", "take", "take", "throttled", "succeeded"),
  lag: fc.nat(2000)
})

/** How long an empty bucket lets one wait for a token: the inverse of its rate. */
const drained = (bucket: TokenBucket, now: number): number => {
  for (;;) {
    const wait = bucket.take(now)
    if (wait > 0) return wait
  }
}

describe("TokenBucket", () => {
  it("Property 21: over any window at most capacity + rate × t pass", () =>
    fc.assert(
      fc.property(limits, fc.array(event, { maxLength: 120 }), ({ capacity, rate }, events) => {
        const bucket = new TokenBucket({ capacity, rate, now: 0 })
        const passed: Array<number> = []
        let now = 0
        for (const { after, kind, lag } of events) {
          now += after
          if (kind === "throttled") bucket.throttled(now, Math.max(0, now - lag))
          else if (kind === "succeeded") bucket.succeeded(now)
          else if (bucket.take(now) === 0) passed.push(now)
        }
        for (let from = 0; from < passed.length; from++) {
          for (let to = from; to < passed.length; to++) {
            const allowed = Math.max(1, capacity) + (rate * (passed[to]! - passed[from]!)) / 1000
            assert.isAtMost(to - from + 1, allowed + 1e-6)
          }
        }
      }),
      { numRuns: 300 }
    ))

  it("waiting as long as it says is enough, and a millisecond less is not", () =>
    fc.assert(
      fc.property(limits, fc.nat(100_000), ({ capacity, rate }, start) => {
        const bucket = new TokenBucket({ capacity, rate, now: start })
        const wait = drained(bucket, start)
        if (wait > 1) assert.isAbove(bucket.take(start + wait - 1), 0)
        // A sum of fractions may fall short of the whole by a hair.
        if (bucket.take(start + wait) > 0) assert.strictEqual(bucket.take(start + wait + 1), 0)
      })
    ))

  it("starts full and never saves more than its capacity", () =>
    fc.assert(
      fc.property(limits, fc.nat(10_000_000), ({ capacity, rate }, idle) => {
        const bucket = new TokenBucket({ capacity, rate, now: 0 })
        let passed = 0
        while (bucket.take(idle) === 0) passed++
        assert.strictEqual(passed, Math.floor(Math.max(1, capacity)))
      })
    ))

  it("a congestion halves the rate once, however many calls tell of it, down to a sixty-fourth", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 100, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 }),
        (rate, congestions) => {
          const bucket = new TokenBucket({ capacity: 5, rate, now: 0 })
          let now = 0
          congestions.forEach((told, index) => {
            const sentAt = now
            now += 10
            // All of them were under way when the first was refused.
            for (let one = 0; one < told; one++) bucket.throttled(now, sentAt)
            const expected = 1000 / Math.max(rate / 2 ** (index + 1), rate / 64)
            assert.isAtMost(Math.abs(bucket.take(now) - expected), 1 + 1e-6)
            now += 1000
          })
        }
      )
    ))

  it("what is given back can be taken again, and no more than fits in", () =>
    fc.assert(
      // Quarters, which are exact.
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(100), fc.nat(100), (quarters, taken, back) => {
        const capacity = quarters / 4
        const bucket = new TokenBucket({ capacity, rate: 5, now: 0 })
        const whole = Math.max(1, capacity)
        let used = 0
        while (used < taken && bucket.take(0) === 0) used++
        bucket.giveBack(0, back)
        let again = 0
        while (bucket.take(0) === 0) again++
        assert.strictEqual(again, Math.floor(Math.min(whole, whole - used + back)))
      })
    ))

  it("tells how long many tokens take to come, also more than fit in", () => {
    const bucket = new TokenBucket({ capacity: 10, rate: 5, now: 0 })
    assert.deepStrictEqual([1, 10, 11, 60].map((count) => bucket.wait(0, count)), [0, 0, 200, 10_000])
    bucket.throttled(0, 0)
    assert.strictEqual(bucket.rate, 2.5)
    assert.deepStrictEqual([1, 10].map((count) => bucket.wait(0, count)), [400, 4000])
  })

  it("an empty bucket fills at its rate", () => {
    const bucket = new TokenBucket({ capacity: 10, rate: 5, now: 1000, empty: true })
    assert.strictEqual(bucket.take(1000), 200)
    assert.strictEqual(bucket.take(1200), 0)
  })

  it("a congestion takes what was saved", () => {
    const bucket = new TokenBucket({ capacity: 10, rate: 1, now: 0 })
    bucket.throttled(0, 0)
    assert.strictEqual(bucket.take(0), 2000)
  })

  it("successes give back a twentieth each, up to the full rate and no further", () =>
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 100, noNaN: true }), fc.nat(40), (rate, successes) => {
        const bucket = new TokenBucket({ capacity: 1, rate, now: 0 })
        bucket.throttled(0, 0)
        for (let one = 0; one < successes; one++) bucket.succeeded(0)
        const expected = 1000 / Math.min(rate, rate / 2 + (successes * rate) / 20)
        assert.isAtMost(Math.abs(bucket.take(0) - expected), 1 + 1e-6)
      })
    ))
})
