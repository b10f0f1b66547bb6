/**
 * The journal of scans in PostgreSQL: as in SQLite, and the same for processes
 * on any number of machines.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
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
import type { StoreError } from "./Database.ts"
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
import { Sql, type Statement, type Value } from "./Sql.ts"

/**
 * Provides `Journal` in a PostgreSQL server. Nothing of it fails: when the server
 * is gone, that is said once, in a warning, and the scan goes on without its
 * journal, whose cells that had ended are whole.
 *
 * Cells and scans are dropped, and scans offered for resuming, as in SQLite;
 * who is alive is known by the server's clock.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNoDeps: Layer.Layer<never, never, Sql> = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const sql = yield* Sql
    const cipher = yield* AttributeCipher
    const scope = yield* Effect.scope
    const open = new Set<string>()
    const link = { isGone: false }

    /** What is read while nothing can be read is not there. */
    const reading = <A>(read: Effect.Effect<A, StoreError>, otherwise: A): Effect.Effect<A> =>
      Effect.suspend(() =>
        link.isGone
          ? Effect.succeed(otherwise)
          : Effect.catch(read, (error) => Effect.as(gone(link, error), otherwise))
      )
    const writing = (work: Effect.Effect<unknown, StoreError>): Effect.Effect<void> => reading(Effect.asVoid(work), undefined)

    const beat = Effect.suspend(() =>
      open.size === 0 ? Effect.void : writing(sql.write([...open].map((id) => ({
        sql: `UPDATE @scans SET heartbeat_at = ${serverNow} WHERE id = ?`,
        values: [id]
      }))))
    )
    yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(heartbeatMs)))

    const begin = Effect.fn("Journal.begin")(function*({ key, request, resume }: {
      readonly key: JournalKey
      readonly request: string
      readonly resume: boolean
    }) {
      // What ended the journal of an earlier scan of this process may be over.
      link.isGone = false
      const begun = yield* reading(Effect.gen(function*() {
        const [time] = yield* sql.read(`SELECT ${serverNow} AS now`)
        const now = Number(time!.now)
        const lease = randomUUID()
        const taken = resume ? yield* takeOver(sql, { key, request, now, lease, open }) : undefined
        const scanId = taken ?? lease
        yield* sql.write([
          taken === undefined
            ? {
              sql: "INSERT INTO @scans (id, estate, variant, request, started_at, lease, owner_host, owner_pid, heartbeat_at) " +
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              values: [scanId, key.estate, key.variant, request, now, lease, hostname(), process.pid, now]
            }
            : { sql: "UPDATE @attempts SET scan_id = '' WHERE scan_id = ?", values: [scanId] },
          { sql: "DELETE FROM @scans WHERE heartbeat_at < ? AND id <> ?", values: [now - 7 * dayMs, scanId] },
          {
            sql: "UPDATE @attempts SET scan_id = '' WHERE scan_id NOT IN (SELECT id FROM @scans WHERE completed_at IS NULL)",
            values: []
          }
        ])
        return { scanId, lease, resumed: taken !== undefined }
      }), undefined)
      if (begun === undefined) return undefined
      const { lease, resumed, scanId } = begun
      open.add(scanId)
      yield* Effect.forkIn(writing(tidy(sql)), scope)
      return { journal: journalOf({ sql, cipher, key, scanId, lease, open, reading, writing }), resumed }
    })

    return {
      begin,
      lastCounts: Effect.fnUntraced(function*(estate, cells) {
        const counts = new Map<string, { resources: number; calls: number; endedAt: number }>()
        for (let at = 0; at < cells.length; at += countsAtOnce) {
          const wanted = cells.slice(at, at + countsAtOnce)
          const rows = yield* reading(
            sql.read(
              "SELECT account, region, type, resources, calls, ended_at FROM @cells " +
                `WHERE estate = ? AND (account, region, type) IN (${wanted.map(() => "(?, ?, ?)").join(", ")}) ORDER BY ended_at`,
              [estate, ...wanted.flatMap(({ accountId, region, type }) => [accountId, region, type])]
            ),
            []
          )
          for (const { account, calls, ended_at, region, resources, type } of rows) {
            counts.set([account, region, type].join("/"), {
              resources: Number(resources),
              calls: Number(calls),
              endedAt: Number(ended_at)
            })
          }
        }
        return counts
      })
    }
  })
)

const dayMs = 86_400_000
const countsAtOnce = 500
const serverNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"

/** Says once that the journal does not work any more. */
const gone = (link: { isGone: boolean }, { message }: StoreError): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (link.isGone) return Effect.void
    link.isGone = true
    return Effect.logWarning(`The journal cannot be used; this scan cannot be resumed: ${message}`)
  })

