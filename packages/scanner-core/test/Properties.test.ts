import { Simulator } from "@cadastre/aws-simulator"
import { cellKey } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Scanner } from "../src/index.ts"
import { estates, failures, pages } from "./Estates.ts"
import {
  bucket,
  calls,
  engine,
  global,
  listCalls,
  queue,
  regional,
  role,
  scan,
  shown,
  table,
  topic,
  truth
} from "./Survey.ts"

const types = (scanners: ReadonlyArray<Scanner.Scanner>) => scanners.map(({ type }): string => type)

describe("Scan", () => {
  it("Property 3: with no filter, each enabled Region is attempted exactly once per regional type", () =>
    fc.assert(
      fc.asyncProperty(estates, ({ enabled, estate, regions }) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate })
          const { cells } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
          assert.sameMembers(
            cells.map(cellKey),
            enabled.flatMap((region) => types(regional).map((type) => `111122223333/${region}/${type}`))
          )
          for (const type of types(regional)) {
            const [service, operation] = listCalls[type]!
            for (const region of regions) {
              assert.strictEqual(calls(simulator, service, operation, region), enabled.includes(region) ? 1 : 0)
            }
          }
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it("Property 4: a Region with no resources succeeds, with an empty list and no error", () =>
    fc.assert(
      fc.asyncProperty(estates, pages, ({ enabled, estate }, paging) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, ...paging })
          const { cells, coverage, inCell } = yield* scan().pipe(Effect.provide(engine(simulator, [...regional, role])))
          for (const cell of cells) {
            if (truth(simulator, cell.region, cell.type).length > 0) continue
            assert.strictEqual(cell.outcome, "scanned")
            assert.strictEqual(cell.resources, 0)
            assert.isUndefined(cell.reason)
            assert.isEmpty(inCell(cell.region, cell.type))
          }
          assert.deepStrictEqual(coverage.successfulRegions.map(String), enabled)
          assert.isTrue(coverage.complete)
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it("Property 5: some Regions fail: all others are complete, and failedRegions are exactly the failed ones", () =>
    fc.assert(
      fc.asyncProperty(
        estates.chain((made) => fc.tuple(fc.constant(made), fc.subarray(made.enabled))),
        failures,
        ([{ enabled, estate }, broken], fault) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate })
            for (const region of broken) {
              for (const [service, operation] of types(regional).map((type) => listCalls[type]!)) {
                simulator.rule({ match: { region, service, operation }, fault })
              }
            }
            const { coverage, inCell } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
            assert.deepStrictEqual(coverage.failedRegions.map(String), broken.toSorted())
            const whole = enabled.filter((region) => !broken.includes(region))
            assert.deepStrictEqual(coverage.successfulRegions.map(String), whole)
            assert.isEmpty(coverage.incompleteRegions)
            for (const region of whole) {
              for (const type of types(regional)) {
                assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
              }
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it("Property 6: every resource of every successful Region is in the result, with the Region it was found in", () =>
    fc.assert(
      fc.asyncProperty(estates, pages, fc.nat(), ({ enabled, estate }, paging, seed) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, ...paging })
          const { cells, coverage, inCell, resources } = yield* scan({ seed }).pipe(Effect.provide(engine(simulator)))
          assert.deepStrictEqual(coverage.successfulRegions.map(String), enabled)
          for (const cell of cells) {
            const found = inCell(cell.region, cell.type)
            assert.sameMembers(found.map(shown), truth(simulator, cell.region, cell.type).map(shown))
            assert.strictEqual(cell.resources, found.length)
            assert.isTrue(found.every(({ accountId, type }) => type === cell.type && accountId === cell.accountId))
          }
          assert.sameMembers(resources.map(shown), [...simulator.estate.resources()].map(shown))
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it("Property 9: a type is global if and only if the catalogue says so", () =>
    fc.assert(
      fc.asyncProperty(
        estates,
        fc.subarray([topic, queue, table]),
        ({ enabled, estate }, chosen) =>
          Effect.gen(function*() {
            const scanners = [topic, queue, table].map((scanner): Scanner.Scanner =>
              chosen.includes(scanner)
                ? Scanner.make(scanner.type, {
                  scope: "global",
                  cloudFormation: scanner.cloudFormation,
                  actions: scanner.actions,
                  list: scanner.scan,
                  describe: ({ arn, tags }) => ({ arn, tags: tags ?? undefined })
                })
                : scanner
            )
            const simulator = yield* Simulator.make({ estate })
            const { cells, inCell } = yield* scan().pipe(Effect.provide(engine(simulator, scanners)))
            for (const { scope, type } of scanners) {
              const where = cells.filter((cell) => cell.type === type).map(({ region }): string => region)
              const isGlobal = chosen.some((one) => one.type === type)
              assert.strictEqual(scope === "global", isGlobal)
              assert.sameMembers(where, isGlobal ? ["global"] : [...enabled])
              // Asked in the partition's home Region, and in no other.
              const [service, operation] = listCalls[type]!
              if (isGlobal) assert.strictEqual(calls(simulator, service, operation), 1)
              if (isGlobal) assert.strictEqual(calls(simulator, service, operation, "us-east-1"), 1)
              for (const region of where) assert.isTrue(inCell(region, type).every((one) => one.region === region))
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it("Property 10: a global resource appears exactly once however many Regions are scanned", () =>
    fc.assert(
      fc.asyncProperty(
        estates.chain((made) => fc.tuple(fc.constant(made), fc.subarray(made.enabled, { minLength: 1 }))),
        pages,
        ([{ enabled, estate }, regions], paging) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate, ...paging })
            const { cells, inCell } = yield* scan({ regions }).pipe(
              Effect.provide(engine(simulator, [...global, topic]))
            )
            assert.strictEqual(cells.filter(({ region }) => region === "global").length, global.length)
            assert.sameMembers(
              inCell("global", "iam:role").map(shown),
              truth(simulator, "global", "iam:role").map(shown)
            )
            // A scan of some Regions wants the buckets that live there.
            assert.sameMembers(
              inCell("global", "s3:bucket").map(shown),
              truth(simulator, "global", "s3:bucket").filter((one) => regions.includes(one.region)).map(shown)
            )
            // Nobody asks about the tags of what is not wanted.
            for (const region of enabled.filter((one) => !regions.includes(one) && one !== "us-east-1")) {
              assert.strictEqual(calls(simulator, undefined, undefined, region), 0)
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it("Property 11: a Region filter: exactly those Regions are scanned", () =>
    fc.assert(
      fc.asyncProperty(
        estates.chain((made) => fc.tuple(fc.constant(made), fc.subarray(made.enabled, { minLength: 1 }))),
        ([{ enabled, estate }, wanted]) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate })
            const request = { regions: wanted.map((one) => one.toUpperCase()) }
            const { cells, coverage, inCell, plan } = yield* scan(request).pipe(
              Effect.provide(engine(simulator, regional))
            )
            assert.deepStrictEqual(plan.scope.regions.map(String), wanted.toSorted())
            assert.sameMembers([...new Set(cells.map(({ region }): string => region))], wanted)
            assert.includeMembers(coverage.skippedRegions.map(String), enabled.filter((one) => !wanted.includes(one)))
            for (const region of enabled) {
              for (const type of types(regional)) {
                const [service, operation] = listCalls[type]!
                assert.strictEqual(calls(simulator, service, operation, region), wanted.includes(region) ? 1 : 0)
                if (wanted.includes(region)) {
                  assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
                }
              }
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it("Property 12: multi-Region off: only the default Region", () =>
    fc.assert(
      fc.asyncProperty(estates, pages, ({ estate, regions }, paging) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, ...paging })
          const { cells, inCell, plan } = yield* scan().pipe(
            Effect.provide(engine(simulator, [...regional, bucket], { MULTI_REGION_ENABLED: "false" }))
          )
          assert.deepStrictEqual(plan.scope.regions.map(String), ["us-east-1"])
          assert.sameMembers([...new Set(cells.map(({ region }): string => region))], ["us-east-1", "global"])
          for (const region of regions.slice(1)) assert.strictEqual(calls(simulator, undefined, undefined, region), 0)
          for (const type of types(regional)) {
            assert.sameMembers(inCell("us-east-1", type).map(shown), truth(simulator, "us-east-1", type).map(shown))
          }
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it("Property 17: any page sizes give the same resources", () =>
    fc.assert(
      fc.asyncProperty(estates, fc.integer({ min: 1, max: 9 }), fc.boolean(), ({ estate }, pageSize, ragged) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, pageSize, pages: ragged ? "ragged" : "full" })
          const { coverage, resources } = yield* scan().pipe(Effect.provide(engine(simulator)))
          assert.isTrue(coverage.complete)
          assert.sameMembers(resources.map(shown), [...simulator.estate.resources()].map(shown))
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))
})
