/**
 * Clears away what a journal in SQLite does not need any more: old cells, and
 * pages that were replaced or never finished.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as CommitQueue from "./CommitQueue.ts"
import { pagesOf } from "./JournalPages.ts"
import type { Statements } from "./SqliteJournal.ts"

const dayMs = 86_400_000

interface OldCell {
  readonly estate: string
  readonly variant: string
  readonly account: string
  readonly region: string
  readonly type: string
  readonly attempt: number
}

/** What is deleted in one commit, in characters, so that nobody waits for long. */
export const tidySize = 500_000

/**
 * Clears away what is not needed any more, a little at a time, so that everything else has its turn.
 *
 * - `wake`: there is something to clear away
 * - `done`: clears it away now, unless the journal does not work
 */
export interface Tidying {
  readonly wake: () => void
  readonly done: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  statements: Statements,
  queue: CommitQueue.CommitQueue
): Effect.fn.Return<Tidying, never, Scope.Scope> {
  const awake = yield* Latch.make()
  const turn = yield* Semaphore.make(1)

  /** One commit's part of the work; whether nothing is left to do. */
  const step = (now: number): boolean => {
    const old = statements.oldCells.all(now - 90 * dayMs) as unknown as ReadonlyArray<OldCell>
    for (const { account, attempt, estate, region, type, variant } of old) {
      statements.discard.run(attempt)
      statements.dropCell.run(estate, variant, account, region, type)
    }
    const attempt = statements.discarded.get() as { readonly id: number } | undefined
    if (attempt === undefined) return true
    const pages = statements.sizes.all(attempt.id * pagesOf, (attempt.id + 1) * pagesOf) as unknown as
      ReadonlyArray<{ readonly id: number; readonly size: number }>
    let size = 0
    const last = pages.find((page) => (size += page.size) >= tidySize) ?? pages.at(-1)
    if (last === undefined) statements.dropAttempt.run(attempt.id)
    else statements.dropPages.run(attempt.id * pagesOf, last.id)
    return false
  }

  const done = turn.withPermit(Effect.gen(function*() {
    const state = { isClean: false }
    while (!state.isClean && queue.failure() === undefined) {
      const now = yield* Clock.currentTimeMillis
      queue.add({ size: tidySize, make: () => void (state.isClean = step(now)) })
      yield* queue.settled
    }
  }))

  yield* awake.await.pipe(
    Effect.andThen(awake.close),
    Effect.andThen(done),
    Effect.forever,
    Effect.forkScoped
  )
  return { wake: () => awake.openUnsafe(), done }
})
