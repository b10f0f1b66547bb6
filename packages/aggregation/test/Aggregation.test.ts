import {
  Aggregate,
  coverageOf,
  inventoryOf,
  resourcesOf,
  Summary,
  summaryOf,
  Tally,
  violationsOf
} from "@cadastre/aggregation"
import { AccountId, cellKey, Coverage, RegionId, ResourceType, type ScanEvent } from "@cadastre/model"
import { compile } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import {
  cellsOf,
  costMicros,
  eventsOf,
  type HiddenScan,
  hiddenScans,
  accounts,
  policy,
  regions,
  resultOf
} from "./Events.ts"
import * as Oracle from "./Oracle.ts"

const validator = compile(policy, { now: 0 })

const fold = (events: ReadonlyArray<ScanEvent>): Aggregate.Aggregate => {
  const folded = Aggregate.fold({ validator, costMicros, keepResources: true })
  events.forEach(folded.add)
  return folded.aggregate()
}
const foldScan = (scan: HiddenScan) => fold(eventsOf(scan))

/** All that anybody can see of an aggregate, as the bytes that they see. */
const view = (aggregate: Aggregate.Aggregate): string =>
  JSON.stringify([
    aggregate.scope,
    aggregate.startedAt,
    summaryOf(aggregate),
    coverageOf(aggregate),
    violationsOf(aggregate),
    resourcesOf(aggregate),
    inventoryOf(aggregate)
  ])

const runs = { numRuns: 200 }

/** Groups as plain entries: an object would hide what it does to a key such as `__proto__`. */
const entries = (groups: object): Array<[string, unknown]> =>
  Object.entries(groups).toSorted(([a], [b]) => (a < b ? -1 : 1))
const groupBy = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string | undefined) => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const key = keyOf(item)
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

