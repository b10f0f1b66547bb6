import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { cellKey } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import { databasePath, SqliteJournal, StoreError } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const key = { estate: "aws", variant: "full" }

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

const inProcess = <A, E>(path: string, work: Effect.Effect<A, E>) =>
  Effect.scoped(Effect.provide(work, SqliteJournal.layer(path)))

const begin = Effect.gen(function*() {
  const begun = yield* (yield* Journal).begin({ key, request: "all", resume: true })
  return begun?.journal ?? assert.fail("the journal did not begin")
})

/** Whole cells that the file holds, each with its resources as they must be. */
const wholeCells = (path: string) =>
  inProcess(path, Effect.gen(function*() {
    const journal = yield* begin
    const found = new Map<string, number>()
    for (const cell of cells) {
      const kept = yield* journal.find(cell)
      if (Option.isNone(kept)) continue
      const resources = (yield* Stream.runCollect(kept.value.pages)).flat()
      const { round } = resources[0]!.attributes as { readonly round: number }
      assert.deepStrictEqual(resources, resources.map((_, n) => resourceOf(cell, n, round)))
      assert.strictEqual(kept.value.result.resources, resources.length)
      found.set(cellKey(cell), round)
    }
    return found
  }))

/** A process of its own that writes down cells until it is killed; it says which have ended. */
const writer = (path: string, name: string): ChildProcess =>
  fork(fileURLToPath(new URL("Writer.ts", import.meta.url)), [path, name], { stdio: ["ignore", "inherit", "inherit", "ipc"] })

