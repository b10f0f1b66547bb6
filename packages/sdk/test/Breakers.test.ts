import { type Fault, Simulator } from "@cadastre/aws-simulator"
import { type Cell, cellKey } from "@cadastre/model"
import { catalog } from "@cadastre/scanners"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { awsOf, engine, scan, truth } from "./Survey.ts"

const regions = ["us-east-1", "eu-west-1", "ap-south-1", "sa-east-1"]
const regional = catalog.filter(({ scope }) => scope === "regional")

/** All calls but those of the plan. */
const callsIn = (simulator: Simulator["Service"], region: string): number =>
  simulator.calls()
    .filter((row) => row.region === region && row.service !== "sts" && row.operation !== "DescribeRegions")
    .reduce((sum, { calls }) => sum + calls, 0)

/** Quick ones that do not go away: a host that is dead, credentials that are refused, denials, an outage. */
const lasting: ReadonlyArray<Fault> = [
  { type: "reset" },
  { type: "deny" },
  { type: "deny", by: "scp" },
  { type: "disabled-region" },
  { type: "invalid-credentials" },
  { type: "not-subscribed" },
  { type: "status", status: 500 },
  { type: "unsupported" }
]

describe("circuit breakers in a scan", () => {
  it.live("a dead Region among live ones costs few calls, and the others are complete", () =>
    Effect.gen(function*() {
      const counts: Array<readonly [live: number, dead: number]> = []
      for (const fault of [{ type: "reset" }, { type: "disabled-region" }] as const) {
        const simulator = yield* Simulator.make({ estate: { seed: 6, regions, resources: 600 } })
        simulator.rule({ match: { region: "sa-east-1" }, fault })
        const { cells, coverage, in: found } = yield* scan({}).pipe(Effect.provide(engine(awsOf(simulator))))
        for (const cell of cells.values()) {
          if (cell.region === "sa-east-1") {
            assert.include(fault.type === "reset" ? ["failed", "unsupported"] : ["denied", "unsupported"], cell.outcome)
          } else if (cell.outcome === "scanned") assert.deepStrictEqual(found(cell), truth(simulator, cell), cellKey(cell))
          else assert.strictEqual(cell.outcome, "unsupported")
        }
        assert.deepStrictEqual(coverage().failedRegions.map(String), ["sa-east-1"])
        counts.push([callsIn(simulator, "eu-west-1"), callsIn(simulator, "sa-east-1")])
      }
      // Every operation is asked once; only those that were under way before it was clear are asked up to four times.
      const [reset, off] = counts
      assert.isBelow(reset![1], regional.length * 3)
      assert.isAtMost(off![1], regional.length)
      assert.isAtMost(off![1], off![0])
    }), 60_000)

  it.live("a service that refuses costs its calls in one account and Region, and is asked elsewhere", () =>
    Effect.gen(function*() {
      const accounts = ["111122223333", "222233334444"]
      const simulator = yield* Simulator.make({ estate: { seed: 6, accounts, regions: regions.slice(0, 2), resources: 900 } })
      // As a denial of the tagging API and of the tags of one service: read one by one, each would be refused.
      simulator.rule({ match: { account: accounts[1]!, region: "eu-west-1", service: "tagging" }, fault: { type: "deny" } })
      simulator.rule({ match: { account: accounts[1]!, region: "eu-west-1", operation: "ListTagsForResource" }, fault: { type: "deny" } })
      const { cells, in: found } = yield* scan({ types: ["sns:topic", "sqs:queue", "ec2:volume"] }).pipe(
        Effect.provide(engine(awsOf(simulator)))
      )
      for (const cell of cells.values()) {
        const isHit = cell.accountId === accounts[1] && cell.region === "eu-west-1" && cell.type === "sns:topic"
        if (isHit && truth(simulator, cell).length > 0) assert.strictEqual(cell.outcome, "denied")
        else assert.deepStrictEqual([cell.outcome, found(cell)], ["scanned", truth(simulator, cell)], cellKey(cell))
      }
      const refused = simulator.calls().filter((row) => row.service === "tagging" && row.errors > 0)
      assert.deepStrictEqual(refused.map(({ accountId, region }) => `${accountId} ${region}`), [`${accounts[1]} eu-west-1`])
    }))

  it("never takes for dead what answers: every cell whose own service is well is scanned", () => {
    let unwell = 0
    return fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.subarray([...new Set(regional.map(({ actions }) => actions[0]!.split(":")[0]!))], { minLength: 3 }),
        fc.constantFrom(...lasting),
        fc.constantFrom(...regions.slice(0, 2)),
        fc.constantFrom("1", "2", "10"),
        (seed, prefixes, fault, region, services) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate: { seed, regions: regions.slice(0, 2), resources: 100 } })
            const operations = regional
              .filter(({ actions }) => prefixes.includes(actions[0]!.split(":")[0]!))
              .flatMap(({ actions, fallbackActions }) => [...actions, ...fallbackActions])
              .filter((action) => action !== "tag:GetResources")
            const hit = new Set(operations)
            simulator.rule({ match: { region, operation: [...new Set(operations.map((action) => action.split(":")[1]!))] }, fault })
            const isHit = ({ region: where, type }: Cell): boolean => {
              const entry = catalog.find((one) => one.type === type)!
              // Two services may have an operation of the same name.
              const names = [...entry.actions, ...entry.fallbackActions].map((action) => action.split(":")[1])
              return where === "global" || (where === region && names.some((name) => [...hit].some((one) => one.endsWith(`:${name}`))))
            }
            const { cells, in: found } = yield* scan({}).pipe(
              Effect.provide(engine(awsOf(simulator), { MAX_CONCURRENT_SERVICES: services, RATE_LIMIT_SHARE: "1" }))
            )
            for (const cell of cells.values()) {
              if (cell.outcome !== "scanned") unwell++
              if (isHit(cell) || (cell.outcome === "unsupported" && cell.calls === 0)) continue
              assert.strictEqual(cell.outcome, "scanned", `${cellKey(cell)} ${cell.reason?.message}`)
              assert.deepStrictEqual(found(cell), truth(simulator, cell))
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 100 : 12 }
    ).then(() => {
      assert.isAbove(unwell, 30)
    })
  }, 300_000)
})
