/** What guardrails refuse, as rows of the stores that a server may have, read back by other means than the server's own. */
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { call, overHttp, overStdio, placeAt } from "./ServerProcess.ts"

interface AuditRow {
  readonly action: string
  readonly outcome: string
  readonly error: string
  readonly session: string
  readonly correlation: string
}

const columns = "action, outcome, coalesce(error, ''), session, correlation_id"

const rowOf = ([action = "", outcome = "", error = "", session = "", correlation = ""]: ReadonlyArray<string>): AuditRow => ({
  action,
  outcome,
  error,
  session,
  correlation
})

/** A store's address, and its rows in the order in which they were written. */
interface AuditStore {
  readonly url: string
  readonly rows: () => ReadonlyArray<AuditRow>
}

const sqlite = Effect.sync(() => (cwd: string): AuditStore => {
  const path = join(cwd, "store.db")
  return {
    url: `sqlite:${path}`,
    rows: () => {
      const database = new DatabaseSync(path, { readOnly: true })
      try {
        return database.prepare(`SELECT ${columns} FROM audit ORDER BY id`).all().map((row) => rowOf(Object.values(row).map(String)))
      } finally {
        database.close()
      }
    }
  }
})

const postgres = Effect.gen(function*() {
  const server = yield* postgresServer()
  const databases = yield* Effect.all(Array.from({ length: 3 }, () => server.database))
  return (_: string): AuditStore => {
    const url = databases.pop()!
    const name = new URL(url).pathname.slice(1)
    return {
      url,
      rows: () => server.psql(`SELECT ${columns} FROM audit ORDER BY id`, name).split("\n").map((line) => rowOf(line.split("|")))
    }
  }
})

/** What a client hears of a tool that does not exist. */
const guess = (client: Client, name: string) =>
  Effect.promise(() => client.callTool({ name, arguments: {} }).then(({ content }) => JSON.stringify(content), String))

const transports = [
  ["stdio", overStdio, "previous"],
  ["HTTP", overHttp, "previous"],
  ["HTTP without sessions", overHttp, "current"]
] as const

describe.each([["SQLite", sqlite], ["PostgreSQL", postgres]] as const)("%s", (name, makeStore) => {
  describe.skipIf(name === "PostgreSQL" && !isInstalled)("has a row of", () => {
    it.live("the 4th identical call, the 6th unknown tool and the 101st call, over every transport", () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ estate: { regions: ["us-east-1"], resources: 0 } })
        const storeAt = yield* makeStore
        yield* Effect.forEach(transports, ([transport, connect, revision]) =>
          Effect.gen(function*() {
            const { cwd, env } = yield* placeAt(simulator)
            const store = storeAt(cwd)
            const client = yield* connect({ cwd, env: { ...env, DATABASE_URL: store.url } }, revision)
            for (let at = 1; at <= 3; at++) assert.isFalse((yield* call(client, "get_tagging_policy")).isError, transport)
            const fourth = yield* call(client, "get_tagging_policy")
            assert.isTrue(fourth.isError)
            assert.match(fourth.text, /3 times with the same arguments within 300 seconds: refused/u)
            for (let at = 1; at <= 5; at++) assert.match(yield* guess(client, `guess_${at}`), /not found\. Tools: check_tag_compliance, /u)
            assert.match(yield* guess(client, "guess_6"), /Do not guess names/u)
            // What was refused took none of the 100 calls.
            yield* Effect.forEach(Array.from({ length: 97 }), (_, at) => call(client, "get_tagging_policy", { [`k${at}`]: at }))
            const last = yield* call(client, "get_tagging_policy", { last: true })
            assert.isTrue(last.isError)
            assert.match(last.text, /has made its 100 calls .*again in \d+ seconds/u)

            const rows = store.rows()
            assert.deepStrictEqual(rows.map(({ action, error, outcome }) => [action, outcome, error]), [
              ...Array.from({ length: 3 }, () => ["get_tagging_policy", "success", ""]),
              ["get_tagging_policy", "refused", "LoopDetection"],
              ...Array.from({ length: 5 }, (_, at) => [`guess_${at + 1}`, "failure", "UnknownTool"]),
              ["guess_6", "refused", "UnknownToolLimit"],
              ...Array.from({ length: 97 }, () => ["get_tagging_policy", "success", ""]),
              ["get_tagging_policy", "refused", "CallBudget"]
            ], transport)
            assert.strictEqual(new Set(rows.map(({ session }) => session)).size, 1)
            assert.strictEqual(new Set(rows.map(({ correlation }) => correlation)).size, rows.length)
          }), { concurrency: "unbounded" })
      }), 60_000)
  })
})

describe("500 calls at once", () => {
  it.live.each(transports.slice(0, 2))("over %s are all answered, and each has its row", ([, connect, revision]) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 40 } } })
      const { cwd, env } = yield* placeAt(simulator)
      const store = (yield* sqlite)(cwd)
      const limits = { MAX_TOOL_CALLS_PER_SESSION: "1000", MAX_IDENTICAL_CALLS: "1000", DATABASE_URL: store.url }
      const client = yield* connect({ cwd, env: { ...env, ...limits } }, revision)
      const first = yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
      assert.strictEqual(first.structured.resources_found, 40)
      const asked = simulator.calls().reduce((sum, { calls }) => sum + calls, 0)
      const answers = yield* Effect.forEach(
        Array.from({ length: 500 }),
        () => call(client, "check_tag_compliance", { resource_types: "sns:topic" }),
        { concurrency: "unbounded" }
      )
      for (const { isError, structured, text } of answers) {
        assert.isFalse(isError, text)
        assert.deepStrictEqual([structured.from_cache, structured.violations], [true, first.structured.violations])
      }
      assert.strictEqual(simulator.calls().reduce((sum, { calls }) => sum + calls, 0), asked)
      const rows = store.rows()
      assert.strictEqual(rows.length, 501)
      assert.isTrue(rows.every(({ outcome }) => outcome === "success"))
      assert.strictEqual(new Set(rows.map(({ correlation }) => correlation)).size, 501)
    }), 60_000)
})
