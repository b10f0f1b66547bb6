/** Time that passes only while nothing happens, so that hours of waiting are over at once. */
import type { Simulator } from "./Estates.ts"
import { Clock, Duration, Effect } from "effect"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Turns without anything happening after which everybody is taken to wait for the time. */
const quietTurns = 12

/** Longer than the simulator is slow on purpose. */
const turnMs = 2

/**
 * Runs an effect by a clock of its own. It goes as real time does; when all is
 * quiet for a while, when the simulator neither gets a call nor ends one, it
 * leaps to when the next sleeper wakes. A busy machine makes everything slower,
 * but nothing late.
 */
export const leaping = (simulator: Simulator) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const sleepers = new Set<Sleeper>()
    const begun = performance.now()
    let leapt = Date.now()
    const now = () => Math.floor(leapt + performance.now() - begun)
    const nanos = () => BigInt(now()) * 1_000_000n

    const ring = (): void => {
      for (const sleeper of sleepers) if (sleeper.at <= now() && sleepers.delete(sleeper)) sleeper.wake()
    }
    const activity = (): number => {
      let sum = 0
      for (const { bytes, calls, errors } of simulator.calls()) sum += calls + errors + bytes
      return sum + sleepers.size
    }
    let quiet = 0
    let before = -1
    const turn = (): void => {
      ring()
      const after = activity()
      quiet = after === before ? quiet + 1 : 0
      before = after
      if (quiet < quietTurns) return
      quiet = 0
      const next = Math.min(...[...sleepers].map(({ at }) => at))
      if (next > now() && next < Number.POSITIVE_INFINITY) leapt += next - now()
      ring()
    }
    const timer = setInterval(turn, turnMs)
    const clock: Clock.Clock = {
      currentTimeMillisUnsafe: now,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) =>
        Effect.callback<void>((resume) => {
          const sleeper = { at: now() + Duration.toMillis(duration), wake: () => resume(Effect.void) }
          sleepers.add(sleeper)
          return Effect.sync(() => sleepers.delete(sleeper))
        })
    }
    return effect.pipe(
      Effect.provideService(Clock.Clock, clock),
      Effect.ensuring(Effect.sync(() => clearInterval(timer)))
    )
  })
