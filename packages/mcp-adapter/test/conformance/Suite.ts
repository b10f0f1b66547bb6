/** Runs the official conformance suite against a server, and holds what it found against a baseline. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const require = createRequire(import.meta.url)

const suite = join(dirname(require.resolve("@modelcontextprotocol/conformance/package.json")), "dist/index.js")

interface Check {
  readonly id: string
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"
  readonly errorMessage?: string
}

/** Each scenario that a revision has, and its checks. */
export type Found = ReadonlyMap<string, ReadonlyArray<Check>>

/** What the suite has for a revision of the protocol: what it requires, and what it runs besides. */
export const run = (url: string, revision: string): Effect.Effect<Found> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-conformance-"))),
    (folder) =>
      Effect.callback<Found>((resume) => {
        const child = execFile(
          process.execPath,
          [suite, "server", "--url", url, "--requirements", revision, "--output-dir", folder],
          { cwd: folder, env: { PATH: process.env["PATH"] ?? "", HOME: folder }, maxBuffer: 64_000_000 },
          // It exits with 1 when something fails; what failed is in its files.
          () =>
            resume(Effect.sync(() =>
              new Map(readdirSync(folder).map((name) => [
                /^server-(.*)-\d{4}-\d\d-\d\dT[\dTZ-]+$/u.exec(name)![1]!,
                JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8")) as ReadonlyArray<Check>
              ]))
            ))
        )
        return Effect.sync(() => void child.kill("SIGKILL"))
      }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

/**
 * What may fail, with the reason for each: `<revision> <scenario>` for a whole
 * scenario, `<revision> <scenario>:<check>` for one check of it, then the reason after `#`.
 */
export const baseline = (file: string, revision: string): ReadonlyMap<string, string> =>
  new Map(
    readFileSync(new URL(file, import.meta.url), "utf8").split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .flatMap((line) => {
        const [, of = "", name = "", reason = ""] = /^(\S+) +(\S+) +# +(\S.*)$/u.exec(line) ?? []
        if (reason === "") throw new Error(`The baseline has a line without a reason: ${line}`)
        return of === revision ? [[name, reason] as const] : []
      })
  )

/** What fails and may not, and what may fail and does not. A warning is a failure: it is about what a server should do. */
export const compared = (found: Found, known: ReadonlyMap<string, string>) => {
  const failing = [...found].flatMap(([scenario, checks]) =>
    checks.filter(({ status }) => status === "FAILURE" || status === "WARNING").map((check) => ({ scenario, ...check }))
  )
  return {
    unexpected: failing.filter(({ id, scenario }) => !known.has(scenario) && !known.has(`${scenario}:${id}`))
      .map(({ errorMessage = "", id, scenario }) => `${scenario}:${id} ${errorMessage}`),
    stale: [...known.keys()].filter((name) =>
      !failing.some(({ id, scenario }) => name === scenario || name === `${scenario}:${id}`)
    )
  }
}
