import { type SnapshotSummary, Trend } from "@cadastre/aggregation"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const snapshot = (takenAt: string, compliant: number, total: number, more: Partial<SnapshotSummary> = {}): SnapshotSummary => ({
  id: takenAt,
  scope: "all",
  policyHash: "p",
  takenAt,
  complete: true,
  seen: "everything",
  ...(total < 0 ? {} : { complianceScore: total === 0 ? 1 : compliant / total }),
  totalResources: Math.max(0, total),
  compliantResources: compliant,
  notApplicable: 0,
  notApplicableByReason: {},
  unknownTags: 0,
  resourcesFound: Math.max(0, total),
  violationCount: total - compliant,
  costAttributionGap: null,
  commonViolations: [{ tag: "Owner", rule: "missing_required_tag", count: total - compliant }],
  ...more
})

describe("Trend", () => {
  // From the calendar of ISO 8601: years of 53 weeks, and days that belong to a week of another year.
  it.each([
    ["2026-11-21T23:59:59.999Z", "2026-W47"],
    ["2024-12-30T00:00:00.000Z", "2025-W01"],
    ["2027-01-03T12:00:00.000Z", "2026-W53"],
    ["2027-01-04T00:00:00.000Z", "2027-W01"],
    ["2021-01-03T00:00:00.000Z", "2020-W53"],
    ["2023-01-01T00:00:00.000Z", "2022-W52"],
    ["2024-02-29T00:00:00.000Z", "2024-W09"]
  ])("%s is in week %s", (instant, week) => {
    assert.strictEqual(Trend.periodOf(instant, "week"), week)
  })

  it("weighs scores by resources, and takes counts from a period's last snapshot", () => {
    const { points } = Trend.make([
      snapshot("2026-11-20T23:00:00.000Z", 1, 1),
      snapshot("2026-11-20T01:00:00.000Z", 0, 99),
      snapshot("2026-11-21T01:00:00.000Z", 0, 0)
    ], { groupBy: "day" })
    assert.deepStrictEqual(
      points.map(({ complianceScore, period, totalResources }) => [period, complianceScore, totalResources]),
      [["2026-11-20", 0.01, 1], ["2026-11-21", 1, 0]]
    )
  })

  it("says which way it goes, with a tolerance", () => {
    const going = (first: number, last: number) => {
      const { changePercent, changePoints, direction } = Trend.make(
        [snapshot("2026-01-01T00:00:00.000Z", first, 10_000), snapshot("2026-02-01T00:00:00.000Z", last, 10_000)],
        { groupBy: "month" }
      )
      return [direction, Math.round(changePoints! * 100) / 100, changePercent === null ? null : Math.round(changePercent! * 100) / 100]
    }
    assert.deepStrictEqual(going(5000, 6000), ["improving", 10, 20])
    assert.deepStrictEqual(going(5000, 4000), ["declining", -10, -20])
    assert.deepStrictEqual(going(5000, 5009), ["stable", 0.09, 0.18])
    assert.deepStrictEqual(going(0, 5000), ["improving", 50, null])
    assert.strictEqual(Trend.make([snapshot("2026-01-01T00:00:00.000Z", 1, 2)], { groupBy: "day" }).direction, "unknown")
  })

  it("has no score where nothing was seen, and never mixes what saw different cells", () => {
    const blind = { complete: false, seen: "nothing" }
    const part = { complete: false, seen: "a part" }
    const all = [
      snapshot("2026-01-01T00:00:00.000Z", 1, 2, part),
      snapshot("2026-01-02T00:00:00.000Z", 0, -1, blind),
      snapshot("2026-01-03T00:00:00.000Z", 2, 2, part)
    ]
    const incomplete = Trend.make(all, { groupBy: "day" })
    assert.deepStrictEqual(incomplete.points.map(({ complianceScore }) => complianceScore), [0.5, 1])
    assert.strictEqual(incomplete.leftOut, 1)
    assert.match(incomplete.note ?? "", /No snapshot saw everything/u)
    const unseen = Trend.make(all.slice(0, 2), { groupBy: "day" })
    assert.isFalse("complianceScore" in unseen.points[0]!)
    const complete = Trend.make([...all, snapshot("2026-01-02T12:00:00.000Z", 3, 4)], { groupBy: "day" })
    assert.deepStrictEqual(complete.points.map(({ period }) => period), ["2026-01-02"])
    assert.strictEqual(complete.leftOut, 3)
    const empty = Trend.make([], { groupBy: "week" })
    assert.deepStrictEqual([empty.points, empty.commonViolations, empty.note], [
      [],
      [],
      "There is no snapshot of this scope and policy in this time"
    ])
  })

  it("is the same in whatever order snapshots come, and its scores lie within those of the period", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(60 * 24), fc.nat(50), fc.nat(50)), { maxLength: 30 }),
        fc.constantFrom<Trend.Grouping>("day", "week", "month"),
        (made, groupBy) => {
          const snapshots = made.map(([hour, compliant, others], n) =>
            snapshot(new Date(Date.UTC(2026, 0, 1, hour)).toISOString(), compliant, compliant + others, { id: `${n}` }))
          const trend = Trend.make(snapshots, { groupBy })
          assert.deepStrictEqual(Trend.make(snapshots.toReversed(), { groupBy }), trend)
          for (const { complianceScore, period, snapshots: count } of trend.points) {
            const scores = snapshots.flatMap((one) => Trend.periodOf(one.takenAt, groupBy) === period ? [one.complianceScore!] : [])
            assert.lengthOf(scores, count)
            assert.isAtLeast(complianceScore!, Math.min(...scores) - 1e-9)
            assert.isAtMost(complianceScore!, Math.max(...scores) + 1e-9)
          }
          assert.strictEqual(trend.points.reduce((sum, { snapshots }) => sum + snapshots, 0), made.length)
        }
      ),
      { numRuns: 200 }
    ))
})