describe("Property 16: aggregation is a commutative monoid", () => {
  it("associative", () => {
    fc.assert(
      fc.property(hiddenScans, hiddenScans, hiddenScans, (x, y, z) => {
        const [a, b, c] = [foldScan(x), foldScan(y), foldScan(z)]
        assert.strictEqual(
          view(Aggregate.combine(Aggregate.combine(a, b), c)),
          view(Aggregate.combine(a, Aggregate.combine(b, c)))
        )
      }),
      runs
    )
  })

  it("commutative", () => {
    fc.assert(
      fc.property(hiddenScans, hiddenScans, (x, y) => {
        const [a, b] = [foldScan(x), foldScan(y)]
        assert.strictEqual(view(Aggregate.combine(a, b)), view(Aggregate.combine(b, a)))
      }),
      runs
    )
  })

  it("commutative in how the Regions were come by, too", () => {
    const discovery = fc.record(
      {
        status: fc.constantFrom("complete", "fallback"),
        source: fc.constantFrom("ec2:DescribeRegions", "ec2:DescribeRegions in another Region"),
        exhaustive: fc.boolean(),
        reason: fc.constantFrom("", "in another Region", "in another Region ", "x")
      },
      { requiredKeys: ["status", "source", "exhaustive"] }
    )
    fc.assert(
      fc.property(hiddenScans, discovery, discovery, (scan, one, other) => {
        const a = foldScan({ ...scan, scope: { ...scan.scope, discovery: one } })
        const b = foldScan({ ...scan, scope: { ...scan.scope, discovery: other } })
        const both = Aggregate.combine(a, b)
        assert.strictEqual(view(both), view(Aggregate.combine(b, a)))
        assert.strictEqual(both.scope?.discovery.exhaustive, one.exhaustive && other.exhaustive)
      }),
      runs
    )
  })

  it("has an identity", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const a = foldScan(scan)
        assert.strictEqual(view(Aggregate.combine(a, Aggregate.empty)), view(a))
        assert.strictEqual(view(Aggregate.combine(Aggregate.empty, a)), view(a))
      }),
      runs
    )
    assert.strictEqual(view(fold([])), view(Aggregate.empty))
  })

  it("any partition of the events, in any order, gives the same summary, coverage and violations", () => {
    const partitions = hiddenScans.chain((scan) => {
      const events = eventsOf(scan)
      return fc.record({
        whole: fc.constant(events),
        shuffled: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        parts: fc.array(fc.nat(3), { minLength: events.length, maxLength: events.length }),
        order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        grouping: fc.boolean()
      })
    })
    fc.assert(
      fc.property(partitions, ({ grouping, order, parts, shuffled, whole }) => {
        const folds = order.map((part) => fold(shuffled.filter((at) => parts[at] === part).map((at) => whole[at]!)))
        const [a, b, c, d] = folds as [
          Aggregate.Aggregate,
          Aggregate.Aggregate,
          Aggregate.Aggregate,
          Aggregate.Aggregate
        ]
        const combined = grouping
          ? Aggregate.combine(Aggregate.combine(a, b), Aggregate.combine(c, d))
          : folds.reduce(Aggregate.combine, Aggregate.empty)
        assert.strictEqual(view(combined), view(fold(whole)))
      }),
      runs
    )
  })

  it("combining changes neither part", () => {
    fc.assert(
      fc.property(hiddenScans, hiddenScans, (x, y) => {
        const [a, b] = [foldScan(x), foldScan(y)]
        const before = [view(a), view(b)]
        Aggregate.combine(a, b)
        assert.deepStrictEqual([view(a), view(b)], before)
      }),
      { numRuns: 100 }
    )
  })

  it("tallies are a commutative monoid", () => {
    const tally = fc.record({
      found: fc.nat(),
      scored: fc.nat(),
      compliant: fc.nat(),
      "aws-created": fc.nat(),
      default: fc.nat(),
      deleted: fc.nat(),
      untaggable: fc.nat(),
      unconfirmed: fc.nat(),
      free: fc.nat(),
      waived: fc.nat(),
      "nothing-required": fc.nat(),
      unknownTags: fc.nat(),
      violations: fc.nat(),
      gapMicros: fc.nat(),
      unpriced: fc.nat()
    })
    const groups = fc
      .array(fc.tuple(fc.constantFrom("__proto__", "a", "b"), tally))
      .map((pairs): Tally.Groups => new Map(pairs))
    const sorted = (groups: Tally.Groups) => [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
    fc.assert(
      fc.property(groups, groups, groups, (a, b, c) => {
        assert.deepStrictEqual(sorted(Tally.combineGroups(a, b)), sorted(Tally.combineGroups(b, a)))
        assert.deepStrictEqual(
          sorted(Tally.combineGroups(Tally.combineGroups(a, b), c)),
          sorted(Tally.combineGroups(a, Tally.combineGroups(b, c)))
        )
        assert.deepStrictEqual(sorted(Tally.combineGroups(a, new Map())), sorted(a))
      }),
      runs
    )
  })
})