/** The scan to go on with, taken in one statement: no two processes go on with the same one. */
const takeOver = Effect.fnUntraced(function*(
  sql: Sql["Service"],
  { key, lease, now, open, request }: {
    readonly key: JournalKey
    readonly request: string
    readonly now: number
    readonly lease: string
    readonly open: ReadonlySet<string>
  }
) {
  for (;;) {
    const scans = yield* sql.read(
      "SELECT id, lease, owner_host, owner_pid, heartbeat_at FROM @scans " +
        "WHERE estate = ? AND variant = ? AND request = ? AND completed_at IS NULL " +
        // One that saw nothing is no use to anybody.
        "ORDER BY EXISTS (SELECT 1 FROM @cells AS cells WHERE cells.scan_id = id) DESC, started_at DESC, number DESC",
      [key.estate, key.variant, request]
    )
    const dead = (scans as unknown as ReadonlyArray<ScanRow>).find((scan) => !isAlive(scan, now, open))
    if (dead === undefined) return undefined
    const [taken] = yield* sql.write([{
      sql: "UPDATE @scans SET lease = ?, owner_host = ?, owner_pid = ?, heartbeat_at = ? " +
        "WHERE id = ? AND completed_at IS NULL AND heartbeat_at = ? AND lease IS NOT DISTINCT FROM ?",
      values: [lease, hostname(), process.pid, now, dead.id, dead.heartbeat_at, dead.lease]
    }])
    if (taken === 1) return dead.id
  }
})

/** Drops cells that nobody saw for long, and the pages that belong to nothing. */
const tidy = Effect.fnUntraced(function*(sql: Sql["Service"]) {
  const now = yield* Clock.currentTimeMillis
  yield* sql.write([
    { sql: "INSERT INTO @attempts (id, scan_id) OVERRIDING SYSTEM VALUE SELECT attempt, '' FROM @cells WHERE ended_at < ? " +
        "ON CONFLICT (id) DO NOTHING", values: [now - 90 * dayMs] },
    { sql: "DELETE FROM @cells WHERE ended_at < ? AND attempt IN (SELECT id FROM @attempts WHERE scan_id = '')", values: [now - 90 * dayMs] }
  ])
  for (;;) {
    const discarded = yield* sql.read("SELECT id FROM @attempts WHERE scan_id = '' LIMIT 10")
    if (discarded.length === 0) return
    yield* sql.write(discarded.flatMap(({ id }) => [
      { sql: "DELETE FROM @pages WHERE id >= ? AND id < ?", values: [Number(id) * pagesOf, (Number(id) + 1) * pagesOf] },
      { sql: "DELETE FROM @attempts WHERE id = ?", values: [id!] }
    ]))
  }
})

