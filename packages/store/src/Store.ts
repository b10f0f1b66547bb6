/**
 * The whole store, in SQLite or PostgreSQL.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AttributeCipher from "./AttributeCipher.ts"
import { AuditLog } from "./AuditLog.ts"
import type { StoreError } from "./Database.ts"
import { addressOf, databaseUrl, type DatabaseUrl } from "./DatabaseUrl.ts"
import { Inventory } from "./Inventory.ts"
import { Leases } from "./Leases.ts"
import * as PatientSql from "./PatientSql.ts"
import * as PostgresJournal from "./PostgresJournal.ts"
import * as Retention from "./Retention.ts"
import { Snapshots } from "./Snapshots.ts"
import { Sql } from "./Sql.ts"
import * as SqliteJournal from "./SqliteJournal.ts"
import * as SqliteSql from "./SqliteSql.ts"

const sqlOf = (url: DatabaseUrl): Layer.Layer<Sql, StoreError> =>
  url._tag === "Sqlite"
    ? SqliteSql.layer(url.path)
    // Loaded only where it is used: it takes its time.
    : Layer.unwrap(Effect.map(Effect.promise(() => import("./PostgresSql.ts")), ({ layer }) => layer(url.url)))

/** What is too old is removed once in so long; where that failed it is tried again after less, and then after twice as long. */
const dayMs = 86_400_000
const firstPauseMs = 60_000
const longestPauseMs = 3_600_000

const pruning = Layer.effectDiscard(Effect.gen(function*() {
  const sql = yield* Sql
  const policy = yield* Retention.settings
  let failures = 0
  let isTold = false

  const failed = ({ message }: StoreError) =>
    Effect.matchEffect(sql.read("SELECT 1 AS one"), {
      // Of a store that is gone whoever uses it says so.
      onFailure: () => Effect.logDebug(`What is too old was not removed: ${message}`),
      onSuccess: () => {
        const isNews = !isTold
        isTold = true
        return isNews
          ? Effect.logWarning(`What is too old could not be removed: ${message}. That is tried again, at least once an hour`)
          : Effect.logDebug(`What is too old could not be removed: ${message}`)
      }
    }).pipe(Effect.map(() => Math.min(longestPauseMs, firstPauseMs * 2 ** failures++)))

  const removed = Effect.suspend(() => {
    failures = 0
    const isNews = isTold
    isTold = false
    return Effect.as(isNews ? Effect.logInfo("What is too old is removed again") : Effect.void, dayMs)
  })

  yield* Retention.prune(sql, policy).pipe(
    Effect.matchEffect({ onFailure: failed, onSuccess: () => removed }),
    Effect.flatMap((pauseMs) => Effect.sleep(pauseMs)),
    Effect.forever,
    Effect.forkScoped
  )
}))

/**
 * Removes what is too old, now; see `Retention`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const prune = (url: DatabaseUrl): Effect.Effect<void, StoreError | Config.ConfigError> =>
  Effect.flatMap(Retention.settings, (policy) => Effect.flatMap(Sql, (sql) => Retention.prune(sql, policy))).pipe(
    Effect.provide(sqlOf(url))
  )

/**
 * History, inventory, audit log and leases in one database. What is too old is removed
 * in the background when it is opened, and once a day after that; what failed is tried again after a minute, then after
 * twice as long, up to an hour; see `Retention`.
 *
 * Encrypted attributes, see `AttributeCipher`, are read from the environment too.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  url: DatabaseUrl
): Layer.Layer<Snapshots | Inventory | AuditLog | Leases, StoreError | Config.ConfigError> => over(sqlOf(url))

const over = <E>(sql: Layer.Layer<Sql, E>): Layer.Layer<Snapshots | Inventory | AuditLog | Leases, E | Config.ConfigError> =>
  Layer.mergeAll(Snapshots.layerNoDeps, Inventory.layerNoDeps, AuditLog.layerNoDeps, Leases.layerNoDeps, pruning).pipe(
    Layer.provide(sql),
    Layer.provide(AttributeCipher.layer)
  )

/**
 * The same for what goes on without a store and uses it as soon as it is there,
 * such as a server: until then whatever is asked of it fails with the
 * `StoreError` that says why, and a warning says it once.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPatient = (url: DatabaseUrl): Layer.Layer<Snapshots | Inventory | AuditLog | Leases, Config.ConfigError> =>
  over(PatientSql.layer(
    sqlOf(url),
    url._tag === "Sqlite"
      ? { dialect: "sqlite", address: url.path }
      : { dialect: "postgresql", address: addressOf(url.url) }
  ))

/**
 * {@link layerPatient} where `DATABASE_URL` says. Whoever builds it together with others that use it shares it with them.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPatientConfig: Layer.Layer<Snapshots | Inventory | AuditLog | Leases, Config.ConfigError> = Layer.unwrap(
  Effect.map(databaseUrl, layerPatient)
)

/**
 * The journal of scans in the same database.
 *
 * @category layers
 * @since 0.1.0
 */
export const journal = (url: DatabaseUrl): Layer.Layer<never, StoreError | Config.ConfigError> =>
  (url._tag === "Sqlite" ? SqliteJournal.layer(url.path) : Layer.provide(PostgresJournal.layerNoDeps, sqlOf(url))).pipe(
    Layer.provide(AttributeCipher.layer)
  )

/**
 * `layer` and `journal` where `DATABASE_URL` says.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Snapshots | Inventory | AuditLog | Leases, StoreError | Config.ConfigError> = Layer.unwrap(
  Effect.map(databaseUrl, (url) => Layer.merge(layer(url), journal(url)))
)
