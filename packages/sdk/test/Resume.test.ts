import { fork } from "node:child_process"
import { once } from "node:events"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { Schedule, Simulator } from "@cadastre/aws-simulator"
import { type Cell, cellKey, type CellResult } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import { SqliteJournal } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import * as fc from "fast-check"
import { awsOf, engine, journalFile, listed, scan, truth, types } from "./Survey.ts"

const isNightly = process.env.CADASTRE_NIGHTLY === "1"
const regions = ["us-east-1", "eu-west-1", "ap-south-1"]

/** A journal whose process can die: from then on nothing is written, not even that the scan is over. */
const mortal = (path: string, life: { isOver: boolean }) =>
  Layer.effect(
    Journal,
    Effect.map(Journal, (journals) => ({
      ...journals,
      begin: (scan: Parameters<typeof journals.begin>[0]) =>
        Effect.map(journals.begin(scan), (begun) =>
          begun && {
            ...begun,
            journal: {
              ...begun.journal,
              close: (isComplete: boolean) => Effect.suspend(() => life.isOver ? Effect.void : begun.journal.close(isComplete))
            }
          })
    }))
  ).pipe(Layer.provide(SqliteJournal.layer(path)))

/** One process: it dies at its nth event, or ends. Its database stays open until the test ends. */
const live = Effect.fnUntraced(function*(
  simulator: Simulator["Service"],
  path: string,
  { diesAt, request = {}, resume }: {
    readonly resume: boolean
    readonly diesAt?: number
    readonly request?: { readonly types?: ReadonlyArray<string>; readonly regions?: ReadonlyArray<string> }
  }
) {
  const life = { isOver: false }
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const layer = engine(awsOf(simulator)).pipe(Layer.provide(mortal(path, life)))
  const context = yield* Layer.buildWithScope(layer, scope)
  const dead = yield* Deferred.make<void>()
  const ended: Array<CellResult> = []
  let seen = 0
  const fiber = yield* scan({ types, ...request, resume }, (event) =>
    Effect.suspend(() => {
      if (life.isOver) return Effect.never
      if (event._tag === "CellEnded") ended.push(event.result)
      if (++seen !== diesAt) return Effect.void
      life.isOver = true
      return Effect.andThen(Deferred.succeed(dead, undefined), Effect.never)
    })).pipe(Effect.provide(context), Effect.forkChild)
  const survived = yield* Effect.raceFirst(
    Effect.map(Fiber.join(fiber), (result) => ({ ended, result })),
    Effect.as(Deferred.await(dead), { ended, result: undefined })
  )
  yield* Fiber.interrupt(fiber)
  return survived
})

/** When a process is killed: after how many cells have ended, and how long after that. */
const moments = (): ReadonlyArray<{ readonly cells: number; readonly laterMs: number }> =>
  isNightly
    ? fc.sample(fc.record({ cells: fc.integer({ min: 1, max: 16 }), laterMs: fc.integer({ min: 0, max: 12 }) }), 20)
    : [{ cells: 1, laterMs: 0 }, { cells: 8, laterMs: 0 }, { cells: 20, laterMs: 0 }]

const isSeen = ({ outcome }: CellResult): boolean => outcome === "scanned" || outcome === "unsupported"

