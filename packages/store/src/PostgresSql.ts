/**
 * A PostgreSQL server as a `Sql`. Our tables are in a schema of their own,
 * `cadastre`.
 *
 * @since 0.1.0
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import * as PgPool from "@effect/sql-pg/PgPool"
import * as PgTypes from "@effect/sql-pg/PgTypes"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { SqlError } from "effect/sql/SqlError"
import { StoreError } from "./Database.ts"
import { addressOf } from "./DatabaseUrl.ts"
import { schemaSteps } from "./PostgresMigrations.ts"
import { type Insertion, memoised, type Row, Sql, type Value } from "./Sql.ts"

/** What does not answer for so long is away. */
const patience = "15 seconds"

/**
 * Connects and brings the tables up to date; several processes that begin at
 * once wait for each other.
 *
 * Fails with `StoreError` when the server cannot be reached or used: the tables
 * are newer than this program, or the schema `cadastre` is somebody else's, who
 * finds it as it was.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (url: Redacted.Redacted): Layer.Layer<Sql, StoreError> =>
  Layer.effect(
    Sql,
    Effect.gen(function*() {
      const address = addressOf(url)
      const failed = failedAt(address)
      const scope = yield* Effect.scope
      const pool = yield* PgPool.make({
        url,
        maxConnections: 8,
        connectTimeout: "5 seconds",
        applicationName: "cadastre",
        maxMessageSize: 64 * 2 ** 20
      }).pipe(Effect.mapError(failed))

      /** Whoever waits for an answer stops waiting; what becomes of the connection is the pool's business. */
      const within = <A>(work: Effect.Effect<A, SqlError | StoreError>): Effect.Effect<A, StoreError> =>
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(Effect.forkIn(restore(work), scope), (fiber) =>
            restore(Fiber.join(fiber)).pipe(
              Effect.timeoutOrElse({
                duration: patience,
                orElse: () =>
                  Effect.fail(new StoreError({ path: address, problem: "it does not answer", remedy: serverRemedy }))
              }),
              Effect.onExit((exit) =>
                Exit.isSuccess(exit) ? Effect.void : Effect.asVoid(Effect.forkDetach(Fiber.interrupt(fiber)))),
              Effect.mapError((error) => error instanceof StoreError ? error : failed(error))
            ))
        )

      const transaction = <A, E>(work: (connection: PgConnection.PgConnection) => Effect.Effect<A, E>) =>
        Effect.scoped(Effect.flatMap(pool.reserve, (connection) =>
          Effect.andThen(connection.query("BEGIN"), work(connection)).pipe(
            Effect.tap(() => connection.query("COMMIT")),
            // A connection that is lost has nothing to take back.
            Effect.onError(() => Effect.ignore(connection.query("ROLLBACK")))
          )))

      yield* within(transaction((connection) => migrate(connection, address)))

      return Sql.of({
        dialect: "postgresql",
        address,
        read: (sql, values = []) =>
          within(pool.use((connection) =>
            Effect.map(connection.query(translate(sql), values.map(parameterOf)), ({ rows }) => rows.map(rowOf)))),
        write: (changes) =>
          within(transaction((connection) =>
            Effect.forEach(changes, (change) => {
              if ("sql" in change) {
                return Effect.map(
                  connection.query(translate(change.sql), change.values.map(parameterOf)),
                  ({ rowCount }) => rowCount
                )
              }
              return change.rows.length === 0
                ? Effect.succeed(0)
                : Effect.map(connection.query(insertionOf(change), columnsOf(change)), ({ rowCount }) => rowCount)
            })
          ))
      })
    })
  )

/** Statements of ours hold no question mark that is none, and no at sign. */
const translate = memoised((sql) => {
  let values = 0
  return sql.replaceAll(/\?|@(?=\w)/gu, (found) => found === "?" ? `$${++values}` : "cadastre.")
})

const parameterOf = (value: Value): unknown =>
  typeof value === "number"
    ? Number.isInteger(value) ? PgTypes.int8(BigInt(value)) : PgTypes.float8(value)
    : typeof value === "string"
    ? PgTypes.text(textOf(value))
    : value

