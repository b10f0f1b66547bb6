import { Estate } from "@cadastre/aws-simulator"
import { IamPolicy } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import * as fc from "fast-check"
import { catalog } from "../src/catalog.ts"
import { accounts, called, regions, shown, survey, truth } from "./Survey.ts"

/** Three of everything, everywhere, so that every action is needed. */
const estate = Estate.make({
  accounts,
  regions,
  counts: Object.fromEntries(catalog.map(({ scope, type }) => [
    type,
    scope === "global" && type !== "s3:bucket" ? { global: 3 } : Object.fromEntries(regions.map((region) => [region, 3]))
  ]))
})

const actionsOf = (documents: ReadonlyArray<IamPolicy.PolicyDocument>) =>
  documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))

const scanAllowed = (types: ReadonlyArray<string>, allowed: ReadonlyArray<string>) =>
  survey(types, { estate, allow: { [accounts[0]!]: allowed } })

describe("the printed policy", () => {
  it("Property 22: any choice of types is scanned with exactly it; without one action, exactly its cells are denied", () =>
    fc.assert(
      fc.asyncProperty(
        fc.subarray([...catalog], { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (entries, pick) =>
          Effect.gen(function*() {
            const types = entries.map(({ type }): string => type)
            const allowed = actionsOf(IamPolicy.of(entries))
            const whole = yield* scanAllowed(types, allowed)
            assert.isNotEmpty(whole.cells)
            assert.isTrue(whole.cells.every(({ outcome, unknownTags }) => outcome === "scanned" && unknownTags === 0))
            assert.sameMembers(
              whole.resources.map(shown),
              types.flatMap((type) => truth(whole.simulator, type)).map(shown)
            )
            assert.sameMembers(["ec2:DescribeRegions", ...called(whole.simulator).keys()], [...allowed])

            const own = allowed.filter((action) => action !== "ec2:DescribeRegions")
            const missing = own[pick % own.length]!
            const lacking = yield* scanAllowed(types, allowed.filter((action) => action !== missing))
            assert.strictEqual(lacking.cells.length, whole.cells.length)
            for (const cell of lacking.cells) {
              const needs = entries.find(({ type }) => type === cell.type)!.actions.includes(missing)
              assert.strictEqual(cell.outcome, needs ? "denied" : "scanned", `${cell.type} without ${missing}`)
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ), 60_000)

  it.live("Property 22: of everything, each action is needed by exactly the cells of its types", () =>
    Effect.gen(function*() {
      const allowed = actionsOf(IamPolicy.of(catalog))
      for (const [at, missing] of allowed.entries()) {
        if (missing === "ec2:DescribeRegions") continue
        const wanting = catalog.filter(({ actions }) => actions.includes(missing)).map(({ type }): string => type)
        // Beside them two that can do without, others each time.
        const others = catalog.filter(({ type }) => !wanting.includes(type)).map(({ type }): string => type)
        const types = [...wanting, ...[at, at + 1].flatMap((index) => others[index % others.length] ?? [])]
        const { cells } = yield* scanAllowed(types, allowed.filter((action) => action !== missing))
        assert.sameMembers([...new Set(cells.map(({ type }): string => type))], [...new Set(types)])
        for (const { outcome, type } of cells) {
          assert.strictEqual(outcome, wanting.includes(type) ? "denied" : "scanned", `${type} without ${missing}`)
        }
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("Property 22: with tag-fallback, a scan without the tagging API is complete as well", () =>
    Effect.gen(function*() {
      const allowed = actionsOf(IamPolicy.of(catalog, { features: ["tag-fallback"] }))
      const { cells, resources, simulator } = yield* scanAllowed(
        [],
        allowed.filter((action) => action !== "tag:GetResources")
      )
      assert.isTrue(cells.every(({ outcome, unknownTags }) => outcome === "scanned" && unknownTags === 0))
      assert.sameMembers(resources.map(shown), catalog.flatMap(({ type }) => truth(simulator, type)).map(shown))
    }).pipe(Effect.scoped))

  it.live("without ec2:DescribeRegions no Region but the default one is seen, unless regions-fallback finds them", () =>
    Effect.gen(function*() {
      const places = (features: ReadonlyArray<IamPolicy.Feature>) => {
        const allowed = actionsOf(IamPolicy.of(catalog, { features }))
        return Effect.map(
          scanAllowed(["sqs"], allowed.filter((action) => action !== "ec2:DescribeRegions")),
          ({ cells }) => cells.map(({ outcome, region }) => `${region} ${outcome}`)
        )
      }
      assert.deepStrictEqual(yield* places([]), ["us-east-1 scanned"])
      assert.sameMembers(yield* places(["regions-fallback"]), ["us-east-1 scanned", "eu-west-1 scanned"])
    }).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "Error")))
})
