/**
 * One timer for any number of time limits.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/**
 * `ring` is called once at `at` (milliseconds since the epoch) or a moment
 * later, unless the answered function was called before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Alarm {
  readonly set: (at: number, ring: () => void) => () => unknown
}

/**
 * Makes an alarm that lives as long as its scope. A limit costs an entry in a
 * set: racing each call against a sleep of its own costs two fibers and a
 * timer, a seventh of what a whole call computes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Alarm, never, Scope.Scope> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const run = Effect.runForkWith(yield* Effect.context())
  const limits = new Set<{ readonly at: number; readonly ring: () => void }>()
  let wakesAt = Number.POSITIVE_INFINITY
  let sleeper: Fiber.Fiber<void> | undefined

  const sleepUntil = (at: number): void => {
    sleeper?.interruptUnsafe()
    wakesAt = at
    sleeper = run(Effect.andThen(
      clock.sleep(Duration.millis(Math.max(0, at - clock.currentTimeMillisUnsafe()))),
      Effect.sync(ringAll)
    ))
  }

  const ringAll = (): void => {
    sleeper = undefined
    wakesAt = Number.POSITIVE_INFINITY
    const now = clock.currentTimeMillisUnsafe()
    let earliest = Number.POSITIVE_INFINITY
    for (const limit of limits) {
      if (limit.at > now) earliest = Math.min(earliest, limit.at)
      else if (limits.delete(limit)) limit.ring()
    }
    if (earliest < wakesAt) sleepUntil(earliest)
  }

  yield* Effect.addFinalizer(() => Effect.sync(() => sleeper?.interruptUnsafe()))

  return {
    set: (at, ring) => {
      const limit = { at, ring }
      limits.add(limit)
      if (at < wakesAt) sleepUntil(at)
      return () => limits.delete(limit)
    }
  }
})
