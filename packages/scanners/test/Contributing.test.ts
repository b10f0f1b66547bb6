import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { CatalogEntry } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const scanners = fileURLToPath(new URL("../", import.meta.url))

/** A copy of the package's sources beside them, so that imports resolve as they do there. */
const copyOfSources = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(`${scanners}.contributing-`)
    cpSync(`${scanners}src`, `${folder}/src`, { recursive: true })
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("CONTRIBUTING.md", () => {
  it.live("its recipe for a resource type is one new file, and its diff is what codegen writes", () =>
    Effect.gen(function*() {
      const text = readFileSync(`${root}CONTRIBUTING.md`, "utf8")
      const diff = /```diff\n([\s\S]*?)```/u.exec(text)![1]!
      assert.deepStrictEqual(
        [...diff.matchAll(/^diff --git a\/(\S+)/gmu)].map(([, file]) => file),
        ["packages/scanners/src/catalog.ts", "packages/scanners/src/ec2/PrefixList.ts"]
      )
      const folder = yield* copyOfSources
      const [catalogDiff, fileDiff] = diff.split(/(?=^diff --git a\/packages\/scanners\/src\/ec2)/mu) as [string, string]
      const added = (hunk: string) => hunk.split("\n").filter((line) => /^\+(?!\+\+)/u.test(line)).map((line) => line.slice(1))

      writeFileSync(`${folder}/src/ec2/PrefixList.ts`, `${added(fileDiff).join("\n")}\n`)
      execFileSync(process.execPath, [`${scanners}codegen.ts`, `${folder}/src/`])

      const before = readFileSync(`${scanners}src/catalog.ts`, "utf8")
      const after = readFileSync(`${folder}/src/catalog.ts`, "utf8")
      const block = `${added(catalogDiff).join("\n")}\n`
      assert.include(after, block)
      assert.strictEqual(after.replace(block, ""), before)

      const { catalog } = yield* Effect.promise(() =>
        import(`${folder}/src/catalog.ts`) as Promise<{ readonly catalog: ReadonlyArray<CatalogEntry> }>
      )
      const entry = catalog.find(({ type }) => (type as string) === "ec2:prefix-list")!
      const { load, ...facts } = entry
      const { scan: _, ...own } = yield* Effect.promise(load)
      assert.deepStrictEqual(facts, own)
    }).pipe(Effect.scoped))
})