describe("Property 7: score = Σ compliant ÷ Σ total over scanned cells", () => {
  it("as counted by hand, and nothing of an unseen cell is counted", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const seen = Oracle.scannedCells(scan.cells)
        const {
          byAccount: _a,
          byOwner: _o,
          byRegion: _g,
          byRule: _r,
          byType: _t,
          scoreBounds: _b,
          ...figures
        } = summaryOf(foldScan(scan))
        assert.deepStrictEqual(figures, Oracle.figuresOf(Oracle.foundIn(seen), seen.length > 0))
      }),
      { numRuns: 400 }
    )
  })

  it("absent when nothing was seen, whatever had been found by then", () => {
    fc.assert(
      fc.property(
        hiddenScans,
        fc.constantFrom("denied", "failed", "skipped", "throttled", "timed-out", undefined),
        (scan, outcome) => {
          const summary = summaryOf(
            foldScan({ ...scan, cells: scan.cells.map((cell) => ({ ...cell, outcome })) })
          )
          assert.notProperty(summary, "complianceScore")
          assert.strictEqual(summary.totalResources, 0)
          assert.strictEqual(summary.resourcesFound, 0)
          assert.isNull(summary.costAttributionGap)
          assert.deepStrictEqual(
            [summary.byRegion, summary.byType, summary.byAccount, summary.byOwner, summary.byRule],
            [{}, {}, {}, {}, {}]
          )
        }
      ),
      { numRuns: 100 }
    )
    assert.notProperty(summaryOf(Aggregate.empty), "complianceScore")
  })

  it("1 when all was seen and there is nothing", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const cells = scan.cells.map((cell) => ({ ...cell, outcome: "scanned" as const, pages: [] }))
        const summary = summaryOf(foldScan({ ...scan, cells }))
        assert.strictEqual(summary.complianceScore, 1)
        assert.strictEqual(summary.totalResources, 0)
        assert.deepStrictEqual(summary.scoreBounds, { lowest: 1, highest: 1 })
        for (const region of scan.scope.regions) assert.strictEqual(summary.byRegion[region]?.complianceScore, 1)
      }),
      { numRuns: 100 }
    )
  })

  it("a denied cell never raises a score: it changes no figure, and widens the bounds", () => {
    fc.assert(
      fc.property(hiddenScans, fc.nat(), fc.nat(50), (scan, pick, known) => {
        const denied = scan.cells[pick % scan.cells.length]!
        const others = scan.cells.filter((cell) => cell !== denied)
        const options = { lastKnown: () => known }
        const { scoreBounds: without, ...before } = summaryOf(foldScan({ ...scan, cells: others }), options)
        const { scoreBounds: within, ...after } = summaryOf(
          foldScan({ ...scan, cells: [...others, { ...denied, outcome: "denied" }] }),
          options
        )
        assert.deepStrictEqual(after, before)
        assert.isAtMost(within!.lowest, without!.lowest)
        assert.isAtLeast(within!.highest, without!.highest)
      }),
      runs
    )
  })
})

describe("Property 8: aggregate gap = Σ regional gaps", () => {
  it("exactly, to the millionth of a dollar", () => {
    const micros = (dollars: number) => Math.round(dollars * 1_000_000)
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const { byAccount, byRegion, byType, complianceScore, costAttributionGap } = summaryOf(foldScan(scan))
        if (complianceScore === undefined) return
        for (const breakdown of [byRegion, byType, byAccount]) {
          const gaps = Object.values(breakdown).map((figures) => figures.costAttributionGap)
          const sum = gaps.includes(null) ? null : gaps.reduce<number>((total, gap) => total + micros(gap!), 0)
          assert.strictEqual(costAttributionGap === null ? null : micros(costAttributionGap), sum)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("unknown is not nothing: without prices there is no gap to speak of", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const folded = Aggregate.fold({ validator })
        eventsOf(scan).forEach(folded.add)
        const summary = summaryOf(folded.aggregate())
        const violating = summary.totalResources > summary.compliantResources
        if (summary.complianceScore === undefined || violating) assert.isNull(summary.costAttributionGap)
        else assert.strictEqual(summary.costAttributionGap, 0)
      }),
      { numRuns: 100 }
    )
  })
})

