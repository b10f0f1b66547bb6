/**
 * The journal of scans in a SQLite file.
 *
 * A cell that has ended is committed before anybody hears of it, so that the
 * death of the process costs no more than the cells that were being read. The
 * cells stay after the scan: incremental scans use them, and estimates count
 * them.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import { statSync } from "node:fs"
import { hostname } from "node:os"
import type { DatabaseSync } from "node:sqlite"
import { type Cell, cellKey } from "@cadastre/model"
import {
  Journal,
  type JournaledCell,
  type JournalKey,
  type JournalUnreadable,
  type ScanJournal
} from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { AttributeCipher, type Cipher } from "./AttributeCipher.ts"
import * as CommitQueue from "./CommitQueue.ts"
import * as Database from "./Database.ts"
import {
  decodeResult,
  heartbeatMs,
  isAlive,
  pagesIn,
  pagesOf,
  type ScanRow,
  unreadable,
  type WrittenPage,
  writtenPage
} from "./JournalPages.ts"
import * as JournalTidying from "./JournalTidying.ts"

/**
 * Provides `Journal` in the database file at `path`.
 *
 * Fails with `StoreError` when the file cannot be used. Once it is open nothing
 * fails any more: what cannot be written is said once, in a warning, and the
 * scan goes on without its journal.
 *
 * Cells that were not seen again for 90 days are dropped, and so are scans that
 * nobody went on with for 7 days. A scan whose process still runs is not
 * offered for resuming: on this machine the process is looked for, elsewhere it
 * has written in the last minute.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (path: string): Layer.Layer<never, Database.StoreError> =>
  Layer.effect(
    Journal,
    Effect.gen(function*() {
      const database = yield* Database.open(path)
      const statements = yield* Database.check(path, () => prepare(database))
      const { ino } = statSync(path)
      const queue = yield* CommitQueue.make(database, () =>
        statSync(path, { throwIfNoEntry: false })?.ino === ino ? undefined : "somebody has removed the file")
      const cipher = yield* AttributeCipher
      const tidying = yield* JournalTidying.make(statements, queue)
      const open = new Set<string>()
      let isTold = false

      /** Says once that the journal does not work any more. */
      const tell = Effect.suspend(() => {
        const failure = queue.failure()
        if (failure === undefined || isTold) return Effect.void
        isTold = true
        return Effect.logWarning(`The journal cannot be written; this scan cannot be resumed: ${path}: ${failure}`)
      })
      const settled = Effect.andThen(queue.settled, tell)
      const write = (change: CommitQueue.Change) =>
        Effect.suspend(() => queue.add(change) ? settled : Effect.void)
      const writeNow = (change: CommitQueue.Change) =>
        Effect.suspend(() => {
          queue.add(change)
          return settled
        })
      /** What is read while nothing can be read is not there. */
      const reading = <A>(read: () => A, otherwise: A): Effect.Effect<A> =>
        Effect.suspend(() => {
          try {
            return Effect.succeed(read())
          } catch (cause) {
            return Effect.as(Effect.logWarning(`The journal cannot be read: ${path}: ${String(cause)}`), otherwise)
          }
        })

      const beat = Effect.flatMap(Clock.currentTimeMillis, (now) =>
        write({ size: 0, make: () => open.forEach((id) => statements.beat.run(now, id)) }))
      yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(heartbeatMs)))

      const begin: (typeof Journal)["Service"]["begin"] = Effect.fn("Journal.begin")(function*({ key, request, resume }) {
        const now = yield* Clock.currentTimeMillis
        // What ended the journal of an earlier scan of this process may be over.
        queue.revive()
        isTold = false
        const lease = randomUUID()
        let scanId: string = lease
        let resumed = false
        yield* writeNow({
          size: 0,
          make: () => {
            // Chosen and taken in one commit: no two processes go on with the same scan.
            const scans = resume
              ? statements.unfinished.all(key.estate, key.variant, request) as unknown as ReadonlyArray<ScanRow>
              : []
            const dead = scans.find((scan) => !isAlive(scan, now, open))
            resumed = dead !== undefined
            scanId = dead?.id ?? lease
            statements.beginScan.run(scanId, key.estate, key.variant, request, now, lease, hostname(), process.pid, now)
            statements.oldScans.run(now - 7 * dayMs)
            statements.discardOrphans.run(scanId)
          }
        })
        if (queue.failure() !== undefined) return undefined
        open.add(scanId)
        tidying.wake()
        return {
          journal: journalOf({ key, scanId, lease, statements, cipher, write, writeNow, reading, open, tidying }),
          resumed
        }
      })

      return {
        begin,
        lastCounts: Effect.fnUntraced(function*(estate, cells) {
          const counts = new Map<string, { resources: number; calls: number; endedAt: number }>()
          for (let at = 0; at < cells.length; at += countsAtOnce) {
            yield* reading(() => {
              for (const cell of cells.slice(at, at + countsAtOnce)) {
                const row = statements.count.get(estate, cell.accountId, cell.region, cell.type) as CountRow | undefined
                if (row === undefined) continue
                counts.set(cellKey(cell), { resources: row.resources, calls: row.calls, endedAt: row.ended_at })
              }
            }, undefined)
            yield* Effect.yieldNow
          }
          return counts
        })
      }
    })
  )

