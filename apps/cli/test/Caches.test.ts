import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

interface Answer {
  readonly fromCache: boolean
  readonly coverage: { readonly table: ReadonlyArray<{ readonly region: string; readonly seenAt?: string }> }
  readonly notes?: ReadonlyArray<string>
}

describe("what earlier scans saw", () => {
  it.live("is used by a wider one with --cache, and only its owner can read it; CloudTrail's refusal is said", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], counts: { "sqs:queue": 8 } }
      })
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const cwd = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      writeFileSync(join(cwd, "policy.json"), JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }] }))
      const ask = (...args: ReadonlyArray<string>) =>
        Effect.map(
          cadastre([...args, "--types", "sqs", "--policy", "policy.json", "--format", "json", "--cache"], {
            cwd,
            env: {
              AWS_ENDPOINT_URL: simulator.url,
              AWS_ACCESS_KEY_ID: accessKeyId,
              AWS_SECRET_ACCESS_KEY: secretAccessKey,
              XDG_CACHE_HOME: join(cwd, "kept")
            }
          }),
          ({ stdout }) => JSON.parse(stdout) as Answer
        )
      const narrow = yield* ask("check", "--regions", "eu-west-1")
      assert.isFalse(narrow.fromCache)
      const wide = yield* ask("check")
      assert.isTrue(wide.fromCache)
      assert.deepStrictEqual(
        wide.coverage.table.filter(({ seenAt }) => seenAt !== undefined).map(({ region }) => region),
        ["eu-west-1"]
      )
      const cells = join(cwd, "kept", "cadastre", "cells")
      assert.strictEqual(statSync(cells).mode & 0o777, 0o700)
      assert.strictEqual(readdirSync(cells).length, 2)
      for (const name of readdirSync(cells)) assert.strictEqual(statSync(join(cells, name)).mode & 0o777, 0o600)

      simulator.rule({ match: { service: "cloudtrail", operation: "LookupEvents" }, fault: { type: "deny" } })
      const suggested = yield* ask("suggest", "--creators")
      assert.strictEqual(suggested.notes?.length, 2)
    }))
})