describe("score bounds", () => {
  it("contain the true score, when it is known how much the unseen cells hold", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const scored = new Map(scan.cells.map((hidden) => [cellKey(hidden.cell), Oracle.scoredIn(hidden)]))
        const { complianceScore, scoreBounds } = summaryOf(foldScan(scan), {
          lastKnown: (cell) => scored.get(cellKey(cell))
        })
        const truth = Oracle.trueScore(scan.cells)
        assert.isAtMost(scoreBounds!.lowest, truth + 1e-12)
        assert.isAtLeast(scoreBounds!.highest, truth - 1e-12)
        if (
          complianceScore !== undefined &&
          Oracle.foundIn(Oracle.scannedCells(scan.cells)).some((r) => Oracle.judge(r) !== "not-applicable")
        ) {
          assert.isAtMost(scoreBounds!.lowest, complianceScore)
          assert.isAtLeast(scoreBounds!.highest, complianceScore)
        }
      }),
      { numRuns: 400 }
    )
  })

  it("are absent when anything was unseen and nobody knows how much", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const unseen = scan.cells.some(({ outcome }) => outcome !== "scanned" && outcome !== "unsupported")
        assert.strictEqual(summaryOf(foldScan(scan)).scoreBounds === undefined, unseen)
      }),
      runs
    )
  })

  it("are the score itself when all was seen", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const cells = scan.cells.map((cell) => ({
          ...cell,
          outcome: "scanned" as const,
          pages: cell.pages.map((page) =>
            page.map((resource) => ({ ...resource, tags: cell.truth.get(resource.arn)! }))
          )
        }))
        const { complianceScore, scoreBounds } = summaryOf(foldScan({ ...scan, cells }))
        assert.deepStrictEqual(scoreBounds, { lowest: complianceScore!, highest: complianceScore! })
      }),
      { numRuns: 100 }
    )
  })
})