describe("the database file", () => {
  it.live("is readable by its owner alone", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "a", "b", "cadastre.db")
      yield* inProcess(path, begin)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(path, "..")).mode & 0o777, 0o700)
    }).pipe(Effect.scoped))

  const refused = (what: string, make: (path: string) => void, problem: RegExp) =>
    it.live(`${what} is refused and left as it is`, () =>
      Effect.gen(function*() {
        const path = join(yield* directory, "cadastre.db")
        make(path)
        const before = readFileSync(path)
        const error = yield* Effect.flip(inProcess(path, begin))
        assert.instanceOf(error, StoreError)
        assert.match(error.message, problem)
        assert.include(error.message, path)
        assert.deepStrictEqual(readFileSync(path), before)
        assert.isFalse(existsSync(`${path}-wal`))
      }).pipe(Effect.scoped))

  const sqlite = (path: string, sql: string) => {
    const database = new DatabaseSync(path)
    database.exec(sql)
    database.close()
  }
  refused("a text file", (path) => writeFileSync(path, "name,age\nA,1\n".repeat(100)), /it is no SQLite database/u)
  refused(
    "another program's database",
    (path) => sqlite(path, "CREATE TABLE bookmarks (url TEXT)"),
    /another program's SQLite database/u
  )
  refused(
    "a newer version's database",
    (path) => sqlite(path, "PRAGMA application_id = 0x43414441; PRAGMA user_version = 99; CREATE TABLE x (y)"),
    /version is 99, and this program knows versions up to \d+\./u
  )
  refused(
    "a damaged database",
    (path) => {
      sqlite(path, "CREATE TABLE x (y); INSERT INTO x VALUES (hex(zeroblob(20000)))")
      const bytes = readFileSync(path)
      bytes.fill(0xff, 100, 4000)
      writeFileSync(path, bytes)
    },
    /cannot be used/u
  )

  it.live.skipIf(!existsSync("/proc/self"))("a place that takes no directory is refused", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(inProcess("/proc/nowhere/cadastre/cadastre.db", begin))
      assert.match(error.message, /cannot be used .*ENOENT/u)
    }))

  it.live("a database of ours without its tables is one clear error", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      sqlite(path, "PRAGMA application_id = 0x43414441; PRAGMA user_version = 1; CREATE TABLE x (y)")
      const error = yield* Effect.flip(inProcess(path, begin))
      assert.instanceOf(error, StoreError)
      assert.match(error.message, /no such table/u)
    }).pipe(Effect.scoped))

  /** Somebody who has the whole file for himself, as a program that packs or copies it has. */
  const locked = (path: string) => {
    const database = new DatabaseSync(path)
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE theirs (x); COMMIT")
    return () => database.close()
  }

  it.live("one that another program has for itself is waited for, and nothing else has to wait meanwhile", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      yield* inProcess(path, begin)
      const release = locked(path)
      const opening = yield* Effect.forkChild(inProcess(path, begin))
      // This has its turn before the file is given back, or it never would be.
      yield* Effect.sleep("120 millis")
      assert.isUndefined(opening.pollUnsafe())
      release()
      yield* Fiber.join(opening)
    }).pipe(Effect.scoped))

  it.effect("one that stays locked is one clear error after ten seconds", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      yield* inProcess(path, Effect.void)
      const release = locked(path)
      const opening = yield* Effect.forkChild(Effect.flip(inProcess(path, begin)))
      yield* TestClock.adjust("9 seconds")
      assert.isUndefined(opening.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(opening)
      assert.instanceOf(error, StoreError)
      assert.match(error.message, /cannot be used .*another process keeps it locked\. See which one has it open/u)
      release()
    }).pipe(Effect.scoped))

  it.live("a directory that cannot be written is one clear error", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "file")
      writeFileSync(path, "")
      const error = yield* Effect.flip(inProcess(join(path, "cadastre.db"), begin))
      assert.match(error.message, /See that the file is whole and can be written/u)
    }).pipe(Effect.scoped))

  it.live("a disk that is full ends the journal, not the scan, and what was kept stays whole", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      const [cell, other] = cells
      yield* inProcess(path, Effect.gen(function*() {
        const journal = yield* begin
        yield* journal.append(cell!, [resourceOf(cell!, 0)])
        yield* journal.end(resultOf(cell!, 1))
      }))
      // A trigger fails as a disk does: in the middle of a commit.
      sqlite(path, "CREATE TRIGGER full BEFORE INSERT ON pages WHEN NEW.id % 1048576 = 3 BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END")
      yield* inProcess(path, Effect.gen(function*() {
        const journal = yield* begin
        for (let n = 0; n < 10; n++) yield* journal.append(other!, [resourceOf(other!, n)])
        yield* journal.end(resultOf(other!, 10))
        yield* journal.append(other!, [resourceOf(other!, 11)])
        yield* journal.close(true)
      }))
      assert.deepStrictEqual([...(yield* wholeCells(path)).keys()], [cellKey(cell!)])
    }).pipe(Effect.scoped))

  it.live("another program's log beside its database is left as it is", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "theirs.db")
      const theirs = new DatabaseSync(path)
      theirs.exec("PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')")
      const [database, log] = [readFileSync(path), readFileSync(`${path}-wal`)]
      assert.match((yield* Effect.flip(inProcess(path, begin))).message, /another program's SQLite database/u)
      assert.deepStrictEqual([readFileSync(path), readFileSync(`${path}-wal`)], [database, log])
      theirs.close()
    }).pipe(Effect.scoped))

  const corrupt = (what: string, sql: string, problem: RegExp) =>
    it.live(`${what} is not taken for what was seen`, () =>
      Effect.gen(function*() {
        const path = join(yield* directory, "cadastre.db")
        const [cell] = cells
        yield* inProcess(path, Effect.gen(function*() {
          const journal = yield* begin
          yield* journal.append(cell!, [resourceOf(cell!, 0)])
          yield* journal.append(cell!, [resourceOf(cell!, 1)])
          yield* journal.end(resultOf(cell!, 2))
        }))
        sqlite(path, sql)
        const error = yield* inProcess(path, Effect.gen(function*() {
          const found = yield* (yield* begin).find(cell!)
          if (Option.isNone(found)) return assert.fail("the cell is gone")
          return yield* Effect.flip(Stream.runDrain(found.value.pages))
        }))
        assert.match(error.message, problem)
      }).pipe(Effect.scoped))

  corrupt("a page with a letter changed", "UPDATE pages SET body = replace(body, 'Owner', 'Ovner')", /not what was written/u)
  corrupt("an empty page", "UPDATE pages SET body = '[]', checksum = 223132457 WHERE id = (SELECT max(id) FROM pages)", /1 of 2 resources/u)
  corrupt("a cell without its last page", "DELETE FROM pages WHERE id = (SELECT max(id) FROM pages)", /missing/u)

  it.live("a file that is removed in mid-scan is told, and the next scan has a journal again", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      yield* inProcess(path, Effect.gen(function*() {
        const journal = yield* begin
        rmSync(path)
        yield* journal.append(cells[0]!, [resourceOf(cells[0]!, 0)])
        yield* journal.end(resultOf(cells[0]!, 1))
        const again = yield* (yield* Journal).begin({ key, request: "all", resume: false })
        assert.isUndefined(again)
      }))
      assert.strictEqual((yield* wholeCells(path)).size, 0)
    }).pipe(Effect.scoped))

  it.live("a scan that another process went on with cannot overwrite what that one saw", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      const [cell] = cells
      yield* inProcess(path, Effect.gen(function*() {
        const asleep = yield* begin
        yield* asleep.append(cell!, [resourceOf(cell!, 0)])
        // As if it had not been heard of for long, and its process were on another machine.
        sqlite(path, "UPDATE scans SET heartbeat_at = 0, owner_host = 'elsewhere'")
        yield* inProcess(path, Effect.gen(function*() {
          const taken = yield* begin
          assert.strictEqual(taken.scanId, asleep.scanId)
          yield* taken.append(cell!, [resourceOf(cell!, 0, 1), resourceOf(cell!, 1, 1)])
          yield* taken.end(resultOf(cell!, 2))
        }))
        yield* asleep.append(cell!, [resourceOf(cell!, 1)])
        yield* asleep.end(resultOf(cell!, 2))
        const found = yield* asleep.find(cell!)
        if (Option.isNone(found)) return assert.fail("the cell is gone")
        const pages = yield* Stream.runCollect(found.value.pages)
        assert.deepStrictEqual(pages.flat(), [resourceOf(cell!, 0, 1), resourceOf(cell!, 1, 1)])
      }))
    }).pipe(Effect.scoped))

  it.live("a file that nobody may write is read, and the scan goes on without its journal", () =>
    Effect.gen(function*() {
      if (process.getuid?.() === 0) return
      const path = join(yield* directory, "cadastre.db")
      yield* inProcess(path, begin)
      chmodSync(path, 0o400)
      yield* Effect.flip(inProcess(path, begin))
    }).pipe(Effect.scoped))

  it.live("scanning the same estate again and again does not make the file grow", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      const size = Effect.gen(function*() {
        for (let round = 0; round < 10; round++) {
          yield* inProcess(path, Effect.gen(function*() {
            const journal = yield* begin
            for (const cell of cells) {
              for (let n = 0; n < 200; n++) yield* journal.append(cell, [resourceOf(cell, n, round)])
              yield* journal.end(resultOf(cell, 200))
            }
            yield* journal.close(true)
          }))
        }
        return statSync(path).size
      })
      const first = yield* size
      yield* size
      assert.isAtMost(yield* size, first * 1.1)
    }).pipe(Effect.scoped), 60_000)

  it.live("killed at any moment, it holds every cell that had ended, and none in part", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      let most = new Map<string, number>()
      for (let kill = 0; kill < 8; kill++) {
        const child = writer(path, "a")
        const ended = new Map<string, number>()
        const enough = 1 + kill * 5
        yield* Effect.promise(() =>
          new Promise<void>((resolve, reject) => {
            let seen = 0
            child.on("message", ({ cell, round }: { readonly cell: string; readonly round: number }) => {
              ended.set(cell, round)
              if (++seen === enough) child.kill("SIGKILL")
            })
            child.once("exit", () => seen >= enough ? resolve() : reject(new Error("the writer ended early")))
          })
        )
        const found = yield* wholeCells(path)
        most = new Map([...most, ...ended])
        for (const [cell, round] of most) assert.isAtLeast(found.get(cell) ?? -1, ended.has(cell) ? round : 0, cell)
      }
    }).pipe(Effect.scoped), 120_000)

  it.live("processes that begin at the same moment find one file", () =>
    Effect.gen(function*() {
      for (let round = 0; round < 4; round++) {
        const path = join(yield* directory, "cadastre.db")
        const children = Array.from({ length: 3 }, () =>
          fork(fileURLToPath(new URL("Opener.ts", import.meta.url)), [path], { stdio: ["ignore", "inherit", "inherit", "ipc"] }))
        yield* Effect.promise(() => Promise.all(children.map((child) => once(child, "message"))))
        const ends = children.map((child) => once(child, "exit"))
        for (const child of children) child.send("open")
        assert.deepStrictEqual(yield* Effect.promise(() => Promise.all(ends)), ends.map(() => [0, null]))
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("two processes write at once and lose nothing", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "cadastre.db")
      const children = [writer(path, "a"), writer(path, "b")]
      const said = children.map((child) => {
        let count = 0
        child.on("message", () => count++)
        return { child, count: () => count }
      })
      yield* Effect.promise(() =>
        new Promise<void>((resolve, reject) => {
          for (const { child } of said) {
            child.on("message", () => {
              if (said.every(({ count }) => count() >= 60)) resolve()
            })
            child.once("exit", () => reject(new Error("a writer ended early")))
          }
        })
      )
      for (const { child } of said) {
        const gone = once(child, "exit")
        child.kill("SIGKILL")
        yield* Effect.promise(() => gone)
      }
      assert.strictEqual((yield* wholeCells(path)).size, cells.length)
    }).pipe(Effect.scoped), 60_000)

  it("lies in the user's data directory", () => {
    assert.strictEqual(databasePath({ XDG_DATA_HOME: "/x" }, "linux", "/h"), "/x/cadastre/cadastre.db")
    assert.strictEqual(databasePath({}, "linux", "/h"), "/h/.local/share/cadastre/cadastre.db")
    assert.strictEqual(databasePath({}, "darwin", "/h"), "/h/Library/Application Support/cadastre/cadastre.db")
    assert.strictEqual(databasePath({ LOCALAPPDATA: "/l" }, "win32", "/h"), "/l/cadastre/cadastre.db")
  })
})
