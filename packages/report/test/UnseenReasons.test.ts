import { AccountId, type CellResult, Coverage, Outcome, ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { UnseenReasons } from "../src/index.ts"

const discovery: Coverage.Coverage["discovery"] = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true }

const accountId = AccountId.make("111122223333")

const coverageOf = (cells: ReadonlyArray<CellResult>) => Coverage.make({ cells, skippedRegions: [], discovery })

const cell = (region: string, type: string, more: Partial<CellResult> = {}): CellResult => ({
  accountId,
  region: region as CellResult["region"],
  type: ResourceType.ResourceType.make(type),
  outcome: "scanned",
  resources: 1,
  unknownTags: 0,
  calls: 1,
  durationMs: 1,
  ...more
})

const types = ["ec2:instance", "ec2:volume", "sns:topic", "sqs:queue", "rds:db", "lambda:function"]

/** As IAM says it, of the operation of a type. */
const denied = (type: string): Partial<CellResult> => {
  const operation = `${type.split(":")[0]}:List${type.length}`
  const user = "arn:aws:sts::111122223333:assumed-role/audit/a1"
  return {
    outcome: "denied",
    resources: 0,
    reason: {
      error: "AccessDenied",
      operation,
      message: `User: ${user} is not authorized to perform: ${operation} because no identity-based policy allows the ${operation} action`
    }
  }
}

describe("UnseenReasons", () => {
  it("a Region that refuses everything is one reason, and says that it is all", () => {
    const groups = UnseenReasons.of(coverageOf([
      ...types.map((type) => cell("us-west-2", type, denied(type))),
      ...types.map((type) => cell("eu-west-1", type))
    ]))
    assert.deepStrictEqual(groups.map(({ cells, isEverything, regions, standing, types }) => ({ cells, isEverything, regions, standing, types })), [{
      cells: 6,
      isEverything: true,
      regions: ["us-west-2"],
      standing: "denied by IAM",
      types: types.toSorted()
    }])
    assert.lengthOf(groups[0]!.operations, 6)
  })

  it("what is denied here and there for the same reason is one, whatever the operation", () => {
    const groups = UnseenReasons.of(coverageOf([
      ...types.slice(0, 4).map((type) => cell("us-west-2", type, denied(type))),
      ...types.slice(4).map((type) => cell("us-west-2", type)),
      cell("eu-west-1", "sns:topic"),
      cell("eu-west-1", "sqs:queue", { ...denied("sqs:queue"), outcome: "failed", reason: { error: "Unexpected", message: "It broke" } })
    ]))
    assert.deepStrictEqual(groups.map(({ cells, error, standing }) => [cells, error, standing]), [
      [4, "AccessDenied", undefined],
      [1, "Unexpected", undefined]
    ])
  })

  it("hides no cell and tells of none twice", () => {
    const anyCell = fc.record({
      region: fc.constantFrom("us-east-1", "us-west-2", "eu-west-1", "global"),
      type: fc.constantFrom(...types),
      outcome: fc.constantFrom(...Outcome.literals),
      unknownTags: fc.constantFrom(0, 0, 3),
      calls: fc.constantFrom(0, 1),
      reason: fc.option(fc.record({
        error: fc.constantFrom("AccessDenied", "RegionDisabled", "Network", "Throttled", "Unexpected"),
        message: fc.constantFrom("no", "explicit deny in a service control policy", "arn:aws:iam::1:role/x may not"),
        operation: fc.constantFrom("sns:ListTopics", "sqs:ListQueues")
      }), { nil: undefined })
    })
    fc.assert(fc.property(fc.uniqueArray(anyCell, { selector: ({ region, type }) => `${region}/${type}`, maxLength: 24 }), (some) => {
      const cells = some.map(({ reason, region, type, ...rest }) =>
        cell(region, type, { ...rest, ...(reason === undefined ? {} : { reason }) }))
      const unseen = cells.filter(({ outcome, unknownTags }) => !["scanned", "unsupported"].includes(outcome) || unknownTags > 0)
      const groups = UnseenReasons.of(coverageOf(cells))
      assert.strictEqual(groups.reduce((sum, group) => sum + group.cells, 0), unseen.length)
      for (const { outcome, reason, region, type } of unseen) {
        const words = outcome === "scanned" || outcome === "unsupported" ? "tags unknown" : outcome.replace("-", " ")
        assert.isTrue(groups.some((group) =>
          group.outcome === words && group.error === (reason?.error ?? "") && group.regions.includes(region) && group.types.includes(type)
        ) || groups.some((group) => group.standing !== undefined && group.outcome === words && group.regions.includes(region) && group.types.includes(type)))
      }
    }), { numRuns: 200 })
  })
})
