/**
 * The history: what scans found and how it was judged, kept to be compared.
 *
 * @since 0.1.0
 */
import {
  type ResourceState,
  SnapshotDetails,
  SnapshotDiff,
  type SnapshotKey,
  SnapshotSummary,
  Trend
} from "@cadastre/aggregation"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Damaged, decompress } from "./Compression.ts"
import type { StoreError } from "./Database.ts"
import { type Row, Sql, type Value, where } from "./Sql.ts"
import * as SnapshotWriter from "./SnapshotWriter.ts"
import * as SortedRuns from "./SortedRuns.ts"
import * as StateBlock from "./StateBlock.ts"

/**
 * A snapshot cannot answer that.
 *
 * - `unknown`: there is none of this id
 * - `expired`: only its figures are kept
 * - `damaged`: what is stored is not what was written
 * - `other-form`: another version of Cadastre wrote it, in a form that this one does not read
 * - `other-scope`: two snapshots of different scopes have nothing to say to each other
 *
 * @category errors
 * @since 0.1.0
 */
export class SnapshotError extends Schema.TaggedError<SnapshotError>()("SnapshotError", {
  id: Schema.String,
  reason: Schema.Literals(["unknown", "expired", "damaged", "other-form", "other-scope"]),
  message: Schema.String
}) {}

/**
 * Which snapshots: of this scope and policy, taken at or after `from` and before
 * `to`, milliseconds since the epoch. The newest `limit` of them.
 *
 * - `withResources`: only those whose resources are kept still, and not their figures alone
 *
 * @category models
 * @since 0.1.0
 */
export interface SnapshotQuery {
  readonly scope?: string
  readonly policyHash?: string
  readonly from?: number
  readonly to?: number
  readonly limit?: number
  readonly withResources?: boolean
}

/**
 * The snapshots of one key: how many there are, and when the newest was taken,
 * milliseconds since the epoch.
 *
 * @category models
 * @since 0.1.0
 */
export interface SnapshotHistory extends SnapshotKey {
  readonly snapshots: number
  readonly newest: number
}

/**
 * @category services
 * @since 0.1.0
 */
