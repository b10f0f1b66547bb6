import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const setUp = Effect.gen(function*() {
  const simulator = yield* Simulator.make({ estate: { seed: 5, resources: 1500 }, latency: { milliseconds: 20 } })
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  const data = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const types = ["ec2:instance", "ec2:volume", "sqs:queue", "sns:topic"]
  const env = {
    AWS_ENDPOINT_URL: simulator.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    XDG_DATA_HOME: data
  }
  const scan = (database: string, more: ReadonlyArray<string> = [], onStdout: Parameters<typeof cadastre>[1] = {}) =>
    cadastre(["scan", "--format", "ndjson", "--types", types.join(), ...more], {
      env: { ...env, DATABASE_URL: database },
      ...onStdout
    })
  const truth = [...simulator.estate.resources()].filter(({ type }) => types.includes(type)).map(({ arn }) => arn).toSorted()
  return { data, scan, simulator, truth }
})

const arnsOf = (stdout: string): ReadonlyArray<string> =>
  stdout.split("\n").flatMap((line) => {
    const { arn } = (line === "" ? {} : JSON.parse(line)) as { readonly arn?: string }
    return arn === undefined ? [] : [arn]
  }).toSorted()

describe("the journal's database", () => {
  it.live("is where DATABASE_URL says, and a setting that is none is an error before anything is scanned", () =>
    Effect.gen(function*() {
      const { data, scan, simulator, truth } = yield* setUp
      const file = join(data, "elsewhere", "scans.db")
      const { code, stderr, stdout } = yield* scan(`sqlite://${file}`)
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(arnsOf(stdout), truth)
      assert.isTrue(existsSync(file))
      assert.isFalse(existsSync(join(data, "cadastre")))

      simulator.reset()
      const wrong = yield* scan("mysql://user:planted@host/db")
      assert.strictEqual(wrong.code, 2)
      assert.match(wrong.stderr, /DATABASE_URL is not the address of a database/u)
      assert.notInclude(wrong.stderr, "planted")
      assert.deepStrictEqual(simulator.calls(), [])
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!isInstalled)("may be a PostgreSQL: what was seen is not asked for again, and without it the scan ends well", () =>
    Effect.gen(function*() {
      const { scan, simulator, truth } = yield* setUp
      const server = yield* postgresServer()
      const first = yield* scan(server.url())
      assert.strictEqual(first.code, 0, first.stderr)
      assert.deepStrictEqual(arnsOf(first.stdout), truth)
      assert.strictEqual(Number(server.psql("SELECT sum(resources) FROM cadastre.cells")), truth.length)

      // As if it had been cut off before its end.
      server.psql("UPDATE cadastre.scans SET completed_at = NULL")
      simulator.reset()
      const resumed = yield* scan(server.url(), ["--resume"])
      assert.strictEqual(resumed.code, 0, resumed.stderr)
      assert.deepStrictEqual(arnsOf(resumed.stdout), truth)
      assert.deepStrictEqual(simulator.calls().filter(({ service }) => service === "sqs" || service === "sns"), [])

      let isKilled = false
      const cut = yield* scan(server.url(), [], {
        onStdout: () => {
          if (isKilled) return
          isKilled = true
          Effect.runFork(server.kill)
        }
      })
      assert.strictEqual(cut.code, 0, cut.stderr)
      assert.deepStrictEqual(arnsOf(cut.stdout), truth)
      assert.lengthOf(cut.stderr.match(/The journal cannot be used; this scan cannot be resumed/gu) ?? [], 1, cut.stderr)
      assert.notInclude(cut.stderr, "planted-password")

      const without = yield* scan(server.url())
      assert.strictEqual(without.code, 0, without.stderr)
      assert.match(without.stderr, /This scan cannot be resumed: PostgreSQL at 127\.0\.0\.1/u)
      const needed = yield* scan(server.url(), ["--resume"])
      assert.strictEqual(needed.code, 2)
    }).pipe(Effect.scoped), 120_000)
})
