/**
 * Work that is done once, however many ask for it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/**
 * The first who asks starts the work; whoever asks meanwhile waits for the same.
 * A success is remembered for as long as the scope lives, a failure is told to
 * those who wait and asked anew by the next. The work goes on when somebody who
 * waits for it is interrupted: others may be waiting, too.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A, E, R>(work: Effect.Effect<A, E, R>, scope: Scope.Scope): Effect.Effect<A, E, R> => {
  let known: Fiber.Fiber<A, E> | undefined
  return Effect.suspend(() =>
    known !== undefined ? Fiber.join(known) : Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkIn(Effect.interruptible(work), scope), (fiber) => {
        known = fiber
        fiber.addObserver((exit) => {
          if (Exit.isFailure(exit) && known === fiber) known = undefined
        })
        return restore(Fiber.join(fiber))
      })
    )
  )
}
