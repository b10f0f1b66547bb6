/**
 * Identical work that is asked for at the same time is done once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

interface Flight<A, E> {
  readonly fiber: Fiber.Fiber<A, E>
  waiting: number
}

/**
 * Joins callers by key: the first one's work runs, the others wait for it. It
 * goes on while anybody waits, and is interrupted when nobody does any more.
 * Nothing is remembered afterwards, failures neither.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A, E>(): Effect.Effect<
  (key: string, work: Effect.Effect<A, E>) => Effect.Effect<A, E>,
  never,
  Scope.Scope
> =>
  Effect.map(Effect.scope, (scope) => {
    const flights = new Map<string, Flight<A, E>>()

    const leave = (key: string, flight: Flight<A, E>): Effect.Effect<void> =>
      Effect.suspend(() => {
        flight.waiting--
        if (flight.waiting > 0) return Effect.void
        if (flights.get(key) === flight) flights.delete(key)
        return Fiber.interrupt(flight.fiber)
      })

    return (key, work) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          let flight = flights.get(key)
          if (flight === undefined) {
            const taken: Flight<A, E> = { fiber: yield* Effect.forkIn(Effect.interruptible(work), scope), waiting: 0 }
            // What has landed takes no more passengers.
            taken.fiber.addObserver(() => {
              if (flights.get(key) === taken) flights.delete(key)
            })
            flights.set(key, taken)
            flight = taken
          }
          const joined = flight
          joined.waiting++
          return yield* Effect.ensuring(restore(Fiber.join(joined.fiber)), leave(key, joined))
        })
      )
  })
