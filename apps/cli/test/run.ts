/** Runs the command line as a process of its own, as its users do. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { inject } from "@effect/vitest"

/** The file that starts the command: see `tools/bundled.ts`. */
export const main = inject("mains")["cli"]!

/** What the command remembers of its scans does not go where whoever runs the tests keeps theirs. */
const userData = mkdtempSync(join(tmpdir(), "cadastre-"))
process.once("exit", () => rmSync(userData, { recursive: true, force: true }))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What it reads; nothing by default. */
  readonly stdin?: string
  /** Called with everything that stdout has said so far, whenever it says more. */
  readonly onStdout?: (text: string, signal: (signal: NodeJS.Signals) => void) => void
  /** Called when stderr says more. */
  readonly onStderr?: (text: string, signal: (signal: NodeJS.Signals) => void) => void
}

/** The environment of the tests without anything that is about AWS: a test says what there is. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS|VITEST|POLICY_PATH|MAX_|REGION_|DATABASE_URL|REDIS_URL|ENCRYPT|SNAPSHOT_|AUDIT_|CI$)/u.test(name))
)

export const cadastre = (args: ReadonlyArray<string>, options: RunOptions = {}): Effect.Effect<Ended> =>
  Effect.callback((resume) => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd,
      // No instance role is looked for, and no file of whoever runs the tests is read.
      env: { ...clean, AWS_EC2_METADATA_DISABLED: "true", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", XDG_DATA_HOME: userData, ...options.env },
      stdio: ["pipe", "pipe", "pipe"]
    })
    // Whoever does not read it may be gone before it is written.
    child.stdin.on("error", () => {}).end(options.stdin ?? "")
    let stdout = ""
    let stderr = ""
    const signal = (name: NodeJS.Signals) => void child.kill(name)
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      options.onStdout?.(stdout, signal)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      options.onStderr?.(stderr, signal)
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr, seconds: (performance.now() - startedAt) / 1000 })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })
