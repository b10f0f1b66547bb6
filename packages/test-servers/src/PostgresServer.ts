/** A PostgreSQL of the test's own, on a free port, as a user that is not root. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { freePort } from "./FreePort.ts"

/** Where Debian's package postgresql puts its programs, the newest first; elsewhere they are on the path. */
const debian = "/usr/lib/postgresql"
const programs = existsSync(debian)
  ? readdirSync(debian).map(Number).filter(Number.isInteger).toSorted((a, b) => b - a).map((version) => join(debian, `${version}`, "bin"))
  : []
const folderOf = [...programs, ""].find((folder) => spawnSync(join(folder, "postgres"), ["--version"]).status === 0)

/** PostgreSQL refuses to run as root: there it runs as the user that its package makes. */
const idOf = (flag: string): number => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout)
const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : undefined

export const isInstalled = folderOf !== undefined && (user === undefined || user.uid > 0)
if (!isInstalled) process.stderr.write("PostgreSQL is not installed: the tests that need it are skipped\n")

export interface PostgresServer {
  readonly port: number
  /** The address of a database, `postgres` unless another is named. */
  readonly url: (database?: string) => string
  /** An empty database, and its address. */
  readonly database: Effect.Effect<string>
  /** What `psql` prints for a statement: values with `|` between, a line a row. */
  readonly psql: (sql: string, database?: string) => string
  /** Ends it at once, as a machine that loses its power does; resolves when it is gone. */
  readonly kill: Effect.Effect<void>
  /** Starts it again with what it had. */
  readonly start: Effect.Effect<void>
  /** It stays connected and answers nothing. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
}

const password = "planted-password"

/** The server's processes, one a connection: the first alone would leave the others at work. */
const signalTo = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  const children = spawnSync("ps", ["-o", "pid=", "--ppid", `${pid}`], { encoding: "utf8" }).stdout
  for (const one of [`${pid}`, ...children.split("\n")]) if (Number(one) > 0) tell(Number(one), signal)
}

/** One of the server's workers may have ended by itself since the list was made. */
const tell = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause
  }
}

/** `durable`: whether what is committed is on the disk, for tests that end the server at once. */
export const postgresServer = (options: { readonly durable?: boolean } = {}): Effect.Effect<PostgresServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const port = yield* freePort
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-postgres-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    const data = join(folder, "data")
    chmodSync(folder, 0o711)
    mkdirSync(data, { mode: 0o700 })
    if (user !== undefined) chownSync(data, user.uid, user.gid)
    const as = user === undefined ? {} : { uid: user.uid, gid: user.gid }
    const env = { ...process.env, HOME: data, LC_ALL: "C.UTF-8", PGPASSWORD: password }
    const program = (name: string, args: ReadonlyArray<string>): string => {
      const { error, status, stderr, stdout } = spawnSync(join(folderOf!, name), args, { ...as, env, cwd: data, encoding: "utf8" })
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr} ${error?.message ?? ""}`)
      return stdout.trim()
    }
    yield* Effect.sync(() => {
      const secret = join(folder, "password")
      writeFileSync(secret, password, { mode: 0o600 })
      if (user !== undefined) chownSync(secret, user.uid, user.gid)
      program("initdb", ["-D", data, "-U", "cadastre", "-E", "UTF8", "--no-sync", "-A", "scram-sha-256", `--pwfile=${secret}`])
    })
    let child: ChildProcess | undefined
    const start = Effect.callback<void>((resume) => {
      const settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "shared_buffers=64MB",
        "lc_messages=C",
        "recovery_init_sync_method=syncfs",
        ...(options.durable === true ? [] : ["fsync=off", "full_page_writes=off", "synchronous_commit=off"])
      ]
      const started = spawn(join(folderOf!, "postgres"), ["-D", data, "-p", `${port}`, ...settings.flatMap((text) => ["-c", text])], {
        ...as,
        env,
        cwd: data,
        stdio: ["ignore", "ignore", "pipe"]
      })
      child = started
      let said = ""
      let isReady = false
      started.once("exit", (code) => {
        if (!isReady) resume(Effect.die(new Error(`postgres ended with ${code}: ${said}`)))
      })
      started.stderr.setEncoding("utf8").on("data", (text: string) => {
        if (isReady) return
        said += text
        if (!said.includes("ready to accept connections")) return
        isReady = true
        resume(Effect.void)
      })
    })
    const end = (signal: NodeJS.Signals) =>
      Effect.callback<void>((resume) => {
        const ending = child
        if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return resume(Effect.void)
        ending.once("exit", () => resume(Effect.void))
        // One that was frozen hears nothing.
        signalTo(ending, "SIGCONT")
        ending.kill(signal)
      })
    // SIGQUIT: its own processes end with it, without a checkpoint.
    const kill = end("SIGQUIT")
    yield* Effect.acquireRelease(start, () => kill)
    const url = (database = "postgres") => `postgres://cadastre:${password}@127.0.0.1:${port}/${database}`
    const psql = (sql: string, database = "postgres") =>
      program("psql", ["-h", "127.0.0.1", "-p", `${port}`, "-U", "cadastre", "-d", database, "-At", "-v", "ON_ERROR_STOP=1", "-c", sql])
    let databases = 0
    const signalAll = (signal: NodeJS.Signals) => Effect.sync(() => signalTo(child!, signal))
    return {
      port,
      url,
      psql,
      database: Effect.sync(() => {
        const name = `test${++databases}`
        psql(`CREATE DATABASE ${name}`)
        return url(name)
      }),
      kill,
      start,
      freeze: signalAll("SIGSTOP"),
      thaw: signalAll("SIGCONT")
    }
  })
