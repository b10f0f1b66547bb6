import { AuditLog, type DatabaseUrl, Leases, Store } from "@cadastre/store"
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { postgres } from "./Backends.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-patient-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const row = { at: 1, correlationId: "c", action: "a", parameters: {}, outcome: "success", durationMs: 1 } as const

/** The store while the scope lives, and what it warned of. */
const opened = (url: DatabaseUrl.DatabaseUrl) =>
  Effect.gen(function*() {
    const said: Array<string> = []
    const log = Logger.layer([Logger.make(({ logLevel, message }) => void (logLevel === "Warn" && said.push(String(message))))])
    return { said, services: yield* Layer.build(Layer.provide(Store.layerPatient(url), log)) }
  })

describe("a store that is not there yet", () => {
  it.effect("a SQLite file that cannot be opened is told once, and used when it can be", () =>
    Effect.gen(function*() {
      const place = join(yield* folder, "data")
      // A file where the directory should be: nobody, whatever their rights, opens anything in it.
      writeFileSync(place, "")
      const { said, services } = yield* opened({ _tag: "Sqlite", path: join(place, "cadastre.db") })
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        const error = yield* Effect.flip(audit.append(row))
        assert.match(error.message, /cadastre\.db cannot be used as Cadastre's database: .*(?:EEXIST|ENOTDIR)/u)
        assert.strictEqual(said.length, 1)
        assert.match(said[0]!, /^The store \(DATABASE_URL\) is not there: .*cannot be used/u)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(said.length, 1)
        rmSync(place)
        mkdirSync(place)
        // Nobody needs to ask.
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(said.slice(1), [`The store (DATABASE_URL) is there now: ${join(place, "cadastre.db")}`])
        yield* audit.append(row)
        assert.lengthOf(yield* audit.query({}), 1)
        assert.isTrue(yield* (yield* Leases).take("n", "h", 1000))
      }).pipe(Effect.provideContext(services))
    }))

  it.effect("a SQLite file that another program keeps locked holds up nobody for longer than five seconds, and is used when it is free", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "cadastre.db")
      yield* Effect.scoped(Layer.build(Store.layer({ _tag: "Sqlite", path })))
      const other = new DatabaseSync(path)
      other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE theirs (x); COMMIT")
      const { said, services } = yield* opened({ _tag: "Sqlite", path })
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        const early = yield* Effect.forkChild(Effect.flip(audit.append(row)))
        yield* TestClock.adjust("5 seconds")
        assert.match((yield* Fiber.join(early)).message, /another process keeps it locked\. See which one has it open/u)
        assert.deepStrictEqual(said, [])
        yield* TestClock.adjust("6 seconds")
        assert.lengthOf(said, 1)
        assert.match(said[0]!, /^The store \(DATABASE_URL\) is not there: .*another process keeps it locked/u)
        other.close()
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(said.slice(1), [`The store (DATABASE_URL) is there now: ${path}`])
        yield* audit.append(row)
        assert.lengthOf(yield* audit.query({}), 1)
      }).pipe(Effect.provideContext(services))
    }))

  it.live.skipIf(!isInstalled)("a PostgreSQL that starts later, and that is lost and comes back, is used each time it is there", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer({ durable: true })
      const url = yield* server.database
      yield* server.kill
      const { said, services } = yield* opened(postgres(url))
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        assert.match((yield* Effect.flip(audit.append(row))).message, /PostgreSQL at 127\.0\.0\.1:\d+\/test1 cannot be used .*ECONNREFUSED/u)
        yield* server.start
        // Whoever needs it is why it is asked at once; half a second is between two questions.
        yield* Effect.retry(audit.append(row), { schedule: Schedule.spaced("100 millis"), times: 40 })
        yield* server.kill
        assert.match((yield* Effect.flip(audit.query({}))).message, /PostgreSQL at/u)
        yield* server.start
        const rows = yield* Effect.retry(audit.query({}), { schedule: Schedule.spaced("100 millis"), times: 40 })
        assert.deepStrictEqual(rows.map(({ correlationId }) => correlationId), ["c"])
        assert.notInclude(said.join("\n"), "planted-password")
        assert.strictEqual(said.filter((line) => line.includes("is there now")).length, 1)
      }).pipe(Effect.provideContext(services))
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!isInstalled)("who is not let in, and what does not exist, is told with what to do, and without the password", () =>
    Effect.gen(function*() {
      const server = yield* postgresServer()
      const told = Effect.fnUntraced(function*(url: string) {
        const { said, services } = yield* opened(postgres(url))
        yield* Effect.flip(Effect.flatMap(AuditLog, ({ query }) => query({}))).pipe(Effect.provideContext(services))
        assert.notInclude(said.join("\n"), new URL(url).password)
        return said[0]
      }, Effect.scoped)
      assert.match((yield* told(server.url().replace(/:[^:@]+@/u, ":another-secret@")))!, /authentication failed.*Correct user and password in DATABASE_URL/u)
      assert.match((yield* told(server.url("nowhere")))!, /database "nowhere" does not exist\. Correct the database in DATABASE_URL, or create it/u)
      // A name that has several addresses.
      yield* server.kill
      assert.match((yield* told(server.url().replace("127.0.0.1", "localhost")))!, /ECONNREFUSED.*See that the server runs/u)
    }).pipe(Effect.scoped), 60_000)
})
