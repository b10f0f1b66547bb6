/**
 * A SQLite file as a `Sql`.
 *
 * @since 0.1.0
 */
import { statSync } from "node:fs"
import type { StatementSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as CommitQueue from "./CommitQueue.ts"
import * as Database from "./Database.ts"
import { type Insertion, type Row, Sql, type Statement } from "./Sql.ts"

/**
 * @category layers
 * @since 0.1.0
 */
export const layer = (path: string): Layer.Layer<Sql, Database.StoreError> =>
  Layer.effect(
    Sql,
    Effect.gen(function*() {
      const database = yield* Database.open(path)
      const { ino } = yield* Database.check(path, () => statSync(path))
      const prepared = new Map<string, StatementSync>()
      const prepare = (sql: string): StatementSync => {
        const statement = prepared.get(sql) ?? database.prepare(sql.replaceAll("@", ""))
        if (prepared.size < 500) prepared.set(sql, statement)
        return statement
      }
      const trouble = () =>
        statSync(path, { throwIfNoEntry: false })?.ino === ino ? undefined : "somebody has removed the file"
      const failed = (problem: string) =>
        new Database.StoreError({ path, problem, remedy: "See that the file is whole and can be written" })

      const write = Effect.fnUntraced(function*(changes: ReadonlyArray<Statement | Insertion>) {
        let counts: Array<number> = []
        const change: CommitQueue.Change = {
          size: 0,
          make: () => {
            counts = changes.map((change) => {
              if ("sql" in change) return Number(prepare(change.sql).run(...change.values).changes)
              const statement = prepare(insertionOf(change))
              let count = 0
              for (const row of change.rows) count += Number(statement.run(...row).changes)
              return count
            })
          }
        }
        const outcome = yield* CommitQueue.commit(database, [change], trouble).pipe(
          Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (outcome) => outcome !== "busy" }),
          Effect.timeoutOrElse({
            duration: CommitQueue.patience,
            orElse: () => Effect.succeed({ failure: "another process keeps the database locked" })
          })
        )
        return typeof outcome === "object" ? yield* failed(outcome.failure) : counts
      })

      return Sql.of({
        dialect: "sqlite",
        address: path,
        read: (sql, values = []) =>
          Effect.try({
            try: () => prepare(sql).all(...values) as ReadonlyArray<Row>,
            catch: (cause) => failed(cause instanceof Error ? cause.message : String(cause))
          }),
        write
      })
    })
  )

const insertionOf = ({ columns, conflict = "", table }: Insertion): string =>
  `INSERT INTO ${table} AS existing (${columns.map(([name]) => name).join(", ")}) ` +
  `VALUES (${columns.map(() => "?").join(", ")}) ${conflict}`
