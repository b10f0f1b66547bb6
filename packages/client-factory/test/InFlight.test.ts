import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { InFlight } from "../src/InFlight.ts"

describe("InFlight", () => {
  it.effect("seats are given in the order in which they were asked for, and nobody overtakes who waits", () =>
    Effect.gen(function*() {
      const seats = new InFlight(2)
      const [one, two] = [seats.seat(), seats.seat()]
      assert.isTrue(one.tryTake() && two.tryTake())
      const order: Array<number> = []
      const waiting = [3, 4, 5].map((who) => ({ who, seat: seats.seat() }))
      const fibers: Array<Fiber.Fiber<void>> = []
      for (const { seat, who } of waiting) {
        fibers.push(yield* Effect.forkChild(Effect.map(seat.take, () => void order.push(who)), { startImmediately: true }))
      }
      assert.isFalse(seats.seat().tryTake())
      yield* one.release
      assert.isFalse(seats.seat().tryTake())
      yield* two.release
      yield* Fiber.join(fibers[0]!)
      yield* Fiber.join(fibers[1]!)
      assert.deepStrictEqual(order, [3, 4])
      yield* waiting[0]!.seat.release
      yield* Fiber.join(fibers[2]!)
      assert.deepStrictEqual(order, [3, 4, 5])
    }))

  it.effect("whoever leaves, waiting or seated, leaves the seat to others; a seat is freed once", () =>
    Effect.gen(function*() {
      const seats = new InFlight(1)
      const first = seats.seat()
      yield* first.take
      yield* first.take
      const gone = seats.seat()
      const fiber = yield* Effect.forkChild(gone.take, { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      yield* gone.release
      yield* first.release
      yield* first.release
      const [next, last] = [seats.seat(), seats.seat()]
      assert.isTrue(next.tryTake())
      assert.isFalse(last.tryTake())
    }))

  it.effect("a thousand hand-overs in a row need no stack", () =>
    Effect.gen(function*() {
      const seats = new InFlight(1)
      const first = seats.seat()
      yield* first.take
      let done = 0
      const turn = Effect.suspend(() => {
        const seat = seats.seat()
        return Effect.andThen(seat.take, Effect.suspend(() => {
          done++
          return seat.release
        }))
      })
      const all = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 10_000 }), () => turn, { concurrency: "unbounded", discard: true }),
        { startImmediately: true }
      )
      yield* first.release
      yield* Fiber.join(all)
      assert.strictEqual(done, 10_000)
    }))
})
