import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import * as Alarm from "../src/Alarm.ts"

describe("Alarm", () => {
  it.effect("rings each limit once, when it is due, and none that was taken back", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 1000 }), takenBackAt: fc.option(fc.integer({ min: 0, max: 1000 })) }), { maxLength: 20 }),
        async (limits) => {
          const rung = await Effect.runPromise(Effect.gen(function*() {
            const alarm = yield* Alarm.make
            const rung: Array<readonly [limit: number, at: number]> = []
            let now = 0
            const takeBack = limits.map(({ at }, index) => alarm.set(at, () => rung.push([index, now])))
            for (const step of new Set(limits.flatMap(({ at, takenBackAt }) => [at, takenBackAt ?? at]).toSorted((a, b) => a - b))) {
              yield* TestClock.adjust(step - now - 1 > 0 ? step - now - 1 : 0)
              now = step
              for (const [index, { takenBackAt }] of limits.entries()) if (takenBackAt === step) takeBack[index]!()
              yield* TestClock.setTime(step)
            }
            return rung
          }).pipe(Effect.scoped, Effect.provide(TestClock.layer())))
          const expected = limits.flatMap(({ at, takenBackAt }, index) =>
            takenBackAt !== null && takenBackAt <= at ? [] : [[index, at] as const])
          assert.sameDeepMembers(rung, expected)
        }
      ), { numRuns: 100 })
    ))
})
