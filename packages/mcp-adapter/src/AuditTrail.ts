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
import * as AuditBacklog from "./AuditBacklog.ts"

/**
 * - `append`: writes a row; a call does not fail for it, and waits 2 seconds at most
 *
 * @category services
 * @since 0.1.0
 */
export class AuditTrail extends Context.Service<AuditTrail, {
  readonly append: (row: AuditRow) => Effect.Effect<void>
}>()("@cadastre/mcp-adapter/AuditTrail") {
  /** Into the store; see `AuditBacklog` for what cannot be written there. */
  static readonly layerNoDeps: Layer.Layer<AuditTrail, never, AuditLog> = Layer.effect(
    AuditTrail,
    Effect.gen(function*() {
      return AuditTrail.of({ append: yield* AuditBacklog.make(yield* AuditLog) })
    })
  )

  /** Into the log alone, where there is no store. */
  static readonly layerLog: Layer.Layer<AuditTrail> = Layer.succeed(
    AuditTrail,
    AuditTrail.of({ append: (row) => Effect.logInfo("tool call", AuditBacklog.withoutParameters(row)) })
  )

  /** Into the store that `DATABASE_URL` names, as soon as it is there. */
  static readonly layer: Layer.Layer<AuditTrail, ConfigError> = AuditTrail.layerNoDeps.pipe(
    Layer.provide(Store.layerPatientConfig)
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
