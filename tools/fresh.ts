/** Fails when `pnpm codegen` changes a file: somebody edited a generated file, or what it is generated from. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { globSync, readFileSync } from "node:fs"

const skip = new Set(["node_modules", "dist", ".git", ".turbo", ".types"])

const snapshot = (): ReadonlyMap<string, string> =>
  new Map(
    globSync("**/*", { exclude: (entry) => skip.has(entry.name), withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")])
  )

const before = snapshot()
execFileSync("pnpm", ["codegen"], { stdio: "inherit" })
const after = snapshot()
const stale = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
for (const path of stale) console.error(`stale: ${path}`)
if (stale.length > 0) {
  console.error("Generated files were out of date; they are fresh now: commit them.")
  process.exitCode = 1
}
