import { type Estate, type ResourceType, Simulator } from "@cadastre/aws-simulator"
import { type Cell, cellKey, type CellResult } from "@cadastre/model"
import { SqliteJournal } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Logger } from "effect"
import * as fc from "fast-check"
import { awsOf, engine, journalFile, scan, truth, types } from "./Survey.ts"

const regions = ["us-east-1", "eu-west-1", "ap-south-1"]
const accountId = "111122223333"
const minute = 60_000

/** Types whose changes are all told, and told where they are. */
const local: ReadonlySet<string> = new Set(["lambda:function", "sns:topic", "sqs:queue"])

/** One scan of an hour of its own, on the simulator's clock. */
const scanned = (simulator: Simulator["Service"], path: string, mode: "full" | "incremental", maxAgeSeconds?: number) => {
  const real = Clock.Clock.defaultValue()
  const nanos = () => BigInt(Math.round(simulator.now())) * 1_000_000n
  return scan({ types, mode, ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) }).pipe(
    Effect.provide(engine(awsOf(simulator), { RATE_LIMIT_SHARE: "1" }).pipe(Layer.provide(SqliteJournal.layer(path)))),
    Effect.provideService(Clock.Clock, {
      currentTimeMillisUnsafe: simulator.now,
      currentTimeMillis: Effect.sync(simulator.now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => real.sleep(duration)
    })
  )
}

interface Change {
  readonly kind: "create" | "tag" | "delete"
  readonly type: string
  readonly region: string
  readonly which: number
}

/** Makes a change; where it was made, if there was anything to change. */
const change = (estate: Estate.Estate, { kind, region, type, which }: Change): Cell["region"] | undefined => {
  const known = type as ResourceType
  const place = type === "iam:role" ? "global" : region
  if (kind === "create") return estate.create({ accountId, region: place, type: known }, { Owner: `new${which}` }).region as Cell["region"]
  const there = [...estate.resources({ accountId, region: place, type: known })]
  const one = there[which % Math.max(1, there.length)]
  if (one === undefined) return undefined
  if (kind === "tag") estate.tag(one.arn, { Owner: `changed${which}`, "a b": "" })
  else estate.delete(one.arn)
  return one.region as Cell["region"]
}

const changes = fc.array(
  fc.record<Change>({
    kind: fc.constantFrom("create", "tag", "delete"),
    type: fc.constantFrom(...types),
    region: fc.constantFrom(...regions),
    which: fc.nat(50)
  }),
  { maxLength: 5 }
)

const isReused = ({ calls, outcome, seenAt }: CellResult): boolean =>
  calls === 0 && outcome === "scanned" && seenAt !== undefined

describe("an incremental scan", () => {
  it("finds every change, and asks nothing of cells that nothing has changed in", () => {
    let reused = 0
    return fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(changes, { minLength: 1, maxLength: 3 }), (seed, rounds) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate: { seed, regions, resources: 150 } })
          const path = yield* journalFile
          const first = yield* scanned(simulator, path, "full")
          assert.isTrue(first.coverage().complete)
          for (const made of rounds) {
            const touched = new Set<string>()
            simulator.advance(30 * minute)
            for (const one of made) {
              const where = change(simulator.estate, one)
              if (where !== undefined) touched.add(`${where}/${one.type}`)
            }
            simulator.advance(30 * minute)
            const { cells, coverage, in: found, plan } = yield* scanned(simulator, path, "incremental")
            assert.isTrue(coverage().complete)
            assert.strictEqual(cells.size, plan.cells.length)
            for (const cell of cells.values()) {
              assert.deepStrictEqual(found(cell), truth(simulator, cell), cellKey(cell))
              if (!local.has(cell.type) || touched.has(`${cell.region}/${cell.type}`)) continue
              assert.isTrue(isReused(cell), `${cellKey(cell)} is asked again, and nothing has changed`)
              assert.isBelow(Date.parse(cell.seenAt!), simulator.now() - 29 * minute)
              reused++
            }
          }
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 12 }
    ).then(() => {
      assert.isAbove(reused, 40)
    })
  }, 60_000)

  it.live("looks everywhere where CloudTrail may not be asked, and says so", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 5, regions, resources: 100 } })
      const path = yield* journalFile
      const warnings: Array<string> = []
      yield* scanned(simulator, path, "full")
      simulator.rule({ match: { service: "cloudtrail" }, fault: { type: "deny" } })
      simulator.advance(60 * minute)
      const { cells, coverage, in: found } = yield* scanned(simulator, path, "incremental").pipe(
        Effect.provide(Logger.layer([Logger.make(({ message }) => void warnings.push(String(message)))]))
      )
      assert.isTrue(coverage().complete)
      for (const cell of cells.values()) {
        assert.isAbove(cell.calls, 0)
        assert.isUndefined(cell.seenAt)
        assert.deepStrictEqual(found(cell), truth(simulator, cell))
      }
      assert.strictEqual(warnings.filter((line) => line.includes("CloudTrail cannot be asked")).length, 1)
    }).pipe(Effect.scoped))

  it.live("uses nothing that is older than it may be, and nothing of another account's or an unseen cell", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 5, regions, resources: 100 } })
      const path = yield* journalFile
      const allow = simulator.rule({ match: { service: "sns", region: "eu-west-1" }, fault: { type: "deny" } })
      yield* scanned(simulator, path, "full")
      allow()
      simulator.advance(60 * minute)
      const young = yield* scanned(simulator, path, "incremental", 7200)
      const kept = [...young.cells.values()].filter(isReused)
      assert.isAbove(kept.length, 5)
      const denied = [...young.cells.values()].find(({ region, type }) => region === "eu-west-1" && type === "sns:topic")
      assert.isAbove(denied!.calls, 0)
      assert.isTrue(young.coverage().complete)
      simulator.advance(60 * minute)
      // What was used again is not younger for that.
      const old = yield* scanned(simulator, path, "incremental", 5400)
      for (const cell of kept) assert.isAbove(old.cells.get(cellKey(cell))!.calls, 0, cellKey(cell))
      assert.isTrue(isReused(old.cells.get(cellKey(denied!))!))
      for (const cell of old.cells.values()) assert.deepStrictEqual(old.in(cell), truth(simulator, cell))
    }).pipe(Effect.scoped))
})
