import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

describe("the README's example", () => {
  it.live("runs as it stands", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { resources: 50, regions: ["us-east-1"] } })
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8")
      const [, example = ""] = /```ts\n([\s\S]*?)```/u.exec(readme)!
      // Beside the tests, where its imports resolve.
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(fileURLToPath(new URL(".readme-", import.meta.url)))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      writeFileSync(join(folder, "example.ts"), example)
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, [join(folder, "example.ts")], {
          env: {
            PATH: process.env["PATH"],
            AWS_ENDPOINT_URL: simulator.url,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            AWS_REGION: "us-east-1"
          }
        })
      )
      assert.strictEqual(stdout, "true { calls: 1, usd: 0.01 }\n")
    }).pipe(Effect.scoped), 60_000)
})
