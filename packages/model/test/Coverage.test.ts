import {
  AccountId,
  type Cell,
  cellKey,
  type CellResult,
  Coverage,
  type Discovery,
  type Location,
  type Outcome,
  RegionId,
  ResourceType
} from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

const outcomes: ReadonlyArray<Outcome> = [
  "scanned",
  "denied",
  "throttled",
  "timed-out",
  "failed",
  "unsupported",
  "skipped"
]
const known: Discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true }
const guessed: Discovery = { status: "fallback", source: "default Region", exhaustive: false, reason: "denied" }

const accounts = ["111122223333", "444455556666"].map((id) => AccountId.make(id))
const places: ReadonlyArray<Location> = [
  "global",
  ...["us-east-1", "eu-west-1", "us-west-2"].map((id) => RegionId.make(id))
]
const types = ["ec2:instance", "s3:bucket", "sns:topic"].map((type) => ResourceType.ResourceType.make(type))

const result = (cell: Cell, outcome: Outcome, unknownTags = 0): CellResult => ({
  ...cell,
  outcome,
  resources: unknownTags,
  unknownTags,
  calls: 1,
  durationMs: 2
})
const cell = (region: Location, type = 0, account = 0): Cell => ({
  accountId: accounts[account]!,
  region,
  type: types[type]!
})
const make = (cells: ReadonlyArray<CellResult>, discovery: Discovery = known) =>
  Coverage.make({ cells, skippedRegions: [], discovery })

/** Every cell of a scope, each ended somehow. */
const scopes = fc
  .tuple(
    fc.subarray(accounts, { minLength: 1 }),
    fc.subarray([...places], { minLength: 1 }),
    fc.subarray(types, { minLength: 1 })
  )
  .chain(([accountIds, regions, types]) => {
    const cells = accountIds.flatMap((accountId) =>
      regions.flatMap((region) => types.map((type) => ({ accountId, region, type })))
    )
    return fc.tuple(
      ...cells.map((cell) =>
        fc
          .record({ outcome: fc.constantFrom(...outcomes), unknown: fc.constantFrom(0, 0, 0, 3) })
          .map(({ outcome, unknown }) => result(cell, outcome, unknown))
      )
    )
  })

describe("Coverage", () => {
  it("Property 14 (pure part): every cell of the scope has exactly one outcome, and is counted once", () => {
    fc.assert(
      fc.property(scopes, fc.boolean(), (cells, exhaustive) => {
        const coverage = make(cells, exhaustive ? known : guessed)
        assert.strictEqual(
          Object.values(coverage.cells).reduce((sum, count) => sum + count, 0),
          cells.length
        )
        assert.deepStrictEqual(coverage.table.map(cellKey), cells.map(cellKey).toSorted())
        for (const outcome of outcomes) {
          assert.strictEqual(coverage.cells[outcome], cells.filter((cell) => cell.outcome === outcome).length)
        }
        const lists = [coverage.successfulRegions, coverage.incompleteRegions, coverage.failedRegions]
        const listed = lists.flat()
        const expected = new Set(cells.map(({ region }) => region).filter((region) => region !== "global"))
        assert.sameMembers(listed, [...expected])
        assert.strictEqual(new Set(listed).size, listed.length)
        assert.isTrue(Schema.is(Coverage.Coverage)(coverage))
      }),
      { numRuns: 300 }
    )
  })

  it("complete only when nothing is unknown", () => {
    fc.assert(
      fc.property(scopes, fc.boolean(), (cells, exhaustive) => {
        const expected =
          exhaustive &&
          cells.every(
            ({ outcome, unknownTags }) => unknownTags === 0 && (outcome === "scanned" || outcome === "unsupported")
          )
        assert.strictEqual(make(cells, exhaustive ? known : guessed).complete, expected)
      }),
      { numRuns: 300 }
    )
    assert.isTrue(make([result(cell("us-east-1" as RegionId), "scanned")]).complete)
    assert.isFalse(make([result(cell("us-east-1" as RegionId), "scanned")], guessed).complete)
    assert.isFalse(make([result(cell("us-east-1" as RegionId), "scanned", 1)]).complete)
    for (const outcome of outcomes) {
      const complete = make([result(cell("global"), "scanned"), result(cell("global", 1), outcome)]).complete
      assert.strictEqual(complete, outcome === "scanned" || outcome === "unsupported", outcome)
    }
  })

  it("does not depend on the order of the cells", () => {
    const shuffled = scopes.chain((cells) =>
      fc.tuple(fc.constant(cells), fc.shuffledSubarray(cells, { minLength: cells.length }))
    )
    fc.assert(
      fc.property(shuffled, ([cells, others]) => {
        assert.strictEqual(JSON.stringify(make(others)), JSON.stringify(make(cells)))
      }),
      { numRuns: 200 }
    )
  })

  it("a Region is successful when all of it was seen, failed when nothing was, else incomplete", () => {
    const [east, west, third] = ["us-east-1", "eu-west-1", "us-west-2"].map((id) => RegionId.make(id)) as [
      RegionId,
      RegionId,
      RegionId
    ]
    const coverage = make([
      result(cell(east, 0), "scanned"),
      result(cell(east, 1), "unsupported"),
      result(cell(west, 0), "scanned"),
      result(cell(west, 1), "throttled"),
      result(cell(third, 0), "denied"),
      result(cell(third, 1), "unsupported"),
      result(cell("global", 2), "failed")
    ])
    assert.deepStrictEqual(coverage.successfulRegions, [east])
    assert.deepStrictEqual(coverage.incompleteRegions, [west])
    assert.deepStrictEqual(coverage.failedRegions, [third])
    assert.strictEqual(coverage.cells.failed, 1)
  })

  it("a Region that fails in one of two accounts is incomplete", () => {
    const east = RegionId.make("us-east-1")
    const coverage = make([result(cell(east, 0, 0), "scanned"), result(cell(east, 0, 1), "denied")])
    assert.deepStrictEqual(coverage.incompleteRegions, [east])
  })

  it("skipped Regions are listed and are none of the cells; the order given does not matter", () => {
    const [a, b] = [RegionId.make("af-south-1"), RegionId.make("me-south-1")]
    const of = (skippedRegions: ReadonlyArray<RegionId>) =>
      Coverage.make({ cells: [result(cell("global"), "scanned")], skippedRegions, discovery: known })
    assert.deepStrictEqual(of([b, a]), of([a, b]))
    assert.deepStrictEqual(of([b, a]).skippedRegions, [a, b])
    assert.isTrue(of([b, a]).complete)
  })
})
