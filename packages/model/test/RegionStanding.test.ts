import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { AccountId, type CellResult, type Outcome, RegionId, RegionStanding, ResourceType } from "../src/index.ts"

const cell = (
  outcome: Outcome,
  error?: string,
  message = "",
  more: Partial<CellResult> = {}
): CellResult => ({
  accountId: AccountId.make("111122223333"),
  region: RegionId.make("eu-west-1"),
  type: ResourceType.ResourceType.make("ec2:instance"),
  outcome,
  resources: 0,
  unknownTags: 0,
  calls: 1,
  durationMs: 1,
  ...(error === undefined ? {} : { reason: { error, message, operation: "ec2:DescribeInstances" } }),
  ...more
})

const scp = cell("denied", "AccessDenied", "… with an explicit deny in a service control policy")
const iam = cell("denied", "AccessDenied", "… because no identity-based policy allows the sqs:ListQueues action")
const bare = cell("denied", "AccessDenied", "Access Denied")
const off = cell("denied", "RegionDisabled", "AWS was not able to validate the provided access credentials")
const network = cell("failed", "Network", "connect ECONNREFUSED")
const hung = cell("timed-out", "TimedOut", "no answer within 30 s")
const slow = cell("timed-out", "TimedOut", "not done within 60 s", {
  reason: { error: "TimedOut", message: "not done within 60 s", operation: "scan ec2:instance" }
})
const late = { ...slow, calls: 0 }
const scanned = cell("scanned")
const absent = cell("unsupported", "Unsupported", "there is no such service", { calls: 0 })
const stopped = cell("skipped", "Interrupted", "", { calls: 0 })
const broken = cell("failed", "Unexpected", "InternalError")
const session = cell("failed", "ExpiredToken", "the session is over")

describe("RegionStanding", () => {
  const examples: ReadonlyArray<
    readonly [what: string, cells: ReadonlyArray<CellResult>, RegionStanding.RegionStanding | undefined]
  > = [
    ["nothing at all", [], undefined],
    ["one cell answered", [scp, scp, scanned], "enabled"],
    ["resources before the end", [hung, { ...hung, resources: 3 }], "enabled"],
    ["a fault of the service", [network, broken], "enabled"],
    ["a throttle", [cell("throttled", "Throttled", "Rate exceeded"), scp], "enabled"],
    ["an SCP", [scp, scp], "scp-denied"],
    ["an SCP, where a service says no more than no", [bare, scp], "scp-denied"],
    ["IAM", [iam, iam], "iam-denied"],
    ["nobody says which policy", [bare, bare], "iam-denied"],
    ["IAM, where a service says no more than no", [iam, bare], "iam-denied"],
    ["SCP for one, IAM for another", [scp, iam], undefined],
    ["the Region is off", [off, off], "not-opted-in"],
    ["nobody answers", [network, hung], "unreachable"],
    ["nobody answers, and the rest was not begun", [hung, late, stopped], "unreachable"],
    ["slow is not dead", [slow, slow], undefined],
    ["slow and hung", [slow, hung], undefined],
    ["no such service counts for nothing", [absent, scp], "scp-denied"],
    ["only services that do not exist", [absent], undefined],
    ["never begun", [stopped, late], undefined],
    ["a session that is over", [session], undefined],
    ["a defect", [cell("failed", "Defect", "TypeError")], undefined],
    ["they do not agree", [scp, network], undefined]
  ]
  it.each(examples)("%s", (_, cells, standing) => {
    assert.strictEqual(RegionStanding.ofCells(cells), standing)
    assert.strictEqual(RegionStanding.ofCells(cells.toReversed()), standing)
  })

  it("neither order nor repetition matters; one answered cell is enough", () => {
    const any = fc.constantFrom(scp, iam, bare, off, network, hung, slow, late, absent, stopped, session)
    fc.assert(fc.property(fc.array(any, { maxLength: 8 }), (cells) => {
      const standing = RegionStanding.ofCells(cells)
      assert.strictEqual(RegionStanding.ofCells([...cells, ...cells].toReversed()), standing)
      assert.strictEqual(RegionStanding.ofCells([...cells, scanned]), "enabled")
      assert.notStrictEqual(standing, "enabled")
      // Nothing is called unreachable that answered, if only to refuse.
      if (cells.some((one) => one.outcome === "denied")) assert.notStrictEqual(standing, "unreachable")
    }), { numRuns: 300 })
  })

  it("byRegion tells accounts and Regions apart, and leaves out what is unknown", () => {
    const other = AccountId.make("444455556666")
    const north = RegionId.make("eu-north-1")
    const cells = [
      { ...scp, accountId: other },
      scanned,
      { ...network, region: north },
      { ...stopped, region: RegionId.make("us-east-1") },
      { ...scanned, region: "global" as const }
    ]
    assert.deepStrictEqual(RegionStanding.byRegion(cells), [
      { accountId: scanned.accountId, region: north, standing: "unreachable" },
      { accountId: scanned.accountId, region: RegionId.make("eu-west-1"), standing: "enabled" },
      { accountId: other, region: RegionId.make("eu-west-1"), standing: "scp-denied" }
    ])
  })

  it("every standing has words of its own", () => {
    const { literals } = RegionStanding.RegionStanding
    assert.strictEqual(new Set(literals.map(RegionStanding.label)).size, literals.length)
    assert.strictEqual(RegionStanding.label("not-opted-in"), "off")
  })
})