const dayMs = 86_400_000
const countsAtOnce = 500

interface CellRow {
  readonly scan_id: string
  readonly attempt: number
  readonly pages: number
  readonly ended_at: number
  readonly result: string
}

interface CountRow {
  readonly resources: number
  readonly calls: number
  readonly ended_at: number
}

export type Statements = ReturnType<typeof prepare>

const prepare = (database: DatabaseSync) => ({
  beat: database.prepare("UPDATE scans SET heartbeat_at = ? WHERE id = ?"),
  unfinished: database.prepare(
    "SELECT id, lease, owner_host, owner_pid, heartbeat_at FROM scans " +
      "WHERE estate = ? AND variant = ? AND request = ? AND completed_at IS NULL " +
      // One that saw nothing is no use to anybody.
      "ORDER BY EXISTS (SELECT 1 FROM cells WHERE cells.scan_id = scans.id) DESC, started_at DESC, rowid DESC"
  ),
  beginScan: database.prepare(
    "INSERT INTO scans (id, estate, variant, request, started_at, lease, owner_host, owner_pid, heartbeat_at) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET lease = excluded.lease, " +
      "owner_host = excluded.owner_host, owner_pid = excluded.owner_pid, heartbeat_at = excluded.heartbeat_at"
  ),
  oldScans: database.prepare("DELETE FROM scans WHERE heartbeat_at < ?"),
  oldCells: database.prepare(
    "SELECT estate, variant, account, region, type, attempt FROM cells WHERE ended_at < ? LIMIT 100"
  ),
  dropCell: database.prepare(
    "DELETE FROM cells WHERE estate = ? AND variant = ? AND account = ? AND region = ? AND type = ?"
  ),
  // Cells that were being read when their scan ended, and those of the scan that is gone on with.
  discardOrphans: database.prepare(
    "UPDATE attempts SET scan_id = '' WHERE scan_id = ? OR scan_id NOT IN (SELECT id FROM scans WHERE completed_at IS NULL)"
  ),
  discard: database.prepare("INSERT INTO attempts (id, scan_id) VALUES (?, '') ON CONFLICT (id) DO UPDATE SET scan_id = ''"),
  discarded: database.prepare("SELECT id FROM attempts WHERE scan_id = '' LIMIT 1"),
  holder: database.prepare("SELECT lease FROM scans WHERE id = ?"),
  closeScan: database.prepare(
    "UPDATE scans SET completed_at = ?, owner_host = NULL, owner_pid = NULL, heartbeat_at = ? WHERE id = ? AND lease = ?"
  ),
  addAttempt: database.prepare("INSERT INTO attempts (scan_id) VALUES (?)"),
  dropAttempt: database.prepare("DELETE FROM attempts WHERE id = ?"),
  addPage: database.prepare("INSERT INTO pages (id, checksum, body) VALUES (?, ?, ?)"),
  // The size is in the row's header: the page itself is not read.
  sizes: database.prepare("SELECT id, octet_length(body) AS size FROM pages WHERE id >= ? AND id < ? ORDER BY id LIMIT 100"),
  dropPages: database.prepare("DELETE FROM pages WHERE id >= ? AND id <= ?"),
  page: database.prepare("SELECT checksum, body FROM pages WHERE id = ?"),
  cell: database.prepare(
    "SELECT scan_id, attempt, pages, ended_at, result FROM cells " +
      "WHERE estate = ? AND variant = ? AND account = ? AND region = ? AND type = ?"
  ),
  keepCell: database.prepare(
    "INSERT OR REPLACE INTO cells " +
      "(estate, variant, account, region, type, scan_id, attempt, pages, ended_at, resources, calls, result) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
  ),
  count: database.prepare(
    "SELECT resources, calls, ended_at FROM cells WHERE estate = ? AND account = ? AND region = ? AND type = ? " +
      "ORDER BY ended_at DESC LIMIT 1"
  ),
  shrink: database.prepare("PRAGMA incremental_vacuum(200)")
})

