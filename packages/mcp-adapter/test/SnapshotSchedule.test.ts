import { Compliance, type ComplianceResult, EstateMemory } from "@cadastre/compliance"
import { assert, describe, it } from "@effect/vitest"
import type * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { DatabaseSync } from "node:sqlite"
import { join } from "node:path"
import { PolicyInForce, SnapshotSchedule } from "../src/index.ts"
import { call, policy } from "./Connection.ts"
import { connect, send, serve, temporaryDirectory } from "./HttpConnection.ts"

const settingsOf = (env: Readonly<Record<string, string>>) =>
  Effect.provide(SnapshotSchedule.settings, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))

/** What several servers of one store have done. */
class History {
  /** When each scan of a schedule began. */
  readonly begun: Array<number> = []
  readonly taken: Array<number> = []
  readonly logs: Array<string> = []
  atOnce = 0
  mostAtOnce = 0
  /** How long a scan takes, and whether it comes to anything. */
  scanMs = 0
  fails = false
}

/** A server's schedule: the store and its leases are real; what scans is told how long that takes. */
const server = (
  history: History,
  path: string,
  env: Readonly<Record<string, string>>
): Effect.Effect<Fiber.Fiber<never>, Config.ConfigError, Scope.Scope> =>
  Effect.gen(function*() {
    const schedule = yield* settingsOf(env)
    const compliance = Layer.mock(Compliance, {
      latestSnapshot: () =>
        Effect.sync(() => {
          const latest = history.taken.at(-1)
          return latest === undefined ? undefined : { takenAt: new Date(latest).toISOString() } as never
        }),
      check: ({ forceRefresh, storeSnapshot }) =>
        Effect.gen(function*() {
          const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
          assert.isTrue(forceRefresh && storeSnapshot)
          history.begun.push(now)
          history.mostAtOnce = Math.max(history.mostAtOnce, ++history.atOnce)
          yield* Effect.sleep(history.scanMs)
          if (!history.fails) history.taken.push(now)
          return (history.fails ? { coverage: { complete: false } } : { coverage: { complete: true }, snapshotId: `s${now}` }) as unknown as ComplianceResult
        }).pipe(Effect.ensuring(Effect.sync(() => history.atOnce--)))
    })
    const services = yield* Layer.build(Layer.mergeAll(
      compliance,
      Layer.succeed(PolicyInForce, PolicyInForce.make({ policy, source: "policy.json" })),
      EstateMemory.layer({ _tag: "Sqlite", path }),
      Logger.layer([Logger.make(({ message }) => history.logs.push(String(message)))])
    ))
    return yield* Effect.forkScoped(Effect.provideContext(SnapshotSchedule.run(schedule!), services))
  })

/** Time passes, and what it wakes has its turn. */
const pass = (minutes: number, stepSeconds = 60) =>
  Effect.gen(function*() {
    for (let at = 0; at < minutes * 60; at += stepSeconds) {
      yield* turn
      yield* TestClock.adjust(stepSeconds * 1000)
    }
    yield* turn
  })

/** The store writes in turns of the event loop. */
const turn = Effect.promise(async () => {
  for (let at = 0; at < 4; at++) await new Promise((resolve) => setImmediate(resolve))
})

const database = Effect.map(temporaryDirectory, (folder) => join(folder, "cadastre.db"))

const times = (all: ReadonlyArray<number>) => all.map((at) => new Date(at).toISOString())

const start = (at: string) => TestClock.setTime(Date.parse(at))

