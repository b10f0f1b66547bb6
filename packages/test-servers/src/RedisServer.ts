/** A Redis of the test's own, on a free port, that keeps nothing. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createClient, RESP_TYPES } from "@redis/client"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { freePort } from "./FreePort.ts"

/** Debian's package redis-server has it. */
export const isInstalled = spawnSync("redis-server", ["--version"]).status === 0
if (!isInstalled) process.stderr.write("redis-server is not installed: the tests of @cadastre/redis that need it are skipped\n")

export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it at once, as a machine that loses its power does; resolves when it is gone. */
  readonly kill: Effect.Effect<void>
  /** Starts it again on the same port, empty. */
  readonly start: Effect.Effect<void>
  /** It stays connected and answers nothing. */
  readonly freeze: Effect.Effect<void>
  /** What it answers to a command, over a connection of its own; texts as bytes. */
  readonly send: (...command: ReadonlyArray<string | Buffer>) => Effect.Effect<unknown>
}

export const redisServer = (options: { readonly password?: string } = {}): Effect.Effect<RedisServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const port = yield* freePort
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-redis-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    let child: ChildProcess | undefined
    const start = Effect.callback<void>((resume) => {
      const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
      child = spawn("redis-server", options.password === undefined ? args : [...args, "--requirepass", options.password], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      let said = ""
      child.once("exit", (code) => resume(Effect.die(new Error(`redis-server ended with ${code}: ${said}`))))
      child.stdout!.setEncoding("utf8").on("data", (text: string) => {
        said += text
        if (said.includes("Ready to accept connections")) resume(Effect.void)
      })
    })
    const kill = Effect.callback<void>((resume) => {
      const ending = child
      if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return resume(Effect.void)
      ending.once("exit", () => resume(Effect.void))
      ending.kill("SIGKILL")
    })
    yield* Effect.acquireRelease(start, () => kill)
    const url = options.password === undefined ? `redis://127.0.0.1:${port}` : `redis://:${options.password}@127.0.0.1:${port}`
    return {
      port,
      url,
      kill,
      start,
      freeze: Effect.sync(() => void child?.kill("SIGSTOP")),
      send: (...command) =>
        Effect.promise(async () => {
          const client = await createClient({ url, RESP: 2 }).connect()
          try {
            return await client.sendCommand<unknown>(command, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } })
          } finally {
            client.destroy()
          }
        })
    }
  })