/** PostgreSQL's texts hold any character but this one, which AWS allows nowhere; in JSON it is written in letters. */
const textOf = (text: string): string => text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text

const rowOf = (row: PgConnection.Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, (typeof value === "bigint" ? Number(value) : value) as Value])
  )

const kinds = {
  text: { name: "text", oid: PgTypes.OID.text },
  integer: { name: "bigint", oid: PgTypes.OID.int8 },
  bytes: { name: "bytea", oid: PgTypes.OID.bytea }
}

/** One array a column: the statement is the same for any number of rows. */
const insertionOf = ({ columns, conflict = "", table }: Insertion): string =>
  translate(
    `INSERT INTO ${table} AS existing (${columns.map(([name]) => name).join(", ")}) ` +
      `SELECT * FROM unnest(${columns.map(([, kind]) => `?::${kinds[kind].name}[]`).join(", ")}) ${conflict}`
  )

const columnsOf = ({ columns, rows }: Insertion): ReadonlyArray<unknown> =>
  columns.map(([, kind], column) =>
    Result.getOrThrow(PgTypes.array(
      rows.map((row) => {
        const value = row[column] ?? null
        return typeof value === "number" ? BigInt(value) : typeof value === "string" ? textOf(value) : value
      }),
      kinds[kind].oid
    ))
  )

/** Any number that is ours alone: "CADAST" in ASCII. */
const migrationLock = 0x434144415354

const migrate = Effect.fnUntraced(function*(connection: PgConnection.PgConnection, address: string) {
  const query = (sql: string, values: ReadonlyArray<Value> = []) =>
    Effect.map(connection.query(translate(sql), values.map(parameterOf), false), ({ rows }) => rows.map(rowOf))
  yield* query("SELECT pg_advisory_xact_lock(?)", [migrationLock])
  const [found] = yield* query(
    "SELECT count(*) AS tables, count(*) FILTER (WHERE table_name = 'migrations') AS ours " +
      "FROM information_schema.tables WHERE table_schema = 'cadastre'"
  )
  if (found!.ours === 0) {
    if (found!.tables !== 0) {
      return yield* new StoreError({
        path: address,
        problem: "its schema \"cadastre\" is another program's",
        remedy: "Name another database"
      })
    }
    // Only where it is not there: whoever made it for us may not allow us to make one.
    const schemas = yield* query("SELECT 1 AS one FROM pg_namespace WHERE nspname = 'cadastre'")
    if (schemas.length === 0) yield* query("CREATE SCHEMA cadastre")
    yield* query("CREATE TABLE @migrations (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
  }
  const [last] = yield* query("SELECT coalesce(max(version), 0) AS version FROM @migrations")
  const version = Number(last!.version)
  if (version > schemaSteps.length) {
    return yield* new StoreError({
      path: address,
      problem: `its tables' version is ${version}, and this program knows versions up to ${schemaSteps.length}`,
      remedy: "Use the newer Cadastre that made them, or name another database"
    })
  }
  for (const [done, statements] of schemaSteps.entries()) {
    if (done < version) continue
    for (const sql of statements) yield* query(sql)
    yield* query("INSERT INTO @migrations (version) VALUES (?)", [done + 1])
  }
})

const serverRemedy = "See that the server runs, that it can be reached, and that the user may use the database"

const failedAt = (address: string) => ({ reason }: SqlError): StoreError => {
  // Of a name with several addresses each has failed.
  const cause: unknown = reason.cause instanceof AggregateError ? reason.cause.errors[0] : reason.cause
  const problem = cause instanceof Error && cause.message !== "" ? cause.message : reason.message
  return new StoreError({ path: address, problem, remedy: remedyOf(reason._tag, problem) })
}

const remedyOf = (kind: SqlError["reason"]["_tag"], problem: string): string =>
  kind === "AuthenticationError"
    ? "Correct user and password in DATABASE_URL, or let the server accept them"
    : /database "[^"]*" does not exist/u.test(problem)
    ? "Correct the database in DATABASE_URL, or create it"
    : serverRemedy
