import { Schedule, Simulator } from "@cadastre/aws-simulator"
import { cellKey } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { awsOf, engine, scan } from "./Survey.ts"

const regions = ["us-east-1", "eu-west-1"]

/** Faults that leave an answer that can be read, or are over when the call is made again. */
const visible = (kind: Schedule.FaultKind): boolean => kind !== "vanish"

const isPlanning = (service: string, operation: string): boolean =>
  ["account", "organizations", "sts"].includes(service) || operation === "DescribeRegions"

describe("every type under faults", () => {
  it("Property 15: every cell that is scanned holds what it holds when nothing goes wrong", () => {
    const outcomes = new Map<string, number>()
    return fc.assert(
      fc.asyncProperty(
        fc.record({
          estate: fc.nat(),
          schedule: fc.nat(),
          intensity: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
          kinds: fc.oneof(
            fc.constant(Schedule.defaultKinds.filter(visible)),
            fc.subarray(Schedule.defaultKinds.filter(visible), { minLength: 1, maxLength: 5 })
          ),
          pageSize: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
        }),
        ({ estate, intensity, kinds, pageSize, schedule }) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({
              estate: { seed: estate, regions, resources: 150, types: "all", tags: { hostile: 0.2 } },
              ...(pageSize === undefined ? {} : { pageSize })
            })
            const survey = (settings: Readonly<Record<string, string>>) =>
              scan({}).pipe(Effect.provide(engine(awsOf(simulator), { RATE_LIMIT_SHARE: "1", ...settings })))
            const whole = yield* survey({})
            assert.isTrue(whole.coverage().complete)
            const services = [...new Set(simulator.calls().filter((row) => !isPlanning(row.service, row.operation)).map(({ service }) => service))]
            const operations = [...new Set(simulator.calls().map(({ operation }) => operation))].filter((name) => !isPlanning("", name))
            simulator.setSchedule(Schedule.make(schedule, { intensity, kinds, services, operations }))
            // What is throttled all the time would take the minute that a Region has.
            const { cells, coverage, in: found } = yield* survey({ REGION_SCAN_TIMEOUT_SECONDS: "10" })
            assert.sameMembers([...cells.keys()], [...whole.cells.keys()])
            for (const cell of cells.values()) {
              outcomes.set(cell.outcome, (outcomes.get(cell.outcome) ?? 0) + 1)
              const name = `${cellKey(cell)}: ${cell.outcome} ${cell.reason?.message}`
              const real = whole.in(cell)
              const seen = found(cell)
              if (cell.outcome === "scanned" && cell.unknownTags === 0) assert.deepStrictEqual(seen, real, name)
              else {
                // Nothing is made up; what is known of tags is right.
                const bare = (line: string) => line.split(" ").slice(0, 3).join(" ")
                assert.includeMembers(real.map(bare), seen.map(bare), name)
                for (const line of seen) if (!line.endsWith(" ?")) assert.include(real, line)
              }
              if (cell.outcome === "unsupported") assert.strictEqual(cell.resources, 0, name)
              assert.notStrictEqual(cell.reason?.error, "Defect", name)
            }
            assert.strictEqual(
              coverage().complete,
              [...cells.values()].every(({ outcome, unknownTags }) =>
                (outcome === "scanned" || outcome === "unsupported") && unknownTags === 0
              )
            )
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 150 : 6 }
    ).then(() => {
      if (process.env.CADASTRE_SEED !== undefined) return
      for (const outcome of ["scanned", "denied", "failed"]) assert.isAbove(outcomes.get(outcome) ?? 0, 0, outcome)
    })
  }, process.env.CADASTRE_NIGHTLY === "1" ? 1_800_000 : 120_000)

  it.live.each([7200, -7200])("a clock that is %d s off costs each operation one call, and nothing else", (seconds) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 1, regions, resources: 200 }, pageSize: 4 })
      const survey = scan({}).pipe(Effect.provide(engine(awsOf(simulator), { RATE_LIMIT_SHARE: "1" })))
      const right = yield* survey
      const before = new Map(simulator.calls().map((row) => [`${row.region} ${row.service} ${row.operation}`, row.calls]))
      simulator.reset()
      simulator.rule({ fault: { type: "clock-skew", seconds } })
      const wrong = yield* survey
      assert.isTrue(wrong.coverage().complete)
      for (const cell of right.cells.values()) assert.deepStrictEqual(wrong.in(cell), right.in(cell))
      for (const { calls, operation, region, service } of simulator.calls()) {
        // Those of one client that were under way before the first answer said what time it is.
        assert.isAtMost(calls, 2 * before.get(`${region} ${service} ${operation}`)!, `${service} ${operation}`)
      }
      const refused = simulator.calls().reduce((sum, { errors }) => sum + errors, 0)
      assert.isAbove(refused, 0)
      assert.isBelow(refused, simulator.calls().reduce((sum, { calls }) => sum + calls, 0) / 2)
    }), 60_000)
})