describe("breakdowns", () => {
  it("by Region, type, account and owner are what is counted by hand, hostile keys included", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const seen = Oracle.scannedCells(scan.cells)
        const found = Oracle.foundIn(seen)
        const summary = summaryOf(foldScan(scan))
        /** Groups that were seen and hold nothing are listed, too. */
        const expected = (
          keyOf: (resource: (typeof found)[number]) => string | undefined,
          empty: ReadonlyArray<string> = []
        ) => {
          const groups = new Map<string, unknown>(empty.map((key) => [key, Oracle.figuresOf([])]))
          for (const [key, resources] of groupBy(found, keyOf)) groups.set(key, Oracle.figuresOf(resources))
          return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
        }
        const places = seen.map(({ cell }) => cell.region).filter((region) => region !== "global")
        assert.deepStrictEqual(
          entries(summary.byRegion),
          expected(({ region }) => region, places)
        )
        assert.deepStrictEqual(
          entries(summary.byType),
          expected(
            ({ type }) => type,
            seen.map(({ cell }) => cell.type)
          )
        )
        assert.deepStrictEqual(
          entries(summary.byAccount),
          expected(
            ({ accountId }) => accountId,
            seen.map(({ cell }) => cell.accountId)
          )
        )
        assert.deepStrictEqual(entries(summary.byOwner), expected(Oracle.ownerOf))
        assert.isTrue(Schema.is(Summary)(summary))
      }),
      { numRuns: 300 }
    )
  })

  it("by Region, type and account add up to the whole; by rule, to all violations", () => {
    const fields = [
      "totalResources",
      "compliantResources",
      "notApplicable",
      "unknownTags",
      "resourcesFound",
      "violationCount"
    ] as const
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const aggregate = foldScan(scan)
        const summary = summaryOf(aggregate)
        for (const field of fields) {
          for (const groups of [summary.byRegion, summary.byType, summary.byAccount]) {
            assert.strictEqual(
              Object.values(groups).reduce((sum, figures) => sum + figures[field], 0),
              summary[field],
              field
            )
          }
        }
        const violations = violationsOf(aggregate)
        assert.strictEqual(violations.length, summary.violationCount)
        assert.deepStrictEqual(
          entries(summary.byRule),
          groupBy(violations, ({ rule }) => rule).map(([rule, all]) => [rule, all.length])
        )
      }),
      runs
    )
  })

  it("an owner named __proto__ keeps its figures through JSON", () => {
    const scan: HiddenScan = {
      ...fc.sample(hiddenScans, { numRuns: 1, seed: 1 })[0]!,
      cells: cellsOf([accounts[0]!], [regions[0]!])
        .slice(0, 1)
        .map((cell) => ({
          cell,
          outcome: "scanned",
          truth: new Map(),
          pages: [
            ["__proto__", "b", "a"].map((owner, n) => ({
              arn: `arn:aws:ec2:eu-west-1:111122223333:instance/i-${n}`,
              id: `i-${n}`,
              type: cell.type,
              service: "ec2",
              accountId: cell.accountId,
              region: cell.region,
              tags: { Owner: owner, Env: "a" },
              attributes: {},
              sources: ["service-api"] as const,
              observedAt: "2026-01-01T00:00:00.000Z"
            }))
          ]
        }))
    }
    const summary = summaryOf(foldScan(scan))
    assert.deepStrictEqual(Object.keys(summary.byOwner), ["__proto__", "a", "b"])
    const Json = Schema.fromJsonString(Summary)
    const again = Schema.decodeSync(Json)(Schema.encodeSync(Json)(summary))
    assert.deepStrictEqual(Object.keys(again.byOwner), ["__proto__", "a", "b"])
    assert.strictEqual(JSON.stringify(again), JSON.stringify(summary))
  })

  it("same-named functions in two Regions keep all violations", () => {
    const accountId = AccountId.make("111122223333")
    const type = ResourceType.ResourceType.make("lambda:function")
    const { add, aggregate } = Aggregate.fold({ validator: compile({ required_tags: [{ name: "Owner" }, { name: "Env" }] }, { now: 0 }) })
    for (const name of ["eu-west-1", "us-east-1"]) {
      const region = RegionId.make(name)
      const cell = { accountId, region, type }
      add({
        _tag: "ResourcesFound",
        cell,
        resources: [{
          ...cell,
          arn: `arn:aws:lambda:${region}:${accountId}:function:web`,
          id: "web",
          name: "web",
          service: "lambda",
          tags: {},
          attributes: {},
          sources: ["service-api"],
          observedAt: "2026-01-01T00:00:00.000Z"
        }]
      })
      add({ _tag: "CellEnded", result: { ...cell, outcome: "scanned", resources: 1, unknownTags: 0, calls: 1, durationMs: 1 } })
    }
    const violations = violationsOf(aggregate())
    assert.deepStrictEqual(
      violations.map(({ arn, tag }) => `${arn.split(":")[3]} ${tag}`).toSorted(),
      ["eu-west-1 Env", "eu-west-1 Owner", "us-east-1 Env", "us-east-1 Owner"]
    )
    assert.deepInclude(summaryOf(aggregate()), { totalResources: 2, compliantResources: 0, violationCount: 4 })
  })

  it("whoever has no owner is a group too; IAM takes any case for the same key", () => {
    const accountId = AccountId.make("111122223333")
    const tagsOf = [{ owner: "iam@example.com" }, { Owner: " " }, {}, null]
    const byOwner = (name: string, region: "global" | RegionId) => {
      const type = ResourceType.ResourceType.make(name)
      const cell = { accountId, region, type }
      const { add, aggregate } = Aggregate.fold()
      add({
        _tag: "ResourcesFound",
        cell,
        resources: tagsOf.map((tags, n) => ({
          arn: `arn:aws:x:::${n}`,
          id: String(n),
          type,
          service: ResourceType.serviceOf(type),
          accountId,
          region,
          tags,
          attributes: {},
          sources: ["service-api"],
          observedAt: "2026-01-01T00:00:00.000Z"
        }))
      })
      add({ _tag: "CellEnded", result: { ...cell, outcome: "scanned", resources: 4, unknownTags: 1, calls: 1, durationMs: 1 } })
      return Object.entries(summaryOf(aggregate()).byOwner).map(([owner, { resourcesFound }]) => [owner, resourcesFound])
    }
    assert.deepStrictEqual(byOwner("iam:role", "global"), [["", 3], ["iam@example.com", 1]])
    assert.deepStrictEqual(byOwner("ec2:instance", RegionId.make("eu-west-1")), [["", 4]])
  })

  it("S3 buckets, which are listed globally, are counted in the Region they live in", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const cells = scan.cells
          .filter(({ cell }) => cell.type === "s3:bucket")
          .map((cell) => ({ ...cell, outcome: "scanned" as const }))
        const { byRegion, byType } = summaryOf(foldScan({ ...scan, cells }))
        const buckets = Oracle.foundIn(cells)
        assert.notProperty(byRegion, "global")
        assert.strictEqual(byType["s3:bucket"]?.resourcesFound, buckets.length)
        for (const region of regions) {
          assert.strictEqual(
            byRegion[region]?.resourcesFound ?? 0,
            buckets.filter((bucket) => bucket.region === region).length
          )
        }
      }),
      { numRuns: 100 }
    )
  })
})

