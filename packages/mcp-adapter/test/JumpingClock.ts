/** A clock that goes on by itself and can be set ahead, waking whatever sleeps until then. */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface JumpingClock {
  readonly clock: Clock.Clock
  readonly jump: (ms: number) => void
}

export const make = (): JumpingClock => {
  let ahead = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  const now = () => Date.now() + ahead
  const nanos = () => process.hrtime.bigint() + BigInt(ahead) * 1_000_000n
  return {
    clock: {
      currentTimeMillisUnsafe: now,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) =>
        Effect.callback((resume) => {
          const ms = Duration.toMillis(duration)
          if (ms === Number.POSITIVE_INFINITY) return
          const wake = () => {
            clearTimeout(timer)
            sleepers.delete(sleeper)
            resume(Effect.void)
          }
          const sleeper = { at: now() + ms, wake }
          const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1))
          sleepers.add(sleeper)
          return Effect.sync(() => {
            clearTimeout(timer)
            sleepers.delete(sleeper)
          })
        })
    },
    jump: (ms) => {
      ahead += ms
      for (const sleeper of sleepers) if (sleeper.at <= now()) sleeper.wake()
    }
  }
}
