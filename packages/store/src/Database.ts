/**
 * One SQLite file, checked before it is used and never harmed.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import { chmodSync, closeSync, existsSync, linkSync, mkdirSync, openSync, readSync, renameSync, rmSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { applicationId, migrations } from "./Migrations.ts"

/**
 * The database file cannot be used: it is something else, newer than this
 * program, damaged, or cannot be opened. It was left as it is.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  path: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be used as Cadastre's database: ${this.problem}. ${this.remedy}`
  }
}

/** A file that another process holds is tried again after so long, so often. */
const pauseMs = 50
const mostAttempts = 200

/**
 * Opens the file, made if it is not there (file 0600, directory 0700), and
 * brings its tables up to date. It is closed with the scope.
 *
 * A file that another process keeps locked is waited for, ten seconds at most; nothing else has to wait meanwhile.
 *
 * Write-ahead log, `synchronous = NORMAL`: what is committed survives the death
 * of the process; two processes may use the file at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (path: string): Effect.Effect<DatabaseSync, StoreError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const attempt = check(path, () => {
        try {
          return opened(path)
        } catch (cause) {
          if (isBusy(cause)) return undefined
          throw cause
        }
      })
      for (let attempts = 1; attempts <= mostAttempts; attempts++) {
        const database = yield* attempt
        if (database !== undefined) {
          yield* Effect.addFinalizer(() => Effect.sync(() => database.close()))
          return database
        }
        yield* restore(Effect.sleep(pauseMs))
      }
      return yield* locked(path)
    })
  )

/**
 * @category constructors
 * @since 0.1.0
 */
export const locked = (path: string): StoreError =>
  new StoreError({
    path,
    problem: "another process keeps it locked",
    remedy: "See which one has it open, and end it or wait for it"
  })

/**
 * Does what needs the file to be what it says it is; whatever is wrong is a
 * {@link StoreError}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const check = <A>(path: string, work: () => A): Effect.Effect<A, StoreError> =>
  Effect.try({
    try: work,
    catch: (cause) => cause instanceof StoreError ? cause : new StoreError({
      path,
      problem: withoutMade(path, cause instanceof Error ? cause.message : String(cause)),
      remedy: "See that the file is whole and can be written, or move it away"
    })
  })

/** Of the file that is made beside its place, another each time: the same problem is told in the same words. */
const withoutMade = (path: string, text: string): string =>
  text.replaceAll(/-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gu, (id, at: number) => text.slice(0, at).endsWith(path) ? "" : id)

const elsewhere = "Move it away or name another file"

const opened = (path: string): DatabaseSync => {
  makeDirectory(dirname(resolve(path)))
  if (existsSync(path)) checkHeader(path)
  else begin(path)
  const database = new DatabaseSync(path)
  try {
    upgrade(path, database)
    chmodSync(path, 0o600)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

/** As Node's `recursive`, which never ends where a directory that is there takes none (`/proc`, homes that are mounted). */
const makeDirectory = (path: string): void => {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (!existsSync(path)) throw cause
  }
}

/**
 * Makes the file beside its place and puts it there when it says whose it is:
 * another process that begins at the same moment finds no file, or this one.
 */
const begin = (path: string): void => {
  const made = `${path}-${randomUUID()}`
  // SQLite makes its files as open as the umask allows.
  closeSync(openSync(made, "wx", 0o600))
  try {
    const database = new DatabaseSync(made)
    try {
      upgrade(path, database)
    } finally {
      database.close()
    }
    linkSync(made, path)
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    if (code === "EEXIST") return
    // Where a file has one name only.
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") return renameSync(made, path)
    throw cause
  } finally {
    rmSync(made, { force: true })
  }
}

const upgrade = (path: string, database: DatabaseSync): void => {
  const { ours, tables } = database.prepare(
    "SELECT count(*) AS tables, count(*) FILTER (WHERE name = 'scans') AS ours FROM sqlite_master"
  ).get() as { tables: number; ours: number }
  checkVersion(path, versionOf(database))
  if (versionOf(database) > 0 && ours === 0) {
    throw new StoreError({ path, problem: "it has no table of ours: no such table: scans", remedy: elsewhere })
  }
  // Before there is a log beside the file, so that the file itself says whose it is.
  if (tables === 0) database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${applicationId}`)
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")
  migrate(path, database)
  // Until here a file that another process holds is tried again by whoever opens it, and whoever writes tries again
  // by itself: what waits in here keeps everything else waiting.
  database.exec("PRAGMA busy_timeout = 10")
}

/**
 * Opening a database merges the log beside it: what is not ours is known by its
 * first bytes alone. An empty file is a database that nobody has begun.
 *
 * @see https://www.sqlite.org/fileformat.html#the_database_header
 */
const checkHeader = (path: string): void => {
  const header = Buffer.alloc(100)
  const file = openSync(path, "r")
  try {
    const read = readSync(file, header, 0, header.length, 0)
    if (read === 0) return
    if (read < header.length || header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
      throw new StoreError({ path, problem: "it is no SQLite database", remedy: elsewhere })
    }
    if (header.readUInt32BE(68) !== applicationId) {
      throw new StoreError({ path, problem: "it is another program's SQLite database", remedy: elsewhere })
    }
  } finally {
    closeSync(file)
  }
}

const versionOf = (database: DatabaseSync): number =>
  (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version

const checkVersion = (path: string, version: number): void => {
  if (version <= migrations.length) return
  throw new StoreError({
    path,
    problem: `its version is ${version}, and this program knows versions up to ${migrations.length}`,
    remedy: "Use the newer Cadastre that wrote it, or name another file"
  })
}

/** Each step in a transaction of its own; a process that comes second finds it done. */
const migrate = (path: string, database: DatabaseSync): void => {
  for (;;) {
    if (versionOf(database) === migrations.length) return
    database.exec("BEGIN IMMEDIATE")
    try {
      const version = versionOf(database)
      checkVersion(path, version)
      const next = migrations[version]
      if (next !== undefined) {
        database.exec(next)
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}`)
      }
      database.exec("COMMIT")
    } catch (cause) {
      database.exec("ROLLBACK")
      throw cause
    }
  }
}

/**
 * Whether another process has the file: SQLITE_BUSY and SQLITE_LOCKED, in whatever detail.
 *
 * @category guards
 * @since 0.1.0
 */
export const isBusy = (cause: unknown): boolean =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" && [5, 6].includes(cause.errcode & 0xff)
