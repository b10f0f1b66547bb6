import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const folder = (prefix: string) =>
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(prefix)),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

describe("the README's example", () => {
  it.live("runs as it stands, and goes on where it was left the second time", () =>
    Effect.gen(function*() {
      const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8")
      const [, example = ""] = /```ts\n([\s\S]*?)```/u.exec(readme)!
      // Beside the tests, where its imports resolve.
      const file = join(yield* folder(fileURLToPath(new URL(".readme-", import.meta.url))), "example.ts")
      writeFileSync(file, example)
      const data = yield* folder(join(tmpdir(), "cadastre-"))
      const run = Effect.promise(() =>
        promisify(execFile)(process.execPath, [file], { env: { ...process.env, XDG_DATA_HOME: data } })
      )
      assert.strictEqual((yield* run).stdout, "{ resumed: false, known: true }\n")
      assert.strictEqual((yield* run).stdout, "{ resumed: true, known: true }\n")
    }).pipe(Effect.scoped), 60_000)
})
