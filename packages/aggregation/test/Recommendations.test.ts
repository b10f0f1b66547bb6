import { recommendationsOf, topViolations } from "@cadastre/aggregation"
import { AccountId, type CellResult, Coverage, RegionId, ResourceType } from "@cadastre/model"
import type { Violation } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const types = ["sqs:queue", "sns:topic"].map((type) => ResourceType.ResourceType.make(type))
const accountId = AccountId.make("111122223333")
const region = RegionId.make("eu-west-1")

/** The nth resource; even ones are queues. */
const violation = (n: number, tag: string, rule: Violation["rule"], severity: Violation["severity"]): Violation => ({
  arn: `arn:${n}`,
  resourceId: `${n}`,
  resourceType: types[n % 2]!,
  accountId,
  region,
  tag,
  rule,
  severity,
  message: "broken"
})

const violations = fc.uniqueArray(
  fc.record({
    n: fc.nat({ max: 9 }),
    tag: fc.constantFrom("Owner", "Team", "__proto__"),
    rule: fc.constantFrom("missing_required_tag" as const, "invalid_value" as const),
    // A tag is required or it is not.
    severity: fc.constant("error" as const)
  }).map(({ n, rule, severity, tag }) => violation(n, tag, rule, tag === "Team" ? "warning" : severity)),
  { selector: ({ arn, rule, tag }) => `${arn} ${tag} ${rule}`, maxLength: 40 }
)
/** Some resources have a cost that nobody knows. */
const costs = fc.array(fc.option(fc.nat({ max: 5_000_000 }), { nil: undefined }), { minLength: 10, maxLength: 10 })
const costIn = (costs: ReadonlyArray<number | undefined>) => (arn: string) => costs[Number(arn.slice(4))]

const cell = (outcome: CellResult["outcome"], n: number): CellResult =>
  ({ accountId, region, type: types[n % 2]!, outcome, resources: 0, unknownTags: outcome === "scanned" ? n : 0, calls: 1, durationMs: 1 })

const coverageOf = (cells: ReadonlyArray<CellResult>, exhaustive = true) =>
  Coverage.make({ cells, skippedRegions: [], discovery: { status: exhaustive ? "complete" : "fallback", source: "request", exhaustive } })

describe("top violations", () => {
  it("are each rule's resources, and what those cost, each once", () =>
    fc.assert(fc.property(violations, costs, (all, costs) => {
      const { byCost, byCount } = topViolations(all, { costOf: costIn(costs), most: 100 })
      const names = new Set(all.map(({ rule, tag }) => `${tag} ${rule}`))
      assert.sameMembers(byCount.map(({ rule, tag }) => `${tag} ${rule}`), [...names])
      for (const top of byCount) {
        const arns = [...new Set(all.filter(({ rule, tag }) => rule === top.rule && tag === top.tag).map(({ arn }) => arn))]
        const known = arns.map(costIn(costs)).filter((cost) => cost !== undefined)
        assert.strictEqual(top.resources, arns.length)
        assert.strictEqual(top.unpriced, arns.length - known.length)
        assert.strictEqual(top.cost, known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / 1_000_000)
      }
      for (const [at, top] of byCount.slice(1).entries()) assert.isAtMost(top.resources, byCount[at]!.resources)
      for (const [at, top] of byCost.slice(1).entries()) assert.isAtMost(top.cost!, byCost[at]!.cost!)
      assert.sameDeepMembers([...byCost], byCount.filter(({ cost }) => cost !== null))
    }), { numRuns: 100 }))

  it("are no more than asked for, and of no cost where nobody knows one", () => {
    const all = Array.from({ length: 9 }, (_, n) => violation(n, `tag ${n}`, "invalid_value", "error"))
    assert.deepStrictEqual(topViolations(all, { most: 2 }).byCount.map(({ tag }) => tag), ["tag 0", "tag 1"])
    assert.deepStrictEqual(topViolations(all).byCost, [])
  })
})

describe("recommendations", () => {
  it("say of each tag and type how many resources it is about, and how many comply when it is set", () =>
    fc.assert(fc.property(violations, costs, fc.integer({ min: 10, max: 50 }), (all, costs, totalResources) => {
      const found = recommendationsOf({ coverage: coverageOf([]), totalResources, violations: all }, { costOf: costIn(costs), most: 100 })
      for (const { fixes = 0, resources, scoreGain, severity, tag, type } of found) {
        const its = all.filter((one) => one.tag === tag && one.resourceType === type)
        assert.strictEqual(resources, new Set(its.map(({ arn }) => arn)).size)
        // Whoever sets it right takes all of its violations away; who has no error left complies.
        const left = all.filter((one) => !(one.tag === tag && one.resourceType === type) && one.severity === "error")
        const arnsOf = (list: ReadonlyArray<Violation>) => new Set(list.filter((one) => one.severity === "error").map(({ arn }) => arn))
        assert.strictEqual(fixes, arnsOf(all).size - arnsOf(left).size)
        assert.strictEqual(scoreGain, fixes / totalResources)
        assert.strictEqual(severity, tag === "Team" ? "warning" : "error")
      }
      assert.lengthOf(found, new Set(all.map(({ resourceType, tag }) => `${tag} ${resourceType}`)).size)
      const ranks = found.map(({ resources, severity }) => (severity === "error" ? 1000 : 0) + resources!)
      assert.deepStrictEqual(ranks, ranks.toSorted((a, b) => b - a))
    }), { numRuns: 100 }))

  it("of equals name first what costs most", () => {
    const all = [violation(0, "A", "invalid_value", "error"), violation(1, "B", "invalid_value", "error")]
    const [first] = recommendationsOf({ coverage: coverageOf([]), totalResources: 2, violations: all }, { costOf: costIn([1, 2_500_000]) })
    assert.deepInclude(first, { tag: "B", cost: 2.5, unpriced: 0, resources: 1 })
  })

  it("begin with what could not be seen, which is never left out", () => {
    const all = Array.from({ length: 5 }, (_, n) => violation(n, `tag ${n}`, "invalid_value", "error"))
    const coverage = coverageOf([cell("denied", 0), cell("denied", 1), cell("timed-out", 0), cell("scanned", 7), cell("unsupported", 0)], false)
    const found = recommendationsOf({ coverage, totalResources: 5, violations: all }, { most: 1 })
    assert.deepStrictEqual(found.map(({ cells, kind, outcome, resources }) => [kind, outcome, cells, resources]), [
      ["see", "denied", 2, undefined],
      ["see", "timed-out", 1, undefined],
      ["see", undefined, undefined, undefined],
      ["read-tags", undefined, undefined, 7],
      ["set-tag", undefined, undefined, 1]
    ])
    assert.deepStrictEqual(recommendationsOf({ coverage: coverageOf([cell("scanned", 0)]), totalResources: 0, violations: [] }), [])
  })
})