const journalOf = (
  { cipher, key, lease, open, reading, scanId, sql, writing }: {
    readonly sql: Sql["Service"]
    readonly cipher: Cipher
    readonly key: JournalKey
    readonly scanId: string
    readonly lease: string
    readonly open: Set<string>
    readonly reading: <A>(read: Effect.Effect<A, StoreError>, otherwise: A) => Effect.Effect<A>
    readonly writing: (work: Effect.Effect<unknown, StoreError>) => Effect.Effect<void>
  }
): ScanJournal => {
  /** A cell that is being read: its number, which the database gives, and how many pages it has. */
  const attempts = new Map<string, { readonly id: Effect.Effect<number, StoreError>; pages: number }>()
  const attemptOf = Effect.fnUntraced(function*(cell: Cell) {
    const known = attempts.get(cellKey(cell))
    if (known !== undefined) return known
    const id = yield* Effect.cached(Effect.map(
      sql.read("INSERT INTO @attempts (scan_id) VALUES (?) RETURNING id", [scanId]),
      ([row]) => Number(row!.id)
    ))
    const made = { id, pages: 0 }
    attempts.set(cellKey(cell), made)
    return made
  })

  const placeOf = ({ accountId, region, type }: Cell): ReadonlyArray<Value> => [key.estate, key.variant, accountId, region, type]
  const isCell = "estate = ? AND variant = ? AND account = ? AND region = ? AND type = ?"
  const discard = (id: number): Statement => ({ sql: "UPDATE @attempts SET scan_id = '' WHERE id = ?", values: [id] })
  /** Two scans that end the same cell do so one after the other. */
  const locked = (cell: Cell): Statement => ({
    sql: "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
    values: [JSON.stringify(placeOf(cell))]
  })
  /** Makes what was kept of the cell until now something to be cleared away, if `condition` holds. */
  const discardKept = (cell: Cell, condition: string, values: ReadonlyArray<Value>): Statement => ({
    sql: "INSERT INTO @attempts (id, scan_id) OVERRIDING SYSTEM VALUE " +
      `SELECT attempt, '' FROM @cells WHERE ${isCell} AND ${condition} ON CONFLICT (id) DO NOTHING`,
    values: [...placeOf(cell), ...values]
  })
  /**
   * The scan is still ours: whoever took it over, for this process had not been heard of, has dropped what it was reading.
   * And every page of the cell is there.
   */
  const isWhole = "EXISTS (SELECT 1 FROM @scans AS scans WHERE scans.id = ? AND scans.lease = ?) " +
    "AND ? = (SELECT count(*) FROM @pages AS pages WHERE pages.id >= ? AND pages.id < ?)"

  const whole = (id: number, pages: number): ReadonlyArray<Value> =>
    [scanId, lease, pages, id * pagesOf, (id + 1) * pagesOf]

  const pageOf = (id: number): Effect.Effect<WrittenPage | undefined, JournalUnreadable> =>
    sql.read("SELECT checksum, body FROM @pages WHERE id = ?", [id]).pipe(
      Effect.map(([row]) => row === undefined ? undefined : { body: String(row.body), checksum: Number(row.checksum) }),
      Effect.mapError(({ message }) => unreadable(message))
    )

  return {
    scanId,
    find: (cell) =>
      Effect.map(
        reading(
          sql.read(`SELECT scan_id, attempt, pages, ended_at, result FROM @cells WHERE ${isCell}`, placeOf(cell)),
          []
        ),
        ([row]) => {
          const result = row === undefined ? Option.none() : decodeResult(row.result)
          if (row === undefined || Option.isNone(result)) return Option.none()
          const attempt = Number(row.attempt)
          return Option.some<JournaledCell>({
            scanId: String(row.scan_id),
            endedAt: Number(row.ended_at),
            result: result.value,
            // What cannot be read now never can: the next scan must not come upon it again.
            pages: Stream.tapError(
              pagesIn(pageOf, cipher, { attempt, pages: Number(row.pages) }, result.value),
              () =>
                writing(sql.write([
                  locked(cell),
                  discardKept(cell, "attempt = ?", [attempt]),
                  { sql: `DELETE FROM @cells WHERE ${isCell} AND attempt = ?`, values: [...placeOf(cell), attempt] }
                ]))
            )
          })
        }
      ),
    append: (cell, page) =>
      Effect.flatMap(attemptOf(cell), (attempt) => {
        const number = attempt.pages++
        const { body, checksum } = writtenPage(page, cipher)
        return writing(Effect.flatMap(attempt.id, (id) =>
          sql.read("INSERT INTO @pages (id, checksum, body) VALUES (?, ?, ?)", [id * pagesOf + number, checksum, body])))
      }),
    end: Effect.fnUntraced(function*(result) {
      const { calls, outcome, resources } = result
      const now = yield* Clock.currentTimeMillis
      const attempt = yield* attemptOf(result)
      attempts.delete(cellKey(result))
      const isSeen = outcome === "scanned" || outcome === "unsupported"
      yield* writing(Effect.flatMap(attempt.id, (id) =>
        sql.write(
          isSeen
            ? [
              locked(result),
              discardKept(result, isWhole, whole(id, attempt.pages)),
              {
                sql: "INSERT INTO @cells " +
                  "(estate, variant, account, region, type, scan_id, attempt, pages, ended_at, resources, calls, result) " +
                  `SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${isWhole} ` +
                  "ON CONFLICT (estate, variant, account, region, type) DO UPDATE SET scan_id = excluded.scan_id, " +
                  "attempt = excluded.attempt, pages = excluded.pages, ended_at = excluded.ended_at, " +
                  "resources = excluded.resources, calls = excluded.calls, result = excluded.result",
                values: [
                  ...placeOf(result), scanId, id, attempt.pages, Math.round(now), resources, calls, JSON.stringify(result),
                  ...whole(id, attempt.pages)
                ]
              },
              {
                sql: "DELETE FROM @attempts WHERE id = ? AND EXISTS (SELECT 1 FROM @cells AS cells WHERE cells.attempt = ?)",
                values: [id, id]
              },
              discard(id)
            ]
            : [discard(id)]
        )))
    }),
    close: Effect.fnUntraced(function*(isComplete) {
      open.delete(scanId)
      const left = [...attempts.values()]
      attempts.clear()
      yield* writing(Effect.gen(function*() {
        const ids = yield* Effect.forEach(left, ({ id }) => id)
        yield* sql.write([
          ...ids.map(discard),
          {
            sql: `UPDATE @scans SET completed_at = CASE WHEN ? = 1 THEN ${serverNow} END, owner_host = NULL, owner_pid = NULL, ` +
              `heartbeat_at = ${serverNow} WHERE id = ? AND lease = ?`,
            values: [isComplete ? 1 : 0, scanId, lease]
          }
        ])
        yield* tidy(sql)
      }))
    })
  }
}
