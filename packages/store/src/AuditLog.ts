/**
 * Who asked for what, when, and what came of it.
 *
 * @since 0.1.0
 */
import { hash } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { StoreError } from "./Database.ts"
import { isList, redact, redactText } from "./Redaction.ts"
import { type Row, Sql, where } from "./Sql.ts"

/**
 * One call of a tool or a command.
 *
 * - `at`: when it began, milliseconds since the epoch
 * - `correlationId`: names the call in logs and answers as well
 * - `session`: the transport's; `principal`: whose credentials or token it was
 * - `action`: the tool or the command
 * - `parameters`: what it was called with; what looks like a secret is taken out before it is written
 * - `outcome`: `refused` by a guardrail, before anything was done
 * - `error`: the failure's name, and no more of it
 * - `awsCalls`, `costMicros`: what it took of AWS; millionths of a US dollar
 *
 * @category models
 * @since 0.1.0
 */
export const AuditRow = Schema.Struct({
  at: Schema.Natural,
  correlationId: Schema.NonEmptyString,
  session: Schema.optionalKey(Schema.String),
  principal: Schema.optionalKey(Schema.String),
  action: Schema.NonEmptyString,
  parameters: Schema.Json,
  outcome: Schema.Literals(["success", "failure", "refused"]),
  error: Schema.optionalKey(Schema.String),
  durationMs: Schema.Natural,
  awsCalls: Schema.optionalKey(Schema.Natural),
  costMicros: Schema.optionalKey(Schema.Natural)
})
/** @since 0.1.0 */
export type AuditRow = typeof AuditRow.Type

/**
 * A row as it was written. `digest`: SHA-256 of the parameters as they came, so
 * that equal calls are known; `parameters` are `null` where they were too long to keep.
 *
 * @category models
 * @since 0.1.0
 */
export const AuditEntry = Schema.Struct({ ...AuditRow.fields, id: Schema.Natural, digest: Schema.String })
/** @since 0.1.0 */
export type AuditEntry = typeof AuditEntry.Type

/**
 * Rows from `from` on and before `to`, milliseconds since the epoch; newest
 * first, 100 unless `limit` says otherwise (at most 1,000), older than the row `before`.
 *
 * @category models
 * @since 0.1.0
 */
export interface AuditQuery {
  readonly from?: number
  readonly to?: number
  readonly correlationId?: string
  readonly session?: string
  readonly principal?: string
  readonly action?: string
  readonly outcome?: AuditRow["outcome"]
  readonly before?: AuditEntry
  readonly limit?: number
}

/**
 * - `append`: writes one row; on the disk when it returns
 * - `query`: rows, newest first
 *
 * @category services
 * @since 0.1.0
 */
export class AuditLog extends Context.Service<AuditLog, {
  readonly append: (row: AuditRow) => Effect.Effect<void, StoreError>
  readonly query: (query: AuditQuery) => Effect.Effect<ReadonlyArray<AuditEntry>, StoreError>
}>()("@cadastre/store/AuditLog") {
  static readonly layerNoDeps = Layer.effect(
    AuditLog,
    Effect.map(Sql, (sql) =>
      AuditLog.of({
        append: Effect.fn("AuditLog.append")(function*(row) {
          const given = JSON.stringify(sorted(row.parameters))
          const kept = JSON.stringify(redact(row.parameters))
          yield* sql.write([{
            table: "@audit",
            columns: [
              ["at", "integer"],
              ["correlation_id", "text"],
              ["session", "text"],
              ["principal", "text"],
              ["action", "text"],
              ["parameters", "text"],
              ["digest", "text"],
              ["outcome", "text"],
              ["error", "text"],
              ["duration_ms", "integer"],
              ["aws_calls", "integer"],
              ["cost_micros", "integer"]
            ],
            rows: [[
              row.at,
              textOf(row.correlationId),
              textOf(row.session),
              textOf(row.principal),
              textOf(row.action),
              kept.length > parameterLimit ? "null" : kept,
              hash("sha256", given),
              row.outcome,
              textOf(row.error),
              row.durationMs,
              row.awsCalls ?? null,
              row.costMicros ?? null
            ]]
          }])
        }),
        query: Effect.fn("AuditLog.query")(function*(query) {
          const { before } = query
          const chosen = where([
            ["at >= ?", query.from],
            ["at < ?", query.to],
            ["correlation_id = ?", query.correlationId],
            ["session = ?", query.session],
            ["principal = ?", query.principal],
            ["action = ?", query.action],
            ["outcome = ?", query.outcome],
            ["(at < ? OR (at = ? AND id < ?))", before?.at, before?.at, before?.id]
          ])
          const rows = yield* sql.read(
            `SELECT * FROM @audit ${chosen.sql} ORDER BY at DESC, id DESC LIMIT ?`,
            [...chosen.values, Math.min(query.limit ?? 100, 1000)]
          )
          return yield* Effect.forEach(rows, (row) => decodeRow(row)).pipe(
            Effect.mapError((error) =>
              new StoreError({ path: sql.address, problem: error.message, remedy: "Somebody has changed the audit log" }))
          )
        })
      })
    )
  )
}

/** Longer parameters are known by their digest alone. */
const parameterLimit = 8_192
const textLimit = 1_024

const textOf = (text: string | undefined): string | null =>
  text === undefined ? null : redactText(text).slice(0, textLimit)

/** With the keys of all records in order, so that equal calls have equal texts. */
const sorted = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  if (isList(value)) return value.map(sorted)
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, inner]) => [key, sorted(inner)])
  )
}

const decodeEntry = Schema.decodeUnknownEffect(AuditEntry)
const decodeJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))

/** Columns without a value are not there. */
const decodeRow = (row: Row) =>
  Effect.flatMap(decodeJson(row.parameters), (parameters) =>
    decodeEntry(Object.fromEntries(
      Object.entries({
        id: row.id,
        at: row.at,
        correlationId: row.correlation_id,
        session: row.session,
        principal: row.principal,
        action: row.action,
        digest: row.digest,
        outcome: row.outcome,
        error: row.error,
        durationMs: row.duration_ms,
        awsCalls: row.aws_calls,
        costMicros: row.cost_micros
      }).filter(([, value]) => value !== null).concat([["parameters", parameters as never]])
    )))
