/**
 * The pages of a list, one after the other, within the {@link PageBudget}.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { CurrentPages, type Page } from "./PageBudget.ts"

/**
 * What one call of a list answers: its items, and the token of the next page
 * where there is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fetched<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next: string | undefined
}

/** A page that is asked for already. */
interface Ahead<Item, E> {
  readonly page: Page
  readonly fiber: Fiber.Fiber<Fetched<Item>, E>
}

/**
 * Streams the pages that `fetch` answers, without those that hold nothing. The
 * next page is asked for while the last one is worked on, where the budget has
 * room for it; a page counts as taken when the one after it is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Item, E, R>(
  operation: string,
  fetch: (token: string | undefined) => Effect.Effect<Fetched<Item>, E, R>
): Stream.Stream<ReadonlyArray<Item>, E, R> =>
  Stream.unwrap(Effect.map(CurrentPages, (pages) => {
    let token: string | undefined
    let isLast = false
    let taken: Page | undefined
    let ahead: Ahead<Item, E> | undefined

    const pull: Effect.Effect<readonly [ReadonlyArray<Item>], E | Cause.Done, R> = Effect.gen(function*() {
      for (;;) {
        taken?.release()
        if (isLast) return yield* Cause.done()
        let answer: Fetched<Item>
        if (ahead === undefined) {
          taken = yield* pages.admit(operation)
          answer = yield* fetch(token)
        } else {
          const { fiber, page } = ahead
          taken = page
          ahead = undefined
          answer = yield* Fiber.join(fiber).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
        }
        const { items, next } = answer
        taken.holds(items.length)
        token = next
        isLast = next === undefined
        const page = isLast ? undefined : pages.tryAdmit(operation)
        if (page !== undefined) ahead = { page, fiber: yield* Effect.forkDetach(fetch(token)) }
        if (items.length > 0) return [items] as const
      }
    })

    return Stream.fromPull(Effect.succeed(pull)).pipe(
      Stream.ensuring(Effect.suspend(() => {
        taken?.release()
        ahead?.page.release()
        return ahead === undefined ? Effect.void : Fiber.interrupt(ahead.fiber)
      }))
    )
  }))
