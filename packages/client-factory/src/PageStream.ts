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
 * Streams the pages that `fetch` answers, without those that hold nothing. `fetch`
 * is told by `isMet` whether a token leads back to where the list was before. The
 * next page is asked for while the last one is worked on, where the budget has
 * room for it; a page counts as taken when the one after it is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Item, E, R>(
  operation: string,
  fetch: (token: string | undefined, isMet: (next: string) => boolean) => Effect.Effect<Fetched<Item>, E, R>
): Stream.Stream<ReadonlyArray<Item>, E, R> =>
  Stream.unwrap(Effect.map(CurrentPages, (pages) => {
    const isMet = makeIsMet()
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
          answer = yield* fetch(token, isMet)
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
        if (page !== undefined) ahead = { page, fiber: yield* Effect.forkDetach(fetch(token, isMet)) }
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

/** Tells a list that goes in a circle, however wide, with one token remembered (R. P. Brent, 1980). */
const makeIsMet = (): (next: string) => boolean => {
  let remembered: string | undefined
  let steps = 0
  let most = 1
  return (next) => {
    if (next === remembered) return true
    if (++steps === most) {
      remembered = next
      steps = 0
      most *= 2
    }
    return false
  }
}
