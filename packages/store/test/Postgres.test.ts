import { Aggregate, coverageOf, stateOf, summaryOf } from "@cadastre/aggregation"
import { cellKey } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import { AuditLog, type DatabaseUrl, Inventory, InventoryRecorder, Snapshots, Store, StoreError } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Option, Redacted, References, Stream } from "effect"
import { TestClock } from "effect/testing"
import { postgres } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"

const key = { estate: "aws", variant: "full" }

/** What was warned of. */
const warnings = () => {
  const said: Array<string> = []
  const layer = Logger.layer([Logger.make(({ logLevel, message }) => {
    if (logLevel !== "Debug") said.push(String(message))
  })])
  return { said, layer }
}

const opened = (url: DatabaseUrl.DatabaseUrl) => Effect.scoped(Layer.build(Store.layer(url)))

describe.skipIf(!isInstalled)("PostgreSQL", () => {
  it.effect("what is too old and cannot be removed is told, but not of a server that is gone: its users tell that", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer({ durable: true })
      const said: Array<string> = []
      const log = Logger.layer([Logger.make(({ logLevel, message }) => said.push(`${logLevel}: ${String(message)}`))])
      const outcome = (count: number) =>
        Effect.repeat(Effect.yieldNow, { until: () => said.filter((line) => line.includes("What is too old")).length === count })
      // Makes the tables.
      yield* Effect.scoped(Layer.build(Store.layer(postgres(server.url()))))
      yield* Effect.gen(function*() {
        server.psql("ALTER TABLE cadastre.snapshots RENAME TO elsewhere")
        yield* Layer.build(Store.layer(postgres(server.url())))
        yield* outcome(1)
        assert.match(said.at(-1)!, /^Warn: What is too old could not be removed: /u)
        server.psql("ALTER TABLE cadastre.elsewhere RENAME TO snapshots")
        yield* server.kill
        // Tried again after a minute, then after two, and so on.
        yield* TestClock.adjust("1 minute")
        yield* outcome(2)
        assert.match(said.at(-1)!, /^Debug: What is too old was not removed: /u)
        yield* server.start
        server.psql("ALTER TABLE cadastre.snapshots RENAME TO elsewhere")
        yield* TestClock.adjust("2 minutes")
        yield* outcome(3)
        assert.match(said.at(-1)!, /^Debug: What is too old could not be removed: /u)
        server.psql("ALTER TABLE cadastre.elsewhere RENAME TO snapshots")
        server.psql("INSERT INTO cadastre.audit (id, at, correlation_id, action, outcome, duration_ms, parameters, digest) OVERRIDING SYSTEM VALUE VALUES (1, -40000000000, 'c', 'a', 'success', 1, '{}', 'd')")
        yield* TestClock.adjust("4 minutes")
        yield* outcome(4)
        assert.strictEqual(said.at(-1), "Info: What is too old is removed again")
        assert.lengthOf(said.filter((line) => line.startsWith("Warn: What is too old")), 1)
        assert.strictEqual(server.psql("SELECT count(*) FROM cadastre.audit"), "0")
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(log, Layer.succeed(References.MinimumLogLevel, "Debug")))
      )
    }).pipe(Effect.scoped), 60_000)

  it.live("another program's schema, a newer one and a server that is not there are refused, without the password", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      const refused = Effect.fnUntraced(function*(url: string, problem: RegExp) {
        const error = yield* Effect.flip(opened(postgres(url)))
        assert.instanceOf(error, StoreError)
        assert.match(error.message, problem)
        assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), new URL(url).password)
      })
      server.psql("CREATE DATABASE foreign_one")
      server.psql("CREATE SCHEMA cadastre; CREATE TABLE cadastre.parcels (id int)", "foreign_one")
      yield* refused(server.url("foreign_one"), /schema "cadastre" is another program's/u)
      assert.strictEqual(server.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'cadastre'", "foreign_one"), "1")

      const newer = yield* server.database
      yield* opened(postgres(newer))
      const name = new URL(newer).pathname.slice(1)
      server.psql("INSERT INTO cadastre.migrations (version) VALUES (99)", name)
      yield* refused(newer, /version is 99, and this program knows versions up to \d+\./u)

      yield* refused(server.url("nowhere"), /database "nowhere" does not exist/u)
      yield* refused(server.url().replace(/:[^:@]+@/u, ":another-secret@"), /password authentication failed/u)
      yield* server.kill
      yield* refused(server.url(), /ECONNREFUSED.*See that the server runs/u)
    }).pipe(Effect.scoped), 60_000)

  it.live("processes that begin at the same moment make the tables once", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      const url = postgres(yield* server.database)
      yield* Effect.forEach(Array.from({ length: 6 }), () => opened(url), { concurrency: "unbounded" })
      yield* opened(url)
    }).pipe(Effect.scoped), 60_000)

  it.live("a user who may not make a schema uses the one that was made for it", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      server.psql("CREATE USER scanner PASSWORD 'planted-password'")
      server.psql("CREATE DATABASE shared")
      const url = server.url("shared").replace("cadastre:", "scanner:")
      assert.match((yield* Effect.flip(opened(postgres(url)))).message, /permission denied/u)
      server.psql("CREATE SCHEMA cadastre AUTHORIZATION scanner", "shared")
      yield* opened(postgres(url))
    }).pipe(Effect.scoped), 60_000)

  it.live("a server that dies in mid-run costs one warning each, nothing half is kept, and it is used again when it is back", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer({ durable: true })
      const url = postgres(yield* server.database)
      const { layer, said } = warnings()
      const [cell, other, third] = cells
      const found = Array.from({ length: 10 }, (_, n) => resourceOf(cell!, n))
      yield* Effect.gen(function*() {
        const journals = yield* Journal
        const inventory = yield* Inventory
        const snapshots = yield* Snapshots
        const begun = yield* journals.begin({ key, request: "all", resume: false })
        const journal = begun!.journal
        const record = yield* InventoryRecorder.make({ id: "scan", estate: "aws" })
        // As many as are written down at once.
        const many = Array.from({ length: 1000 }, (_, n) => resourceOf(other!, n))
        yield* record({ _tag: "ResourcesFound", cell: other!, resources: many })
        yield* journal.append(cell!, found)
        yield* journal.end(resultOf(cell!, 10))
        yield* journal.append(other!, found)

        const error = yield* Effect.scoped(Effect.gen(function*() {
          const writer = yield* snapshots.begin({ scope: "all", policyHash: "p" })
          yield* server.kill
          for (let page = 0; page < 4; page++) {
            yield* writer.append(Array.from({ length: 5_000 }, (_, n) =>
              stateOf(cell!, resourceOf(cell!, page * 5_000 + n), { _tag: "Compliant", violations: [] })))
          }
          // All this while the scan goes on, and nothing of it fails.
          yield* journal.append(other!, found)
          yield* journal.end(resultOf(other!, 20))
          assert.isTrue(Option.isNone(yield* journal.find(cell!)))
          assert.strictEqual((yield* journals.lastCounts("aws", cells)).size, 0)
          yield* record({ _tag: "ResourcesFound", cell: third!, resources: many })
          yield* record({ _tag: "CellEnded", result: resultOf(other!, 0) })
          yield* server.start
          // Back, and too late: what was missed meanwhile would be taken for gone.
          yield* record({ _tag: "CellEnded", result: resultOf(other!, 0) })
          yield* journal.append(other!, found)
          yield* journal.end(resultOf(other!, 10))
          yield* journal.close(true)
          const aggregate = Aggregate.fold().aggregate()
          return yield* Effect.flip(writer.finish({
            takenAt: "2026-11-20T00:00:00.000Z",
            summary: summaryOf(aggregate),
            coverage: coverageOf(aggregate)
          }))
        }))
        assert.instanceOf(error, StoreError)
        assert.lengthOf(said.filter((line) => line.includes("journal")), 1)
        assert.lengthOf(said.filter((line) => line.includes("inventory")), 1)
        assert.notInclude(said.join("\n"), "planted-password")

        assert.deepStrictEqual(yield* snapshots.list({}), [])
        assert.lengthOf((yield* inventory.search({ estate: "aws", limit: 1000 })).items, 1000)
        const again = yield* journals.begin({ key, request: "all", resume: true })
        assert.isTrue(again!.resumed, "a scan that lost its journal did not see everything")
        const kept = yield* again!.journal.find(cell!)
        if (Option.isNone(kept)) return assert.fail("the cell that had ended is gone")
        assert.deepStrictEqual((yield* Stream.runCollect(kept.value.pages)).flat(), found)
        assert.isTrue(Option.isNone(yield* again!.journal.find(other!)), "a cell in part is not kept")
        assert.deepStrictEqual([...(yield* journals.lastCounts("aws", cells)).keys()], [cellKey(cell!)])
        yield* again!.journal.close(false)
      }).pipe(Effect.provide([Store.layer(url), Store.journal(url)]), Effect.provide(layer), Effect.scoped)
    }).pipe(Effect.scoped), 60_000)

  it.effect("a server that answers nothing is given up after 15 seconds, and used again when it answers", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      const url = postgres(yield* server.database)
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        yield* audit.query({})
        yield* server.freeze
        const waiting = yield* Effect.forkChild(Effect.flip(audit.query({})))
        // The question is on its way when the clock is set.
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust("15 seconds")
        assert.match((yield* Fiber.join(waiting)).message, /it does not answer|timed out/u)
        yield* server.thaw
        assert.deepStrictEqual(yield* audit.query({}), [])
      }).pipe(Effect.provide(Store.layer(url)), Effect.scoped)
    }).pipe(Effect.scoped), 60_000)

  it.live("the address of a server never shows who uses it", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      yield* server.kill
      const url = Redacted.make(`${server.url()}?application_name=secret-name`)
      const error = yield* Effect.flip(opened({ _tag: "Postgres", url }))
      assert.include(error.message, `PostgreSQL at 127.0.0.1:${server.port}/postgres cannot be used`)
      assert.notMatch(error.message, /planted-password|secret-name/u)
    }).pipe(Effect.scoped), 60_000)
})