/** A cell that is being read. */
interface Attempt {
  id: number | undefined
  pages: number
}

const journalOf = (
  { cipher, key, lease, open, reading, scanId, statements, tidying, write, writeNow }: {
    readonly key: JournalKey
    readonly scanId: string
    readonly lease: string
    readonly statements: Statements
    readonly cipher: Cipher
    readonly tidying: JournalTidying.Tidying
    readonly write: (change: CommitQueue.Change) => Effect.Effect<void>
    readonly writeNow: (change: CommitQueue.Change) => Effect.Effect<void>
    readonly reading: <A>(read: () => A, otherwise: A) => Effect.Effect<A>
    readonly open: Set<string>
  }
): ScanJournal => {
  const { estate, variant } = key
  const attempts = new Map<string, Attempt>()
  const attemptOf = (cell: Cell): Attempt => {
    const known = attempts.get(cellKey(cell))
    if (known !== undefined) return known
    const made: Attempt = { id: undefined, pages: 0 }
    attempts.set(cellKey(cell), made)
    return made
  }
  /** A change that needs the attempt's number, which the database gives. */
  const changeOf = (attempt: Attempt, size: number, make: (id: number) => void): CommitQueue.Change => {
    let isNew = false
    return {
      size,
      make: () => {
        if (attempt.id === undefined) {
          attempt.id = Number(statements.addAttempt.run(scanId).lastInsertRowid)
          isNew = true
        }
        make(attempt.id)
      },
      undo: () => {
        if (isNew) attempt.id = undefined
        isNew = false
      }
    }
  }

  const drop = ({ accountId, region, type }: Cell, { attempt }: CellRow): void => {
    const now = statements.cell.get(estate, variant, accountId, region, type) as CellRow | undefined
    if (now?.attempt !== attempt) return
    statements.discard.run(attempt)
    statements.dropCell.run(estate, variant, accountId, region, type)
  }

  return {
    scanId,
    find: (cell) =>
      reading(() => {
        const row = statements.cell.get(estate, variant, cell.accountId, cell.region, cell.type) as CellRow | undefined
        const result = row === undefined ? Option.none() : decodeResult(row.result)
        return row === undefined || Option.isNone(result) ? Option.none() : Option.some<JournaledCell>({
          scanId: row.scan_id,
          endedAt: row.ended_at,
          result: result.value,
          // What cannot be read now never can: the next scan must not come upon it again.
          pages: Stream.tapError(pagesIn((id) => pageOf(statements, id), cipher, row, result.value), () =>
            writeNow({ size: 0, make: () => drop(cell, row) }))
        })
      }, Option.none()),
    append: (cell, page) =>
      Effect.suspend(() => {
        const attempt = attemptOf(cell)
        const number = attempt.pages++
        const { body, checksum } = writtenPage(page, cipher)
        return write(changeOf(attempt, body.length, (id) => {
          statements.addPage.run(id * pagesOf + number, checksum, body)
        }))
      }),
    end: (result) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const attempt = attemptOf(result)
        attempts.delete(cellKey(result))
        const { accountId, calls, outcome, region, resources, type } = result
        return writeNow(changeOf(attempt, 0, (id) => {
          const isSeen = outcome === "scanned" || outcome === "unsupported"
          // Whoever took the scan over, for this process had not been heard of, has dropped what it was reading.
          const holder = statements.holder.get(scanId) as { readonly lease: string | null } | undefined
          tidying.wake()
          if (!isSeen || holder?.lease !== lease) return void statements.discard.run(id)
          const before = statements.cell.get(estate, variant, accountId, region, type) as CellRow | undefined
          if (before !== undefined) statements.discard.run(before.attempt)
          statements.keepCell.run(
            estate, variant, accountId, region, type, scanId, id, attempt.pages, Math.round(now), resources, calls, JSON.stringify(result)
          )
          statements.dropAttempt.run(id)
        }))
      }),
    close: (isComplete) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        open.delete(scanId)
        return writeNow({
          size: 0,
          make: () => {
            for (const { id } of attempts.values()) if (id !== undefined) statements.discard.run(id)
            statements.closeScan.run(isComplete ? now : null, now, scanId, lease)
          }
        })
      }).pipe(
        Effect.andThen(tidying.done),
        Effect.andThen(Effect.repeat(writeNow({ size: JournalTidying.tidySize, make: () => void statements.shrink.all() }), { times: 9 }))
      )
  }
}

const pageOf = (statements: Statements, id: number): Effect.Effect<WrittenPage | undefined, JournalUnreadable> =>
  Effect.try({
    try: () => statements.page.get(id) as unknown as WrittenPage | undefined,
    catch: (cause) => unreadable(String(cause))
  })
