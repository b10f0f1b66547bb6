import { Simulator } from "@cadastre/aws-simulator"
import { EstateMemory } from "@cadastre/compliance"
import { isInstalled, postgresServer } from "@cadastre/test-servers/PostgresServer"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { AuditTrail, Health, Http, HttpSettings, PolicyInForce } from "../src/index.ts"
import { call, policy, servicesAt } from "./Connection.ts"
import { connect, send, temporaryDirectory } from "./HttpConnection.ts"

/** A server as it is started in earnest: with the store and the audit trail of `DATABASE_URL`. */
const serve = (url: string, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 3 } } })
    const logs: Array<string> = []
    const listening = yield* Effect.gen(function*() {
      const settings = yield* HttpSettings.load()
      return yield* Http.listen({
        version: "0.0.0",
        settings,
        policy: PolicyInForce.make({ policy, source: "policy.json" }),
        services: Health.watched(Layer.provideMerge(servicesAt(simulator, { memory: EstateMemory.layerConfig }), EstateMemory.layerConfig)),
        audit: AuditTrail.layer
      })
    }).pipe(Effect.provide([
      ConfigProvider.layer(ConfigProvider.fromEnvRecord({ MCP_SERVER_PORT: "0", DATABASE_URL: url, ...env })),
      Logger.layer([Logger.make(({ message }) => void logs.push(Formatter.format(message)))])
    ]))
    return { ...listening, mcp: new URL("/mcp", listening.url), logs }
  })

const topics = { resource_types: "sns:topic" }

const soon = { schedule: Schedule.spaced("100 millis"), times: 150 } as const

const healthOf = (url: string) => Effect.map(send(`${url}/health`), ({ body }) => JSON.parse(body))

describe("a store that is away", () => {
  it.live.skipIf(!isInstalled)("a PostgreSQL that starts after the server, and is lost and comes back: the server uses it, and no call is missing in its audit trail", () =>
    Effect.gen(function*() {
      const database = yield* postgresServer({ durable: true })
      yield* database.kill
      const { logs, mcp, url } = yield* serve(database.url())
      assert.deepStrictEqual(yield* healthOf(url).pipe(Effect.map(({ problems: _, ...rest }) => rest)), {
        status: "degraded",
        version: "0.0.0",
        dependencies: { aws: "up", store: "down" }
      })
      const { problems } = yield* healthOf(url)
      assert.match(problems.store, /PostgreSQL at 127\.0\.0\.1:\d+\/postgres cannot be used .*ECONNREFUSED/u)
      assert.strictEqual((yield* send(`${url}/health/live`)).status, 200)
      assert.lengthOf(logs.filter((line) => line.includes("The store (DATABASE_URL) is not there")), 1)

      const { client } = yield* connect(mcp)
      const before = yield* call(client, "check_tag_compliance", { ...topics, store_snapshot: true })
      assert.strictEqual(before.structured.total_resources, 3)
      assert.isFalse(before.structured.stored_in_history)
      assert.match(before.text, /Not stored: .*PostgreSQL at .*ECONNREFUSED/u)
      const asked = yield* call(client, "get_violation_history", { resource_types: "sns:topic" })
      assert.isTrue(asked.isError)
      assert.match(asked.text, /PostgreSQL at .*ECONNREFUSED/u)

      yield* database.start
      const asking = call(client, "check_tag_compliance", { ...topics, store_snapshot: true, force_refresh: true })
      const stored = yield* Effect.repeat(asking, { ...soon, until: ({ structured }) => structured.stored_in_history === true })
      assert.isTrue(stored.structured.stored_in_history)
      const rows = Effect.sync(() => Number(database.psql("SELECT count(*) FROM cadastre.audit")))
      const calls = logs.filter((line) => line.includes("A call waits for the audit trail")).length
      assert.isAtLeast(calls, 2)
      yield* Effect.repeat(rows, { ...soon, until: (count) => count >= 3 })
      assert.strictEqual((yield* healthOf(url)).status, "alive")

      yield* database.kill
      const lost = yield* call(client, "get_tagging_policy")
      assert.isFalse(lost.isError ?? false)
      yield* database.start
      const again = Effect.sync(() => database.psql("SELECT count(*) FROM cadastre.audit WHERE action = 'get_tagging_policy'"))
      yield* Effect.repeat(again, { ...soon, until: (count) => count === "1" })
      assert.strictEqual(database.psql("SELECT count(*) - count(DISTINCT correlation_id) FROM cadastre.audit"), "0")
      assert.notInclude(logs.join("\n"), "planted-password")
    }), 60_000)

  it.live("a SQLite file: calls that were never written are counted and said at the end", () =>
    Effect.gen(function*() {
      const place = join(yield* temporaryDirectory, "data")
      writeFileSync(place, "")
      const logs = yield* Effect.scoped(Effect.gen(function*() {
        const { logs, mcp, url } = yield* serve(`sqlite://${join(place, "cadastre.db")}`)
        const { client } = yield* connect(mcp)
        yield* call(client, "get_tagging_policy")
        assert.match((yield* send(`${url}/metrics`)).body, /cadastre_audit_rows_waiting 1\n/u)
        const { problems } = yield* healthOf(url)
        assert.notInclude(problems.store, place)
        return logs
      }))
      assert.isTrue(logs.some((line) => line.includes("1 calls are missing in the audit trail: the server has ended")))
    }), 30_000)

  it.live("a SQLite file that can be opened after a while has all calls, in their order", () =>
    Effect.gen(function*() {
      const place = join(yield* temporaryDirectory, "data")
      writeFileSync(place, "")
      yield* Effect.scoped(Effect.gen(function*() {
        const { mcp } = yield* serve(`sqlite://${join(place, "cadastre.db")}`)
        const { client } = yield* connect(mcp)
        yield* call(client, "get_tagging_policy")
        yield* call(client, "scan", { action: "status" })
        rmSync(place)
        mkdirSync(place)
        const waiting = Effect.map(send(`${mcp.origin}/metrics`), ({ body }) => /cadastre_audit_rows_waiting (\d+)/u.exec(body)?.[1])
        yield* Effect.repeat(waiting, { ...soon, until: (count) => count === "0" })
      }))
      const database = new DatabaseSync(join(place, "cadastre.db"), { readOnly: true })
      const actions = database.prepare("SELECT action FROM audit ORDER BY id").all().map(({ action }) => action)
      database.close()
      assert.deepStrictEqual(actions, ["get_tagging_policy", "scan"])
    }), 30_000)

  it.live.each([
    ["DATABASE_URL", "mysql://user:planted-password@host/database"],
    ["DATABASE_URL", "postgres:/user:planted-password@host"],
    ["ENCRYPTION_KEY", "planted-password"]
  ] as const)("%s that means nothing ends the start, and is not shown", ([name, value]) =>
    Effect.gen(function*() {
      const database = `sqlite://${join(yield* temporaryDirectory, "cadastre.db")}`
      const error = yield* Effect.flip(serve(database, { ENCRYPTED_ATTRIBUTES: "attributes.environment", [name]: value }))
      assert.include(error.message, name)
      assert.notInclude(error.message, "planted-password")
    }))
})