describe("the schedule of snapshots", () => {
  it.effect("takes one at each of its times by the clock of its zone, and the first at once", () =>
    Effect.gen(function*() {
      const history = new History()
      yield* start("2026-03-27T12:00:00Z")
      yield* server(history, yield* database, { SNAPSHOT_SCHEDULE: "0 2 * * *", SNAPSHOT_TIMEZONE: "Europe/Berlin" })
      yield* pass(5 * 24 * 60, 600)
      assert.deepStrictEqual(times(history.taken), [
        "2026-03-27T12:00:00.000Z",
        "2026-03-28T01:00:00.000Z",
        // There is no 02:00 on that day.
        "2026-03-29T01:00:00.000Z",
        "2026-03-30T00:00:00.000Z",
        "2026-03-31T00:00:00.000Z",
        "2026-04-01T00:00:00.000Z"
      ])
    }))

  it.effect.each([
    ["what was missed is caught up once", "2026-03-20T02:00:05Z", ["2026-03-27T12:00:00.000Z", "2026-03-28T02:00:00.000Z"]],
    ["what was not missed is not", "2026-03-27T02:00:00Z", ["2026-03-28T02:00:00.000Z"]]
  ] as const)("%s", ([, last, expected]) =>
    Effect.gen(function*() {
      const history = new History()
      history.taken.push(Date.parse(last))
      yield* start("2026-03-27T12:00:00Z")
      yield* server(history, yield* database, { SNAPSHOT_SCHEDULE: "0 2 * * *" })
      yield* pass(24 * 60, 300)
      assert.deepStrictEqual(times(history.begun), [...expected])
    }))

  it.effect("of several servers with one store one takes it, never two at once", () =>
    Effect.gen(function*() {
      const history = new History()
      history.scanMs = 5 * 60_000
      const path = yield* database
      yield* start("2026-03-27T00:30:00Z")
      history.taken.push(Date.parse("2026-03-27T00:00:00Z"))
      for (let at = 0; at < 3; at++) yield* server(history, path, { SNAPSHOT_SCHEDULE: "0 * * * *" })
      yield* pass(3 * 60, 30)
      assert.deepStrictEqual(times(history.begun), [
        "2026-03-27T01:00:00.000Z",
        "2026-03-27T02:00:00.000Z",
        "2026-03-27T03:00:00.000Z"
      ])
      assert.strictEqual(history.mostAtOnce, 1)
    }))

  it.effect("when the server that takes it is stopped, another does; when it is gone, as soon as that is known", () =>
    Effect.gen(function*() {
      const history = new History()
      history.scanMs = 5 * 60_000
      const path = yield* database
      yield* start("2026-03-27T01:00:00Z")
      const first = yield* server(history, path, { SNAPSHOT_SCHEDULE: "0 * * * *" })
      yield* pass(1, 10)
      yield* server(history, path, { SNAPSHOT_SCHEDULE: "0 * * * *" })
      yield* pass(1, 10)
      assert.strictEqual(history.begun.length, 1)
      yield* Fiber.interrupt(first)
      yield* pass(1, 10)
      assert.strictEqual(history.begun.length, 2)
      yield* pass(6, 10)
      assert.strictEqual(history.taken.length, 1)
      // As a process leaves it that ends without a word.
      const store = new DatabaseSync(path)
      store.prepare("INSERT OR REPLACE INTO leases VALUES ('scheduled snapshot', 'gone', ?)").run(Date.parse("2026-03-27T02:02:00Z"))
      store.close()
      yield* pass(60, 10)
      assert.strictEqual(history.begun.length, 3)
      const late = history.begun[2]! - Date.parse("2026-03-27T02:02:00Z")
      assert.isTrue(late >= 0 && late <= 30_000, times(history.begun).join())
    }))

  it.effect("times that come while one is taken are passed over", () =>
    Effect.gen(function*() {
      const history = new History()
      history.scanMs = 150 * 60_000
      history.taken.push(Date.parse("2026-03-27T00:00:00Z"))
      yield* start("2026-03-27T00:30:00Z")
      yield* server(history, yield* database, { SNAPSHOT_SCHEDULE: "0 * * * *" })
      yield* pass(8 * 60, 60)
      assert.deepStrictEqual(times(history.begun), ["2026-03-27T01:00:00.000Z", "2026-03-27T04:00:00.000Z", "2026-03-27T07:00:00.000Z"])
      assert.strictEqual(history.mostAtOnce, 1)
    }))

  it.effect("one that fails is in the log, and the next is tried", () =>
    Effect.gen(function*() {
      const history = new History()
      history.fails = true
      yield* start("2026-03-27T00:30:00Z")
      history.taken.push(Date.parse("2026-03-27T00:00:00Z"))
      yield* server(history, yield* database, { SNAPSHOT_SCHEDULE: "0 * * * *" })
      yield* pass(60)
      assert.strictEqual(history.begun.length, 1)
      assert.isTrue(history.logs.some((line) => /due 2026-03-27T01:00:00.000Z could not be taken: what was seen could not be stored/u.test(line)))
      history.fails = false
      yield* pass(60)
      assert.deepStrictEqual(times(history.taken.slice(1)), ["2026-03-27T02:00:00.000Z"])
    }))

  it.effect.each([
    [{ SNAPSHOT_SCHEDULE: "daily" }, /SNAPSHOT_SCHEDULE is "daily": write a cron expression .*such as 0 2 \* \* \*/u],
    [{ SNAPSHOT_SCHEDULE: "61 * * * *" }, /SNAPSHOT_SCHEDULE is "61 \* \* \* \*"/u],
    [{ SNAPSHOT_SCHEDULE: "0 0 30 2 *" }, /SNAPSHOT_SCHEDULE is "0 0 30 2 \*": .*comes true some day/u],
    [{ SNAPSHOT_SCHEDULE: "0 2 * * *", SNAPSHOT_TIMEZONE: "Mars/Olympus" }, /SNAPSHOT_TIMEZONE is "Mars\/Olympus": write a time zone such as Europe\/Berlin/u]
  ] as const)("%j does not start", ([env, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(serve({ env }))
      assert.match(error.message, message)
    }))

  it.effect.each([[{}], [{ SNAPSHOT_SCHEDULE: "" }], [{ SNAPSHOT_SCHEDULE: "Off" }]] as const)("%j is none", ([env]) =>
    Effect.gen(function*() {
      assert.isUndefined(yield* settingsOf(env))
    }))

  it.live("a server that has one answers from what it has stored", () =>
    Effect.gen(function*() {
      const path = yield* database
      const stored = yield* Deferred.make<void>()
      const { mcp, simulator, url } = yield* serve({
        onLog: (line) => {
          if (line.includes("A snapshot is stored by the schedule")) Deferred.doneUnsafe(stored, Effect.void)
        },
        env: { SNAPSHOT_SCHEDULE: "0 2 * * *" },
        memory: EstateMemory.layer({ _tag: "Sqlite", path }),
        simulator: { estate: { regions: ["us-east-1"], counts: { "sns:topic": 5 } } }
      })
      yield* Deferred.await(stored)
      const { client } = yield* connect(mcp)
      const { structured } = yield* call(client, "get_violation_history")
      assert.strictEqual(structured.history.length, 1)
      assert.strictEqual(structured.history[0].total_resources, [...simulator.estate.resources()].filter(({ type }) => type === "sns:topic").length)
      const { body } = yield* send(`${url}/metrics`)
      assert.match(body, /cadastre_scheduled_snapshots_total\{outcome="stored"\} [1-9]/u)
    }), 30_000)
})
