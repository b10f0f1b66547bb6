import { Leases, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as fc from "fast-check"
import { TestClock } from "effect/testing"
import { backends } from "./Backends.ts"

describe.each(backends())("leases in $name", ({ fresh }) => {
  it.effect("belong to one holder until they are given back or over", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      // Two processes, as far as the store knows.
      const [one, two] = yield* Effect.all([Layer.build(Layer.fresh(Store.layer(url))), Layer.build(Layer.fresh(Store.layer(url)))])
      const a = yield* Effect.provide(Leases, one)
      const b = yield* Effect.provide(Leases, two)
      assert.isTrue(yield* a.take("snapshot", "a", 60_000))
      assert.isFalse(yield* b.take("snapshot", "b", 60_000))
      assert.isTrue(yield* b.take("another", "b", 60_000))
      yield* b.giveBack("snapshot", "b")
      assert.isFalse(yield* b.take("snapshot", "b", 60_000))
      yield* TestClock.adjust("59 seconds")
      // Held for as long again.
      assert.isTrue(yield* a.take("snapshot", "a", 60_000))
      yield* TestClock.adjust("59 seconds")
      assert.isFalse(yield* b.take("snapshot", "b", 60_000))
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* b.take("snapshot", "b", 60_000))
      assert.isFalse(yield* a.take("snapshot", "a", 60_000))
      yield* b.giveBack("snapshot", "b")
      assert.isTrue(yield* a.take("snapshot", "a", 60_000))
    }).pipe(Effect.scoped))

  it.effect("are never two holders' at once, whoever asks when", () =>
    Effect.gen(function*() {
      const { giveBack, take } = yield* Effect.provide(Leases, yield* Layer.build(Store.layer(yield* fresh)))
      const steps = fc.array(
        fc.record({ holder: fc.constantFrom("a", "b", "c"), wait: fc.nat(40), isBack: fc.boolean() }),
        { maxLength: 12 }
      )
      let number = 0
      yield* Effect.promise((signal) =>
        fc.assert(
          fc.asyncProperty(steps, (steps) =>
            Effect.runPromise(
              Effect.gen(function*() {
                const name = `lease ${number++}`
                let held: { readonly holder: string; readonly until: number } | undefined
                let now = 0
                for (const { holder, isBack, wait } of steps) {
                  yield* TestClock.adjust(wait)
                  now += wait
                  const isFree = held === undefined || held.until <= now || held.holder === holder
                  if (isBack) {
                    yield* giveBack(name, holder)
                    if (held?.holder === holder) held = undefined
                    continue
                  }
                  assert.strictEqual(yield* take(name, holder, 30), isFree)
                  if (isFree) held = { holder, until: now + 30 }
                }
              }).pipe(Effect.provide(TestClock.layer())),
              { signal }
            )),
          { numRuns: 100 }
        )
      )
    }).pipe(Effect.scoped))
})