describe("resuming", () => {
  it("Property 18: kill at any event, resume: same final inventory, no finished cell scanned twice", () => {
    let reused = 0
    let kills = 0
    return fc.assert(
      fc.asyncProperty(
        fc.record({ seed: fc.nat(), resources: fc.integer({ min: 0, max: 120 }), regions: fc.subarray(regions.slice(1)).map((others) => ["us-east-1", ...others]) }),
        fc.option(fc.record({ seed: fc.nat(), intensity: fc.double({ min: 0.05, max: 0.5, noNaN: true }) }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 1, maxLength: 4 }),
        (estate, storm, pageSize, deaths) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate, ...(pageSize === undefined ? {} : { pageSize }) })
            if (storm !== undefined) {
              // What is asked for the plan stays whole; what vanishes is not there to be compared.
              const kinds = Schedule.defaultKinds.filter((kind) => kind !== "vanish")
              const services = types.map((type) => type.split(":")[0]!).filter((service) => service !== "ec2")
              simulator.setSchedule(Schedule.make(storm.seed, { kinds, intensity: storm.intensity, services }))
            }
            const path = yield* journalFile
            const finished = new Map<string, { readonly cell: Cell; readonly listed: number }>()
            const check = (ended: ReadonlyArray<CellResult>) => {
              for (const { cell, listed: before } of finished.values()) {
                assert.strictEqual(listed(simulator, cell), before, `${cellKey(cell)} was finished, and is scanned again`)
              }
              for (const result of ended) {
                const isOld = finished.has(cellKey(result))
                if (isOld) {
                  reused++
                  assert.strictEqual(result.calls, 0)
                }
                if (isOld || result.calls === 0) assert.isTrue(result.seenAt !== undefined || !isSeen(result))
                if (isSeen(result)) finished.set(cellKey(result), { cell: result, listed: listed(simulator, result) })
              }
            }
            let resume = false
            for (const diesAt of deaths) {
              const { ended, result } = yield* live(simulator, path, { resume, diesAt })
              check(ended)
              resume = true
              if (result === undefined) kills++
              // Over before it died: what was seen as a whole is not gone on with.
              if (result !== undefined && ended.every(isSeen)) return
            }
            simulator.setSchedule(undefined)
            const { ended, result } = yield* live(simulator, path, { resume })
            check(ended)
            assert.strictEqual(result?.cells.size, result?.plan.cells.length)
            for (const cell of result!.cells.values()) {
              if (storm === undefined) assert.strictEqual(cell.outcome, "scanned")
              if (cell.outcome === "scanned") assert.deepStrictEqual(result!.in(cell), truth(simulator, cell), cellKey(cell))
              else assert.strictEqual(cell.outcome, "unsupported")
            }
            assert.isTrue(result!.coverage().complete)
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: isNightly ? 500 : 100 }
    ).then(() => {
      if (process.env.CADASTRE_SEED !== undefined) return
      assert.isAbove(kills, 20)
      assert.isAbove(reused, 100)
    })
  }, isNightly ? 600_000 : 120_000)

  it.live("killed by the system at any moment, it goes on with what it had finished", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 4, regions, resources: 400 },
        pageSize: 20,
        latency: { milliseconds: 3, jitter: 2 }
      })
      for (const { cells: diesAt, laterMs } of moments()) {
        const path = yield* journalFile
        const ended: Array<CellResult> = []
        const child = fork(
          fileURLToPath(new URL("Surveyor.ts", import.meta.url)),
          [path, JSON.stringify({ ...awsOf(simulator), credentials: simulator.credentials() }), `${diesAt}`],
          { stdio: ["ignore", "inherit", "inherit", "ipc"] }
        )
        child.on("message", (result: CellResult) => {
          ended.push(result)
          if (ended.length !== diesAt) return
          if (laterMs === 0) child.kill("SIGKILL")
          else setTimeout(() => child.kill("SIGKILL"), laterMs)
        })
        const [, signal] = (yield* Effect.promise(() => once(child, "exit"))) as [number, string]
        const when = `killed ${laterMs} ms after ${diesAt} cells`
        assert.strictEqual(signal, "SIGKILL", when)
        // What was not seen, on a machine too busy to answer in time, is asked for again.
        const before = ended.filter(isSeen).map((cell) => ({ cell, listed: listed(simulator, cell) }))
        const { result } = yield* live(simulator, path, { resume: true })
        for (const { cell, listed: times } of before) {
          assert.strictEqual(listed(simulator, cell), times, `${cellKey(cell)}, ${when}`)
          assert.strictEqual(result?.cells.get(cellKey(cell))?.calls, 0, when)
        }
        assert.isTrue(result?.coverage().complete, when)
        for (const cell of result.plan.cells) assert.deepStrictEqual(result.in(cell), truth(simulator, cell), when)
      }
    }).pipe(Effect.scoped), isNightly ? 300_000 : 60_000)

  it.live("what was denied is asked again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 4, regions, resources: 200 } })
      const path = yield* journalFile
      const allow = simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny", by: "scp" } })
      const first = yield* live(simulator, path, { resume: false })
      assert.deepStrictEqual(first.ended.filter((cell) => !isSeen(cell)).map(({ region, type }) => `${region} ${type}`), [
        "eu-west-1 sqs:queue"
      ])
      allow()
      simulator.reset()
      const second = yield* live(simulator, path, { resume: true })
      assert.isTrue(second.result?.coverage().complete)
      const asked = second.ended.filter(({ calls }) => calls > 0)
      assert.deepStrictEqual(asked.map(({ region, type }) => `${region} ${type}`), ["eu-west-1 sqs:queue"])
      for (const cell of second.ended) assert.deepStrictEqual(second.result.in(cell), truth(simulator, cell))
    }).pipe(Effect.scoped))

  it.live("another request starts anew", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 4, regions, resources: 200 } })
      const path = yield* journalFile
      yield* live(simulator, path, { resume: false, diesAt: 25 })
      for (const request of [{ types: types.slice(1) }, { regions: ["us-east-1"] }]) {
        const { ended, result } = yield* live(simulator, path, { resume: true, request })
        assert.isTrue(ended.every(({ calls, seenAt }) => calls > 0 && seenAt === undefined))
        assert.isTrue(result?.coverage().complete)
      }
    }).pipe(Effect.scoped))

  it.live("what the journal cannot give back is scanned again, or said; then it is well again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 4, regions, resources: 400 }, pageSize: 5 })
      const path = yield* journalFile
      simulator.rule({ match: { service: "lambda", region: "eu-west-1" }, fault: { type: "deny" } })
      yield* live(simulator, path, { resume: false })
      const database = new DatabaseSync(path)
      const kept = database.prepare("SELECT account AS accountId, region, type, attempt, pages FROM cells").all() as unknown as
        ReadonlyArray<Cell & { readonly attempt: number; readonly pages: number }>
      const long = kept.filter(({ pages }) => pages >= 3)
      assert.isAbove(long.length, 4)
      const [first, gone, last, wrong] = long as [typeof long[0], typeof long[0], typeof long[0], typeof long[0]]
      const page = ({ attempt }: typeof first, number: number) => attempt * 2 ** 20 + number
      database.prepare("UPDATE pages SET body = ? WHERE id = ?").run("[{", page(first, 0))
      database.prepare("DELETE FROM pages WHERE id >= ? AND id < ?").run(page(gone, 0), page(gone, 2 ** 20 - 1))
      database.prepare("UPDATE pages SET body = ? WHERE id = ?").run("[]]", page(last, last.pages - 1))
      database.prepare("UPDATE cells SET result = '{}' WHERE attempt = ?").run(wrong.attempt)
      database.close()
      const second = yield* live(simulator, path, { resume: true })
      for (const cell of second.ended) {
        if (cell.outcome === "scanned") assert.deepStrictEqual(second.result!.in(cell), truth(simulator, cell))
      }
      const outcome = (cell: Cell) => second.result?.cells.get(cellKey(cell))
      for (const cell of [first, gone, wrong]) {
        assert.strictEqual(outcome(cell)?.outcome, "scanned")
        assert.isAbove(outcome(cell)!.calls, 0)
      }
      // Part of it had been handed on before.
      assert.strictEqual(outcome(last)?.outcome, "failed")
      assert.strictEqual(outcome(last)?.reason?.error, "JournalUnreadable")
      simulator.clearRules()
      const third = yield* live(simulator, path, { resume: true })
      assert.isTrue(third.result?.coverage().complete)
      for (const cell of third.ended) assert.deepStrictEqual(third.result.in(cell), truth(simulator, cell))
    }).pipe(Effect.scoped))
})
