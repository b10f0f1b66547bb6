/**
 * Who called which tool, and what came of it: one row for each call, also for
 * those that were refused.
 *
 * @since 0.1.0
 */
import { AuditLog, type AuditRow, Store } from "@cadastre/store"
import type { ConfigError } from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * - `append`: writes a row, or says in the log that it could not; a call does not fail for it
 *
 * @category services
 * @since 0.1.0
 */
export class AuditTrail extends Context.Service<AuditTrail, {
  readonly append: (row: AuditRow) => Effect.Effect<void>
}>()("@cadastre/mcp-adapter/AuditTrail") {
  /** Into the store. */
  static readonly layerNoDeps: Layer.Layer<AuditTrail, never, AuditLog> = Layer.effect(
    AuditTrail,
    Effect.map(AuditLog, (log) =>
      AuditTrail.of({
        append: (row) =>
          log.append(row).pipe(
            Effect.timeout("2 seconds"),
            Effect.catch((error) =>
              Effect.logError(`A call could not be written to the audit trail: ${error.message}`, inLog(row))
            )
          )
      }))
  )

  /** Into the log alone, where there is no store. */
  static readonly layerLog: Layer.Layer<AuditTrail> = Layer.succeed(
    AuditTrail,
    AuditTrail.of({ append: (row) => Effect.logInfo("tool call", inLog(row)) })
  )

  /**
   * Into the store that `DATABASE_URL` names; into the log where that cannot be
   * opened: a server that cannot remember still answers.
   */
  static readonly layer: Layer.Layer<AuditTrail, ConfigError> = AuditTrail.layerNoDeps.pipe(
    Layer.provide(Store.layerConfig),
    Layer.catchTag("StoreError", (error) =>
      Layer.unwrap(Effect.as(
        Effect.logWarning(`The audit trail goes to the log, because the store cannot be opened: ${error.message}`),
        AuditTrail.layerLog
      )))
  )

  /** Into `rows`, for tests; the last 10,000 are kept. */
  static readonly layerMemory = (rows: Array<AuditRow>): Layer.Layer<AuditTrail> =>
    Layer.succeed(
      AuditTrail,
      AuditTrail.of({
        append: (row) =>
          Effect.sync(() => {
            rows.push(row)
            if (rows.length > 10_000) rows.shift()
          })
      })
    )
}

/** Without the parameters: the log is read by more people, and is kept in more places. */
const inLog = ({ parameters: _, ...row }: AuditRow): Omit<AuditRow, "parameters"> => row