describe("coverage, violations, resources, inventory", () => {
  it("coverage is that of the cells' results; a cell that never ended was skipped", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const results = scan.cells.map(
          (hidden) =>
            resultOf(hidden) ?? {
              ...hidden.cell,
              outcome: "skipped" as const,
              resources: 0,
              unknownTags: 0,
              calls: 0,
              durationMs: 0
            }
        )
        const expected = Coverage.make({
          cells: results,
          skippedRegions: scan.scope.skippedRegions,
          discovery: scan.scope.discovery
        })
        assert.deepStrictEqual(coverageOf(foldScan(scan)), expected)
      }),
      runs
    )
  })

  it("violations are those of scanned cells, by ARN, tag and rule", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const seen = new Set(Oracle.scannedCells(scan.cells).map(({ cell }) => `${cell.accountId} ${cell.type}`))
        const violations = violationsOf(foldScan(scan))
        assert.isTrue(violations.every(({ accountId, resourceType }) => seen.has(`${accountId} ${resourceType}`)))
        const keys = violations.map(({ arn, rule, tag }) => JSON.stringify([arn, tag, rule]))
        for (const [at, key] of keys.entries())
          if (at > 0) assert.isAtMost(keys[at - 1]! < key ? -1 : keys[at - 1] === key ? 0 : 1, 0)
      }),
      { numRuns: 100 }
    )
  })

  it("resources and inventory hold all that was found, in cells that were cut short too", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const found = Oracle.foundIn(scan.cells)
        const aggregate = foldScan(scan)
        assert.sameDeepMembers([...resourcesOf(aggregate)], [...found])
        const inventory = inventoryOf(aggregate)
        const counted = (keyOf: (resource: (typeof found)[number]) => string) =>
          groupBy(found, keyOf).map(([key, all]): [string, unknown] => [key, all.length])
        const some = (groups: Readonly<Record<string, number>>) => entries(groups).filter(([, count]) => count !== 0)
        assert.strictEqual(inventory.totalResources, found.length)
        assert.deepStrictEqual(
          some(inventory.byRegion),
          counted(({ region }) => region)
        )
        assert.deepStrictEqual(
          some(inventory.byType),
          counted(({ type }) => type)
        )
        assert.deepStrictEqual(
          some(inventory.byAccount),
          counted(({ accountId }) => accountId)
        )
        assert.strictEqual(
          inventory.unknownTags,
          scan.cells
            .filter(({ outcome }) => outcome !== undefined)
            .flatMap(({ pages }) => pages.flat())
            .filter(({ tags }) => tags === null).length
        )
      }),
      { numRuns: 100 }
    )
  })

  it("without a policy, resources are counted and not scored", () => {
    fc.assert(
      fc.property(hiddenScans, (scan) => {
        const folded = Aggregate.fold()
        eventsOf(scan).forEach(folded.add)
        const summary = summaryOf(folded.aggregate())
        assert.strictEqual(summary.totalResources, 0)
        assert.strictEqual(summary.violationCount, 0)
        assert.strictEqual(summary.resourcesFound, Oracle.foundIn(Oracle.scannedCells(scan.cells)).length)
        assert.deepStrictEqual(resourcesOf(folded.aggregate()), [])
      }),
      { numRuns: 100 }
    )
  })
})
