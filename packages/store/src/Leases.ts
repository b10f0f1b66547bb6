/**
 * What only one process at a time may do.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { StoreError } from "./Database.ts"
import { Sql } from "./Sql.ts"

/**
 * Names that are held for a while by one holder each, among all processes that use the same store. A holder that ends
 * without giving it back loses it when its time is over. The clocks of the processes are taken to be the same.
 *
 * - `take`: takes a name for `ttlMs`, milliseconds, or holds one's own for as long again: whether it is the holder's now
 * - `giveBack`: lets others take it; nothing happens where it is somebody else's
 *
 * @category services
 * @since 0.1.0
 */
export class Leases extends Context.Service<Leases, {
  readonly take: (name: string, holder: string, ttlMs: number) => Effect.Effect<boolean, StoreError>
  readonly giveBack: (name: string, holder: string) => Effect.Effect<void, StoreError>
}>()("@cadastre/store/Leases") {
  static readonly layerNoDeps: Layer.Layer<Leases, never, Sql> = Layer.effect(
    Leases,
    Effect.map(Sql, (sql) =>
      Leases.of({
        take: Effect.fn("Leases.take")(function*(name, holder, ttlMs) {
          const now = yield* Clock.currentTimeMillis
          const [count] = yield* sql.write([{
            sql: "INSERT INTO @leases AS existing (name, holder, ends_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE " +
              "SET holder = excluded.holder, ends_at = excluded.ends_at WHERE existing.holder = excluded.holder OR existing.ends_at <= ?",
            values: [name, holder, now + ttlMs, now]
          }])
          return count === 1
        }),
        giveBack: Effect.fn("Leases.giveBack")(function*(name, holder) {
          yield* sql.write([{ sql: "DELETE FROM @leases WHERE name = ? AND holder = ?", values: [name, holder] }])
        })
      }))
  )
}
