/**
 * What is kept for how long.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type { StoreError } from "./Database.ts"
import * as SnapshotWriter from "./SnapshotWriter.ts"
import type { Sql } from "./Sql.ts"

/**
 * - `rawDays`: how long the resources of a snapshot are kept (`SNAPSHOT_RETENTION_DAYS`, 90 by default). After that only
 *   its figures are, and of each day only those of the last snapshot of a key; for ever
 * - `auditDays`: how long rows of the audit log are kept (`AUDIT_RETENTION_DAYS`, 365 by default)
 *
 * @category models
 * @since 0.1.0
 */
export interface RetentionPolicy {
  readonly rawDays: number
  readonly auditDays: number
}

/**
 * @category configuration
 * @since 0.1.0
 */
export const settings: Config.Config<RetentionPolicy> = Config.all({
  rawDays: Setting.number("SNAPSHOT_RETENTION_DAYS", 90, { minimum: 1, maximum: 36_500 }),
  auditDays: Setting.number("AUDIT_RETENTION_DAYS", 365, { minimum: 1, maximum: 36_500 })
})

/**
 * Removes what is too old, and what snapshots left behind that were never
 * finished. Each step is a transaction of some milliseconds; whoever is interrupted
 * between two of them leaves everything whole.
 *
 * @category combinators
 * @since 0.1.0
 */
export const prune = Effect.fn("Retention.prune")(function*(
  sql: Sql["Service"],
  { auditDays, rawDays }: RetentionPolicy
): Effect.fn.Return<void, StoreError> {
  const now = yield* Clock.currentTimeMillis

  const abandoned = yield* sql.read(
    "SELECT id FROM @snapshots WHERE stored_at IS NULL AND heartbeat_at < ?",
    [now - SnapshotWriter.abandonedMs]
  )
  for (const { id } of abandoned) yield* SnapshotWriter.remove(sql, String(id))

  const rawBefore = now - rawDays * dayMs
  const old = yield* sql.read(
    "SELECT id FROM @snapshots WHERE stored_at IS NOT NULL AND taken_at < ? AND cells IS NOT NULL",
    [rawBefore]
  )
  for (const { id } of old) {
    // First of all nobody shall begin to read it.
    yield* sql.write([{ sql: "UPDATE @snapshots SET cells = NULL, states = NULL WHERE id = ?", values: [id!] }])
    yield* SnapshotWriter.removeBlocks(sql, String(id))
  }
  // A process that died between the two steps above has left blocks.
  const orphans = yield* sql.read(
    "SELECT DISTINCT snapshot FROM @snapshot_blocks WHERE NOT EXISTS " +
      "(SELECT 1 FROM @snapshots WHERE id = snapshot AND (stored_at IS NULL OR cells IS NOT NULL))"
  )
  for (const { snapshot } of orphans) yield* SnapshotWriter.removeBlocks(sql, String(snapshot))

  for (;;) {
    const early = yield* sql.read(
      "SELECT id FROM @snapshots AS early WHERE stored_at IS NOT NULL AND taken_at < ? AND EXISTS (" +
        "SELECT 1 FROM @snapshots AS late WHERE late.scope = early.scope AND late.policy_hash = early.policy_hash " +
        "AND late.form = early.form AND late.stored_at IS NOT NULL " +
        `AND late.taken_at / ${dayMs} = early.taken_at / ${dayMs} ` +
        "AND (late.taken_at > early.taken_at OR (late.taken_at = early.taken_at AND late.id > early.id))) LIMIT 100",
      [rawBefore]
    )
    if (early.length === 0) break
    yield* sql.write(early.map(({ id }) => ({ sql: "DELETE FROM @snapshots WHERE id = ?", values: [id!] })))
    yield* Effect.yieldNow
  }

  for (;;) {
    const rows = yield* sql.read("SELECT id FROM @audit WHERE at < ? ORDER BY at LIMIT 500", [now - auditDays * dayMs])
    if (rows.length === 0) break
    yield* sql.write(rows.map(({ id }) => ({ sql: "DELETE FROM @audit WHERE id = ?", values: [id!] })))
    yield* Effect.yieldNow
  }
})

const dayMs = 86_400_000
