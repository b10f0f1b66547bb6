/**
 * DuckDB, loaded when it is first used and shut in: it reads the files that it is given and nothing else.
 *
 * @since 0.1.0
 */
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NoDuckDb } from "./CostError.ts"

/** What a query may refer to as `$name`. */
export type Parameters = Readonly<Record<string, string | ReadonlyArray<string>>>

/** A database in memory. */
export interface Database {
  /** The rows of a query; rejects with DuckDB's own words. */
  readonly query: (sql: string, parameters: Parameters) => Promise<ReadonlyArray<ReadonlyArray<DuckDBValue>>>
  /** The names and types of a query's columns. */
  readonly columns: (sql: string, parameters: Parameters) => Promise<ReadonlyMap<string, string>>
}

/**
 * Memory that a query may use before it goes on in files, which are private and gone with the scope. Node itself and
 * what DuckDB does not count come on top.
 */
const memoryLimit = "480MiB"

/** Opens a database for as long as the scope lives. */
export const open = (files: ReadonlyArray<string>): Effect.Effect<Database, NoDuckDb, Scope.Scope> =>
  Effect.gen(function*() {
    const duckdb = yield* Effect.tryPromise({ try: () => import("@duckdb/node-api"), catch: () => new NoDuckDb() })
    const spill = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "cadastre-cost-"))),
      (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
    )
    const connection = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const instance = await duckdb.DuckDBInstance.create(":memory:", {
          memory_limit: memoryLimit,
          temp_directory: spill,
          // Extensions would be fetched from elsewhere; CSV, JSON and Parquet are built in.
          autoinstall_known_extensions: "false",
          autoload_known_extensions: "false",
          preserve_insertion_order: "false"
        })
        const made = await instance.connect()
        await made.run("SET TimeZone = 'UTC'")
        await made.run("SET allowed_paths = $files", { files: duckdb.listValue(files) }, { files: duckdb.LIST(duckdb.VARCHAR) })
          .catch(() => made.run(`SET allowed_paths = [${files.map((file) => `'${file.replaceAll("'", "''")}'`).join(",")}]`))
        await made.run("SET enable_external_access = false")
        await made.run("SET lock_configuration = true")
        return { instance, made }
      }),
      ({ instance, made }) =>
        Effect.sync(() => {
          made.closeSync()
          instance.closeSync()
        })
    )
    const bound = async (made: DuckDBConnection, sql: string, parameters: Parameters) => {
      const statement = await made.prepare(sql)
      for (const [name, value] of Object.entries(parameters)) {
        const at = statement.parameterIndex(name)
        if (typeof value === "string") statement.bindVarchar(at, value)
        else statement.bindList(at, duckdb.listValue(value), duckdb.LIST(duckdb.VARCHAR))
      }
      return statement
    }
    const query: Database["query"] = async (sql, parameters) => {
      const statement = await bound(connection.made, sql, parameters)
      try {
        return (await statement.runAndReadAll()).getRows()
      } finally {
        statement.destroySync()
      }
    }
    return {
      query,
      columns: async (sql, parameters) =>
        new Map((await query(`DESCRIBE ${sql}`, parameters)).map(([name, type]) => [String(name), String(type)]))
    }
  })
