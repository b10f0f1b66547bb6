/**
 * A database, as far as the store needs one: the same statements in both
 * dialects.
 *
 * `?` stands for a value, `@name` for a table of ours.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { StoreError } from "./Database.ts"

/** @since 0.1.0 */
export type Value = string | number | Uint8Array | null

/** Whole numbers are numbers in both databases. */
export type Row = Readonly<Record<string, Value>>

/** One statement with its values. */
export interface Statement {
  readonly sql: string
  readonly values: ReadonlyArray<Value>
}

/**
 * Many rows for one table. `conflict` is what follows the values; no two rows of
 * one insertion may conflict with each other.
 */
export interface Insertion {
  readonly table: string
  readonly columns: ReadonlyArray<readonly [name: string, kind: "text" | "integer" | "bytes"]>
  readonly rows: ReadonlyArray<ReadonlyArray<Value>>
  readonly conflict?: string
}

/**
 * - `address`: the file, or the server without user and password
 * - `read`: the rows of one statement
 * - `write`: makes all of the changes or none; how many rows each changed. What it is given at once is done at once:
 *   in SQLite nothing else has a turn meanwhile
 */
export class Sql extends Context.Service<Sql, {
  readonly dialect: "sqlite" | "postgresql"
  readonly address: string
  readonly read: (sql: string, values?: ReadonlyArray<Value>) => Effect.Effect<ReadonlyArray<Row>, StoreError>
  readonly write: (changes: ReadonlyArray<Statement | Insertion>) => Effect.Effect<ReadonlyArray<number>, StoreError>
}>()("@cadastre/store/Sql") {}

/** Statements are written by hand: each is translated once. */
export const memoised = (translate: (sql: string) => string): (sql: string) => string => {
  const known = new Map<string, string>()
  return (sql) => {
    const made = known.get(sql) ?? translate(sql)
    if (known.size < 500) known.set(sql, made)
    return made
  }
}

/** The conditions of which all values are given, as the end of a statement. */
export const where = (
  conditions: ReadonlyArray<readonly [condition: string, ...values: ReadonlyArray<Value | undefined>]>
): Statement => {
  const given = conditions.filter(([, ...values]) => !values.includes(undefined))
  return {
    sql: given.length === 0 ? "" : `WHERE ${given.map(([condition]) => condition).join(" AND ")}`,
    values: given.flatMap(([, ...values]) => values as ReadonlyArray<Value>)
  }
}