export class Snapshots extends Context.Service<Snapshots, {
  /** Begins a snapshot; see `SnapshotWriter`. It belongs to the scope. */
  readonly begin: (key: SnapshotKey) => Effect.Effect<SnapshotWriter.SnapshotWriter, never, Scope.Scope>
  /** The figures of snapshots, newest first. */
  readonly list: (query: SnapshotQuery) => Effect.Effect<ReadonlyArray<SnapshotSummary>, StoreError | SnapshotError>
  /** Which histories there are, the one that was written last first; at most `limit` of them, 1,000 by default. */
  readonly histories: (query?: {
    readonly policyHash?: string
    readonly limit?: number
  }) => Effect.Effect<ReadonlyArray<SnapshotHistory>, StoreError>
  /** The figures of one. */
  readonly find: (id: string) => Effect.Effect<SnapshotSummary, StoreError | SnapshotError>
  /** All breakdowns, and how each cell ended. */
  readonly details: (id: string) => Effect.Effect<SnapshotDetails, StoreError | SnapshotError>
  /** Its resources, by `byArn`, read as they are consumed. */
  readonly states: (id: string) => Stream.Stream<ResourceState, StoreError | SnapshotError>
  /**
   * What changed from one snapshot to another of the same scope, by ARN, read as
   * it is consumed; see `SnapshotDiff`. Verdicts count where both were judged by
   * the same policy.
   */
  readonly diff: (
    before: string,
    after: string,
    options?: { readonly tagKeys?: ReadonlyArray<string> }
  ) => Stream.Stream<SnapshotDiff.Change, StoreError | SnapshotError>
  /** How the score of one key went; see `Trend`. Reads figures only, never resources. */
  readonly trend: (
    key: SnapshotKey,
    options: { readonly groupBy: Trend.Grouping; readonly from?: number; readonly to?: number; readonly tolerance?: number }
  ) => Effect.Effect<Trend.Trend, StoreError | SnapshotError>
}>()("@cadastre/store/Snapshots") {
  static readonly layerNoDeps = Layer.effect(
    Snapshots,
    Effect.map(Sql, (sql) => {
      const rowOf = Effect.fnUntraced(function*(id: string, columns: string) {
        const [row] = yield* sql.read(`SELECT form, ${columns} FROM @snapshots WHERE id = ? AND stored_at IS NOT NULL`, [id])
        if (row === undefined) return yield* new SnapshotError({ id, reason: "unknown", message: `There is no snapshot ${id}` })
        return row.form === SnapshotWriter.form ? row : yield* otherForm(id)
      })

      const cellsOf = Effect.fnUntraced(function*(id: string) {
        const { cells } = yield* rowOf(id, "cells")
        return cells === null ? yield* expired(id) : yield* jsonIn(id, cells, decodeCells)
      })

      const find = Effect.fn("Snapshots.find")(function*(id: string) {
        return yield* summaryIn(id, yield* rowOf(id, "summary"))
      })

      const list = Effect.fn("Snapshots.list")(function*(query: SnapshotQuery) {
        const { from, limit = 10_000, policyHash, scope, to, withResources = false } = query
        const chosen = where([
          ["stored_at IS NOT NULL"],
          ["form = ?", SnapshotWriter.form],
          ...(withResources ? [["cells IS NOT NULL"] as const] : []),
          ["scope = ?", scope],
          ["policy_hash = ?", policyHash],
          ["taken_at >= ?", from],
          ["taken_at < ?", to]
        ])
        const rows = yield* sql.read(
          `SELECT id, summary FROM @snapshots ${chosen.sql} ORDER BY taken_at DESC, id DESC LIMIT ?`,
          [...chosen.values, limit]
        )
        return yield* Effect.forEach(rows, (row) => summaryIn(String(row.id), row))
      })

      const histories = Effect.fn("Snapshots.histories")(function*(
        { limit = 1000, policyHash }: { readonly policyHash?: string; readonly limit?: number } = {}
      ) {
        const chosen = where([["stored_at IS NOT NULL"], ["form = ?", SnapshotWriter.form], ["policy_hash = ?", policyHash]])
        const rows = yield* sql.read(
          `SELECT scope, policy_hash, count(*) AS snapshots, max(taken_at) AS newest FROM @snapshots ${chosen.sql} ` +
            "GROUP BY scope, policy_hash ORDER BY newest DESC, scope, policy_hash LIMIT ?",
          [...chosen.values, limit]
        )
        return rows.map((row): SnapshotHistory => ({
          scope: String(row.scope),
          policyHash: String(row.policy_hash),
          snapshots: Number(row.snapshots),
          newest: Number(row.newest)
        }))
      })

      const states = (id: string) =>
        Stream.unwrap(Effect.gen(function*() {
          const header = yield* rowOf(id, "states, cells")
          if (header.cells === null) return yield* expired(id)
          const rows = yield* sql.read(
            "SELECT run, count(*) AS blocks, max(number) AS last, CAST(sum(states) AS bigint) AS states " +
              "FROM @snapshot_blocks WHERE snapshot = ? GROUP BY run ORDER BY run",
            [id]
          )
          const held = rows.reduce((sum, { states }) => sum + Number(states), 0)
          if (held !== header.states || rows.some(({ blocks, last }) => Number(last) + 1 !== blocks)) {
            return yield* damaged(id, `it holds ${held} of ${Number(header.states)} resources`)
          }
          return SortedRuns.merge(
            rows.map(({ blocks, run }) => ({ run: Number(run), blocks: Number(blocks) })),
            Effect.fnUntraced(function*(run, number) {
              const [row] = yield* sql.read(
                "SELECT states, body FROM @snapshot_blocks WHERE snapshot = ? AND run = ? AND number = ?",
                [id, run, number]
              )
              if (row === undefined) return yield* expired(id)
              const states = yield* bytesIn(id, row.body, StateBlock.decode)
              return states.length === row.states ? states : yield* damaged(id, "a block of it is another one's")
            })
          )
        }))

      return Snapshots.of({
        begin: (key) => SnapshotWriter.make(sql, key),
        list,
        histories,
        find,
        details: Effect.fn("Snapshots.details")(function*(id) {
          const { details } = yield* rowOf(id, "details")
          return { summary: yield* jsonIn(id, details, decodeSummary), cells: yield* cellsOf(id) }
        }),
        states,
        diff: (before, after, options = {}) =>
          Stream.unwrap(Effect.gen(function*() {
            const [old, now] = [yield* find(before), yield* find(after)]
            if (old.scope !== now.scope) {
              return yield* new SnapshotError({
                id: after,
                reason: "other-scope",
                message: `Snapshots ${before} and ${after} are of different scopes: they cannot be compared`
              })
            }
            return SnapshotDiff.diff(
              { states: states(before), cells: yield* cellsOf(before) },
              { states: states(after), cells: yield* cellsOf(after) },
              { samePolicy: old.policyHash === now.policyHash, ...options }
            )
          })),
        trend: Effect.fn("Snapshots.trend")(function*(key, { from, to, ...options }) {
          const snapshots = yield* list({
            ...key,
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
            limit: Number.MAX_SAFE_INTEGER
          })
          return Trend.make(snapshots, options)
        })
      })
    })
  )
}

const expired = (id: string) =>
  new SnapshotError({ id, reason: "expired", message: `Of snapshot ${id} only the figures are kept` })

const otherForm = (id: string) =>
  new SnapshotError({ id, reason: "other-form", message: `Another version of Cadastre wrote snapshot ${id}` })

const damaged = (id: string, problem: string) =>
  new SnapshotError({ id, reason: "damaged", message: `Snapshot ${id} cannot be read: ${problem}` })

const decodeSummary = Schema.decodeUnknownEffect(Schema.fromJsonString(SnapshotDetails.fields.summary))
const decodeCells = Schema.decodeUnknownEffect(Schema.fromJsonString(SnapshotDetails.fields.cells))
const decodeFigures = Schema.decodeUnknownEffect(Schema.fromJsonString(SnapshotSummary))

const summaryIn = (id: string, { summary }: Row): Effect.Effect<SnapshotSummary, SnapshotError> =>
  Effect.mapError(decodeFigures(summary), ({ message }) => damaged(id, message))

const bytesIn = <A>(
  id: string,
  bytes: Value | undefined,
  decode: (bytes: Uint8Array) => Effect.Effect<A, Damaged>
): Effect.Effect<A, SnapshotError> =>
  bytes instanceof Uint8Array
    ? Effect.mapError(decode(bytes), ({ problem }) => damaged(id, problem))
    : damaged(id, "a part of it is missing")

const jsonIn = <A>(
  id: string,
  bytes: Value | undefined,
  decode: (text: string) => Effect.Effect<A, Schema.SchemaError>
): Effect.Effect<A, SnapshotError> =>
  Effect.flatMap(bytesIn(id, bytes, decompress), (text) =>
    Effect.mapError(decode(text), ({ message }) => damaged(id, message)))

