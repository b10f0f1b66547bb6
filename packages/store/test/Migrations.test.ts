import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Journal } from "@cadastre/scanner-core"
import { Store, StoreError } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { applicationId, migrations } from "../src/Migrations.ts"
import { schemaSteps } from "../src/PostgresMigrations.ts"
import { serverOfFile, postgres } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"
import { isInstalled } from "@cadastre/test-servers/PostgresServer"

const file = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
).pipe(Effect.map((directory) => join(directory, "cadastre.db")))

/** Tables, indexes and columns, as a text. */
const shapeOf = (path: string): string => {
  const database = new DatabaseSync(path)
  const shape = database.prepare("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").all()
  database.close()
  return JSON.stringify(shape)
}

const upgraded = (path: string) => Effect.scoped(Layer.build(Store.layer({ _tag: "Sqlite", path })))

describe("migrations", () => {
  for (let from = 0; from < migrations.length; from++) {
    it.live(`SQLite: version ${from} becomes version ${migrations.length}, and keeps what it had`, () =>
      Effect.gen(function*() {
        const path = yield* file
        const database = new DatabaseSync(path)
        database.exec("PRAGMA auto_vacuum = INCREMENTAL")
        for (const step of migrations.slice(0, from)) database.exec(step)
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${from}`)
        if (from >= 1) {
          // As version 1 wrote it.
          database.exec("INSERT INTO scans (id, estate, variant, request, started_at, heartbeat_at) VALUES ('s', 'aws', 'full', 'all', 1, 1)")
          const result = JSON.stringify(resultOf(cells[0]!, 0))
          database.prepare("INSERT INTO cells VALUES ('aws', 'full', ?, ?, ?, 's', 1, 0, ?, 0, 1, ?)")
            .run(cells[0]!.accountId, cells[0]!.region, cells[0]!.type, Date.now(), result)
        }
        database.close()
        yield* upgraded(path)
        const fresh = yield* file
        yield* upgraded(fresh)
        assert.strictEqual(shapeOf(path), shapeOf(fresh))
        if (from === 0) return
        yield* Effect.gen(function*() {
          const begun = yield* (yield* Journal).begin({ key: { estate: "aws", variant: "full" }, request: "new", resume: false })
          const kept = yield* begun!.journal.find(cells[0]!)
          if (Option.isNone(kept)) return assert.fail("the cell is gone")
          assert.deepStrictEqual(yield* Stream.runCollect(kept.value.pages), [])
          yield* begun!.journal.append(cells[1]!, [resourceOf(cells[1]!, 1)])
          yield* begun!.journal.end(resultOf(cells[1]!, 1))
        }).pipe(Effect.provide(Store.journal({ _tag: "Sqlite", path })), Effect.scoped)
      }).pipe(Effect.scoped))
  }

  it.live("SQLite: a step that fails leaves the version before, whole", () =>
    Effect.gen(function*() {
      const path = yield* file
      const database = new DatabaseSync(path)
      database.exec(migrations[0]!)
      // In the way of what the next step makes last.
      database.exec(`CREATE TABLE audit (theirs TEXT); PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`)
      database.close()
      const before = shapeOf(path)
      const error = yield* Effect.flip(upgraded(path))
      assert.instanceOf(error, StoreError)
      assert.match(error.message, /table audit already exists/u)
      assert.strictEqual(shapeOf(path), before)
    }).pipe(Effect.scoped))

  it.live("SQLite: a file of ours that lacks its tables is left as it is", () =>
    Effect.gen(function*() {
      const path = yield* file
      const database = new DatabaseSync(path)
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1; CREATE TABLE x (y)`)
      database.close()
      const before = readFileSync(path)
      const error = yield* Effect.flip(upgraded(path))
      assert.match(error.message, /it has no table of ours/u)
      assert.deepStrictEqual(readFileSync(path), before)
      assert.isFalse(existsSync(`${path}-wal`))
    }).pipe(Effect.scoped))
})

describe.skipIf(!isInstalled)("migrations of PostgreSQL", () => {
  const server = isInstalled ? serverOfFile() : undefined
  for (let from = 0; from < schemaSteps.length; from++) {
    it.live(`version ${from} becomes version ${schemaSteps.length}`, () =>
      Effect.gen(function*() {
        const { database, psql } = server!()
        const [url, fresh] = [yield* database, yield* database]
        const nameOf = (url: string) => new URL(url).pathname.slice(1)
        psql("CREATE SCHEMA cadastre; CREATE TABLE cadastre.migrations (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())", nameOf(url))
        for (const [step, statements] of schemaSteps.slice(0, from).entries()) {
          for (const sql of statements) psql(sql.replaceAll("@", "cadastre."), nameOf(url))
          psql(`INSERT INTO cadastre.migrations (version) VALUES (${step + 1})`, nameOf(url))
        }
        yield* Effect.forEach([url, fresh], (url) => Effect.scoped(Layer.build(Store.layer(postgres(url)))))
        const shape = (url: string) =>
          psql(
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'cadastre' " +
              "UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'cadastre' ORDER BY 1, 2",
            nameOf(url)
          )
        assert.strictEqual(shape(url), shape(fresh))
        assert.strictEqual(psql("SELECT max(version) FROM cadastre.migrations", nameOf(url)), `${schemaSteps.length}`)
      }).pipe(Effect.scoped), 60_000)
  }
})
