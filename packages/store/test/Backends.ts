/** The databases that keep one contract, each empty and gone after the test. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { DatabaseUrl } from "@cadastre/store"
import { Effect, Exit, Redacted, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import { isInstalled, type PostgresServer, postgresServer } from "@cadastre/test-servers/PostgresServer"

export interface Backend {
  readonly name: string
  /** A database of the test's own. */
  readonly fresh: Effect.Effect<DatabaseUrl.DatabaseUrl, never, Scope.Scope>
  /** Does something to it behind the store's back; `@` stands before our tables' names. */
  readonly tamper: (url: DatabaseUrl.DatabaseUrl, sql: string) => void
}

const sqlite: Backend = {
  name: "SQLite",
  fresh: Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
    ),
    (directory) => ({ _tag: "Sqlite", path: join(directory, "deep", "cadastre.db") })
  ),
  tamper: (url, sql) => {
    if (url._tag !== "Sqlite") throw new Error("that is no file")
    const database = new DatabaseSync(url.path)
    database.exec(sql.replaceAll("@", ""))
    database.close()
  }
}

/** SQLite, and PostgreSQL where it is installed: one server for all tests of the file. */
export const backends = (): ReadonlyArray<Backend> => {
  if (!isInstalled) return [sqlite]
  const server = serverOfFile()
  return [sqlite, {
    name: "PostgreSQL",
    fresh: Effect.suspend(() => Effect.map(server().database, postgres)),
    tamper: (url, sql) => {
      if (url._tag !== "Postgres") throw new Error("that is no server")
      server().psql(sql.replaceAll("@", "cadastre."), new URL(Redacted.value(url.url)).pathname.slice(1))
    }
  }]
}

export const postgres = (url: string): DatabaseUrl.DatabaseUrl => ({ _tag: "Postgres", url: Redacted.make(url) })

/** A server that all tests of the file share. */
export const serverOfFile = (): () => PostgresServer => {
  const scope = Scope.makeUnsafe()
  let server: PostgresServer | undefined
  beforeAll(async () => {
    server = await Effect.runPromise(Scope.provide(postgresServer(), scope))
  }, 60_000)
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => server!
}
