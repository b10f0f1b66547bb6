/**
 * Writes in groups: many small changes make one commit, and nobody waits for
 * the disk who does not have to.
 *
 * @since 0.1.0
 */
import type { DatabaseSync } from "node:sqlite"

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
 * - `settled`: resolves when all that was added so far is committed, or given up
 * - `failure`: why nothing is written any more; the queue then drops what it is given
 */
export interface CommitQueue {
  readonly add: (change: Change) => boolean
  readonly settled: () => Promise<void>
  readonly failure: () => string | undefined
}

/** What one commit holds at most: some milliseconds of work, in which nothing else is done. */
const commitSize = 1_000_000
/** What may wait in memory. */
const queueSize = 4_000_000

/** How long another process may hold the file before we give up, milliseconds. */
const patience = 15_000

/** A queue over a database. */
export const make = (database: DatabaseSync): CommitQueue => {
  let waiting: Array<Change> = []
  let waitingSize = 0
  let isRunning = false
  let failure: string | undefined
  /** How many changes were ever added, and how many of them are committed. */
  let added = 0
  let committed = 0
  let listeners: Array<{ readonly from: number; readonly resolve: () => void }> = []

  const announce = (): void => {
    const ready = listeners.filter(({ from }) => failure !== undefined || from <= committed)
    listeners = listeners.filter(({ from }) => failure === undefined && from > committed)
    for (const { resolve } of ready) resolve()
  }

  /** Whether the changes were committed; `false` when another process is writing. */
  const commit = (changes: ReadonlyArray<Change>): boolean => {
    let isOpen = false
    try {
      database.exec("BEGIN IMMEDIATE")
      isOpen = true
      for (const change of changes) change.make()
      database.exec("COMMIT")
      return true
    } catch (cause) {
      for (const change of changes) change.undo?.()
      // A full disk ends the transaction by itself.
      if (isOpen && database.isTransaction) database.exec("ROLLBACK")
      if (isBusy(cause)) return false
      throw cause
    }
  }

  const run = async (): Promise<void> => {
    // Lets those come in who have something to write at the same time.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0 && failure === undefined) {
      let size = 0
      let count = 0
      while (count < waiting.length && size < commitSize) size += waiting[count++]!.size
      const changes = waiting.slice(0, count)
      const began = performance.now()
      try {
        while (!commit(changes)) {
          if (performance.now() - began > patience) throw new Error("another process keeps the database locked")
          await new Promise<void>((resolve) => setTimeout(resolve, 20))
        }
        waiting = waiting.slice(count)
        waitingSize -= size
        committed += count
      } catch (cause) {
        failure = cause instanceof Error ? cause.message : String(cause)
        waiting = []
        waitingSize = 0
      }
      announce()
      if (waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    isRunning = false
  }

  return {
    add: (change) => {
      if (failure !== undefined) return false
      waiting.push(change)
      waitingSize += change.size
      added++
      if (!isRunning) {
        isRunning = true
        void run()
      }
      return waitingSize > queueSize
    },
    settled: () =>
      failure !== undefined || committed === added
        ? Promise.resolve()
        : new Promise((resolve) => {
          listeners.push({ from: added, resolve })
        }),
    failure: () => failure
  }
}

/** SQLITE_BUSY and SQLITE_LOCKED, in whatever detail. */
const isBusy = (cause: unknown): boolean =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" && [5, 6].includes(cause.errcode & 0xff)
