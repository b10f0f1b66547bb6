import { Compliance, type ComplianceResult } from "@cadastre/compliance"
import { StoreError } from "@cadastre/store"
import { assert, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import { PolicyInForce, SnapshotSchedule } from "../src/index.ts"
import { policy } from "./Connection.ts"

it.effect("a snapshot that is due while the store is away waits for it, scans nothing meanwhile, and is caught up once", () =>
  Effect.gen(function*() {
    const scans: Array<number> = []
    const logs: Array<string> = []
    let isAway = true
    const compliance = Layer.mock(Compliance, {
      latestSnapshot: () =>
        Effect.suspend(() =>
          isAway
            ? Effect.fail(new StoreError({ path: "PostgreSQL at db", problem: "connect ECONNREFUSED", remedy: "Start it" }))
            : Effect.succeed(scans.length === 0 ? undefined : { takenAt: new Date(scans.at(-1)!).toISOString() } as never)
        ),
      check: () =>
        Effect.clockWith((clock) => clock.currentTimeMillis).pipe(Effect.map((now) => {
          scans.push(now)
          return { coverage: { complete: true }, snapshotId: "s" } as unknown as ComplianceResult
        }))
    })
    yield* TestClock.setTime(Date.parse("2026-03-01T12:00:00Z"))
    const schedule = yield* SnapshotSchedule.settings.pipe(
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ SNAPSHOT_SCHEDULE: "0 2 * * *" })))
    )
    yield* SnapshotSchedule.run(schedule!).pipe(
      Effect.provide([
        compliance,
        Layer.succeed(PolicyInForce, PolicyInForce.make({ policy, source: "policy.json" })),
        Logger.layer([Logger.make(({ message }) => void logs.push(String(message)))])
      ]),
      Effect.forkScoped
    )
    // `Compliance` is loaded when it is first needed.
    yield* Effect.repeat(
      Effect.andThen(Effect.promise(() => new Promise((resolve) => setImmediate(resolve))), Effect.sync(() => logs.length)),
      { until: (lines) => lines > 1 }
    )
    // Past two times of the schedule.
    yield* TestClock.adjust("36 hours")
    assert.deepStrictEqual(scans, [])
    assert.lengthOf(logs.filter((line) => /waits for the store: PostgreSQL at db .*ECONNREFUSED/u.test(line)), 1)
    isAway = false
    yield* TestClock.adjust("1 minute")
    assert.lengthOf(scans, 1)
    yield* TestClock.adjust("1 hour")
    // The next of the schedule, at 2 o'clock.
    assert.lengthOf(scans, 1)
    yield* TestClock.adjust("3 hours")
    assert.strictEqual(new Date(scans.at(-1)!).toISOString(), "2026-03-03T02:00:00.000Z")
    assert.lengthOf(scans, 2)
  }))
