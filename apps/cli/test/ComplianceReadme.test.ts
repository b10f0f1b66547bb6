import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

describe("the example in the README of @cadastre/compliance", () => {
  it.live("runs as it stands", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 3, resources: 200 } })
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const readme = fileURLToPath(new URL("../../../packages/compliance/README.md", import.meta.url))
      const [example = "", remembered = ""] = [...readFileSync(readme, "utf8").matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, code]) => code)
      // Beside the tests, where its imports resolve.
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(fileURLToPath(new URL(".compliance-readme-", import.meta.url)))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const file = join(folder, "example.ts")
      const run = (code: string) => {
        writeFileSync(file, code)
        return Effect.promise(() => promisify(execFile)(process.execPath, [file], {
          env: {
            ...process.env,
            AWS_ENDPOINT_URL: simulator.url,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            XDG_DATA_HOME: folder
          }
        }))
      }
      const { stdout } = yield* run(example)
      const lines = stdout.trimEnd().split("\n")
      assert.match(lines[0]!, /^0\.\d+ true \d+$/u)
      assert.match(lines[1]!, /^\d+ 0 true$/u)
      assert.isTrue(lines.some((line) => /^costs \d+\.\d+ 0\.\d+ \{ lowest: /u.test(line)), stdout)
      assert.match(lines.at(-1)!, /^0\.\d+ \d+$/u)
      // What was stored just now is the history, and nothing has drifted since.
      assert.strictEqual((yield* run(remembered)).stdout, "true true unknown true 0\n")
    }).pipe(Effect.scoped), 60_000)
})
