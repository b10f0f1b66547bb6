import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { CostPeriod, Money } from "../src/index.ts"

describe("Money", () => {
  it("reads amounts as AWS and files write them, rounding down", () => {
    const cases: ReadonlyArray<readonly [string, bigint | undefined]> = [
      ["12.5", 12_500_000_000_000n],
      ["0.0000012345", 1_234_500n],
      ["1E-7", 100_000n],
      ["-3", -3_000_000_000_000n],
      ["1.0000000000009", 1_000_000_000_000n],
      ["-0.0000000000001", -1n],
      ["1e3", 1_000_000_000_000_000n],
      [".5", 500_000_000_000n],
      ["", undefined],
      [".", undefined],
      ["NaN", undefined],
      ["1,5", undefined],
      ["0x10", undefined],
      ["1e9999", undefined]
    ]
    for (const [text, amount] of cases) assert.strictEqual(Money.parse(text), amount, text)
  })

  it("shares come to what was shared, each within one unit of its weight's part", () => {
    fc.assert(fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 24n }),
      fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 50 }),
      (amount, weights) => {
        const shares = Money.share(amount, weights)
        const total = weights.reduce((a, b) => a + b, 0n)
        assert.strictEqual(shares.reduce((a, b) => a + b, 0n), total === 0n ? 0n : amount)
        for (const [at, share] of shares.entries()) {
          if (weights[at] === 0n) assert.strictEqual(share, 0n)
          else {
            const distance = share * total - amount * weights[at]!
            assert.isTrue(distance > -total && distance <= total)
          }
        }
      }
    ), { numRuns: 200 })
  })
})

describe("CostPeriod", () => {
  const today = Date.UTC(2026, 10, 21, 13)

  it.effect("is the last 30 complete days by default, without the end", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(today)
      assert.deepStrictEqual(yield* CostPeriod.make(), { start: "2026-10-22", end: "2026-11-21" })
      assert.deepStrictEqual(yield* CostPeriod.make({ end: "2026-03-01" }), { start: "2026-01-30", end: "2026-03-01" })
      assert.deepStrictEqual(yield* CostPeriod.make({ start: "2026-11-10" }), { start: "2026-11-10", end: "2026-11-21" })
      const year = { start: "2025-11-21", end: "2026-11-21" }
      assert.deepStrictEqual(yield* CostPeriod.make(year), year)
      assert.strictEqual(CostPeriod.daysOf(year), 365)
    }))

  it.effect.each([
    [{ start: "2025-11-20", end: "2026-11-21" }, "366 days"],
    [{ start: "2026-11-02", end: "2026-11-02" }, "no day"],
    [{ start: "2026-11-03", end: "2026-11-02" }, "no day"],
    [{ start: "2026-02-30", end: "2026-03-02" }, "2026-02-30"],
    [{ start: "yesterday", end: "2026-03-02" }, "yesterday"],
    [{ start: "2026-11-21", end: "2026-11-22" }, "today"],
    [{ start: "2026-11-01", end: "2026-12-01" }, "ends after today"]
  ] as const)("refuses %j", ([given, problem]) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(today)
      assert.include((yield* Effect.flip(CostPeriod.make(given))).message, problem)
    }))
})
