/**
 * Writes in groups: many small changes make one commit, and nobody waits for
 * the disk who does not have to.
 *
 * @since 0.1.0
 */
import type { DatabaseSync } from "node:sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { isBusy } from "./Database.ts"

/**
 * A change of the database. It may be made again after a commit that did not
 * succeed, of which nothing is left then.
 */
export interface Change {
  readonly make: () => void
  /** Forgets what `make` learned from a commit that did not succeed. */
  readonly undo?: () => void
  /** How much it holds in memory until it is committed, in characters. */
  readonly size: number
}

/**
 * - `add`: queues a change; `true` when so much is waiting that the caller should wait as well
 * - `settled`: waits until all that was added so far is committed, or given up
 * - `failure`: why nothing is written any more; the queue then drops what it is given
 * - `revive`: tries again from here on
 */
export interface CommitQueue {
  readonly add: (change: Change) => boolean
  readonly settled: Effect.Effect<void>
  readonly failure: () => string | undefined
  readonly revive: () => void
}

/** What one commit holds at most: some milliseconds of work, in which nothing else is done. */
const commitSize = 1_000_000
/** What may wait in memory. */
const queueSize = 4_000_000

/** How long another process may hold the file before we give up, milliseconds. */
export const patience = 15_000

/**
 * A queue over a database, which is worked on while the scope lives, and to its
 * end when it closes. `trouble` says before each commit why there is no use in
 * it: SQLite goes on writing into a file that somebody has removed.
 */
export const make = Effect.fnUntraced(function*(
  database: DatabaseSync,
  trouble: () => string | undefined = () => undefined
): Effect.fn.Return<CommitQueue, never, Scope.Scope> {
  const awake = yield* Latch.make()
  let waiting: Array<Change> = []
  let waitingSize = 0
  let failure: string | undefined
  /** How many changes were ever added, and how many of them are committed. */
  let added = 0
  let committed = 0
  let listeners: Array<{ readonly from: number; readonly ready: Deferred.Deferred<void> }> = []

  const announce = Effect.suspend(() => {
    const isReady = ({ from }: { readonly from: number }) => failure !== undefined || from <= committed
    const ready = listeners.filter(isReady)
    listeners = listeners.filter((listener) => !isReady(listener))
    return Effect.forEach(ready, (listener) => Deferred.succeed(listener.ready, undefined), { discard: true })
  })

  const commitNext = Effect.gen(function*() {
    let size = 0
    let count = 0
    while (count < waiting.length && size < commitSize) size += waiting[count++]!.size
    const changes = waiting.slice(0, count)
    const outcome = yield* commit(database, changes, trouble).pipe(
      Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (outcome) => outcome !== "busy" }),
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.succeed({ failure: "another process keeps the database locked" })
      })
    )
    if (typeof outcome === "object") {
      failure = outcome.failure
      waiting = []
      waitingSize = 0
    } else {
      waiting = waiting.slice(count)
      waitingSize -= size
      committed += count
    }
    yield* announce
  })

  yield* awake.await.pipe(
    // Lets those come in who have something to write at the same time.
    Effect.andThen(Effect.yieldNow),
    Effect.andThen(commitNext),
    Effect.andThen(Effect.suspend(() => waiting.length === 0 ? awake.close : Effect.void)),
    Effect.forever,
    Effect.forkScoped
  )

  const settled = Effect.suspend(() => {
    if (failure !== undefined || committed === added) return Effect.void
    const ready = Deferred.makeUnsafe<void>()
    listeners.push({ from: added, ready })
    return Deferred.await(ready)
  })
  yield* Effect.addFinalizer(() => settled)

  return {
    add: (change) => {
      if (failure !== undefined) return false
      waiting.push(change)
      waitingSize += change.size
      added++
      awake.openUnsafe()
      return waitingSize > queueSize
    },
    settled,
    failure: () => failure,
    revive: () => {
      if (failure === undefined) return
      failure = undefined
      committed = added
    }
  }
})

/** Makes all of the changes or none. `"busy"`: another process is writing. */
export const commit = (
  database: DatabaseSync,
  changes: ReadonlyArray<Change>,
  trouble: () => string | undefined
): Effect.Effect<"committed" | "busy" | { readonly failure: string }> =>
  Effect.sync(() => {
    const failure = trouble()
    if (failure !== undefined) return { failure }
    let isOpen = false
    try {
      database.exec("BEGIN IMMEDIATE")
      isOpen = true
      for (const change of changes) change.make()
      database.exec("COMMIT")
      return "committed"
    } catch (cause) {
      for (const change of changes) change.undo?.()
      // A full disk ends the transaction by itself.
      if (isOpen && database.isTransaction) database.exec("ROLLBACK")
      return isBusy(cause) ? "busy" : { failure: cause instanceof Error ? cause.message : String(cause) }
    }
  })
