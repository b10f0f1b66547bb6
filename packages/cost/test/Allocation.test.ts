import { AccountId, type ResourceType } from "@cadastre/model"
import { catalog } from "@cadastre/scanners"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Allocation, AttributionGap, BillingServices, GapReport, Money, type Spend, type SpendLine } from "../src/index.ts"

const account = "111122223333"
const [compute, other] = ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other"]

const usd = (amount: number | string): Money.Money => Money.parse(`${amount}`)!

const resource = (
  type: string,
  id: string,
  more: Partial<AttributionGap.JudgedResource> = {}
): AttributionGap.JudgedResource => ({
  arn: `arn:aws:${type.replace(":", `:us-east-1:${account}:`)}/${id}`,
  id,
  type: type as ResourceType.ResourceType,
  accountId: AccountId.make(account),
  region: "us-east-1" as AttributionGap.JudgedResource["region"],
  attributes: {},
  standing: "no-tag",
  ...more
})

const line = (service: string, amount: number | string, more: Partial<SpendLine> = {}): SpendLine => ({
  accountId: account,
  region: "us-east-1",
  service,
  kind: "usage",
  amount: usd(amount),
  currency: "USD",
  ...more
})

const spendOf = (lines: ReadonlyArray<SpendLine>, more: Partial<Spend> = {}): Spend => ({
  source: "cost-explorer-services",
  period: { start: "2026-10-01", end: "2026-10-31" },
  shares: true,
  lines,
  tagKeys: [],
  keyStandings: new Map(),
  unknownAccounts: [],
  notUsed: [],
  notes: [],
  paid: { calls: 1, usd: 0.01 },
  ...more
})

const everywhere = () => true

const reportOf = (spend: Spend, resources: ReadonlyArray<AttributionGap.JudgedResource>, more = {}) =>
  GapReport.make(spend, { resources, isSeen: everywhere, ...more })

const borne = (spend: Spend, resources: ReadonlyArray<AttributionGap.JudgedResource>, isSeen = everywhere) =>
  new Map(
    [...Allocation.allocate(spend, resources, isSeen)].flatMap(({ amount, basis, bearer }) =>
      bearer === undefined ? [] : [[bearer.id, [Money.toNumber(amount), basis]] as const]
    )
  )

describe("allocation", () => {
  it("five instances named `web` and $100 of EC2 give at most $100", () => {
    const webs = Array.from({ length: 5 }, (_, at) =>
      resource("ec2:instance", `i-${at}`, { tags: { Name: "web" }, state: "running" }))
    const report = reportOf(spendOf([line(compute, 100)]), webs)
    assert.strictEqual(report.total, 100)
    assert.strictEqual(report.gapByKind.noTag, 100)
    assert.strictEqual(report.resources.noTag, 5)
    assert.deepStrictEqual([...borne(spendOf([line(compute, 100)]), webs).values()], Array.from({ length: 5 }, () => [20, "estimated"]))
    // A bill that names them by the name that they share is of none of them.
    const named = spendOf([line(compute, 100, { resourceId: "web" })], { shares: false })
    assert.strictEqual(reportOf(named, webs).unseen, 100)
  })

  it("a resource that two cells have seen is one: found by its id, and with one share", () => {
    const twice = [resource("sqs:queue", "a"), resource("sqs:queue", "a"), resource("sqs:queue", "b")]
    const queues = "Amazon Simple Queue Service"
    const shares = [...Allocation.allocate(spendOf([line(queues, 100)]), twice, everywhere)]
    assert.deepStrictEqual(shares.map(({ amount, bearer }) => [bearer?.id, Money.toNumber(amount)]), [["a", 50], ["b", 50]])
    const named = spendOf([line(queues, 100, { resourceId: "a" })], { shares: false })
    assert.deepStrictEqual(borne(named, twice), new Map([["a", [100, "actual"]]]))
  })

  it("what cannot be divided is given to somebody, once", () => {
    const three = ["a", "b", "c"].map((id) => resource("sqs:queue", id))
    const shares = [...Allocation.allocate(spendOf([line("Amazon Simple Queue Service", 100)]), three, everywhere)]
    assert.strictEqual(shares.reduce((sum, { amount }) => sum + amount, 0n), usd(100))
    const reversed = [...Allocation.allocate(spendOf([line("Amazon Simple Queue Service", 100)]), three.toReversed(), everywhere)]
    assert.deepStrictEqual(reversed.map(({ amount, bearer }) => [bearer?.id, amount]), shares.map(({ amount, bearer }) => [bearer?.id, amount]))
  })

  it("stopped instances bear no compute cost", () => {
    const [runs, rests] = [
      resource("ec2:instance", "i-runs", { state: "running" }),
      resource("ec2:instance", "i-rests", { state: "stopped" })
    ]
    assert.deepStrictEqual([...borne(spendOf([line(compute, 10)]), [runs, rests])], [["i-runs", [10, "allocated"]]])
    assert.deepStrictEqual(reportOf(spendOf([line(compute, 10)]), [rests]).unseenByReason, { "not-found": 10 })
    // Its disk is paid for.
    const disk = resource("ec2:volume", "vol-1")
    assert.strictEqual(borne(spendOf([line(other, 3)]), [rests, disk]).get("vol-1")?.[0], 3)
  })

  it("sizes weigh: eight times the instance bears eight times the cost", () => {
    const sized = [
      resource("ec2:instance", "i-small", { attributes: { instanceType: "m7i.xlarge" } }),
      resource("ec2:instance", "i-large", { attributes: { instanceType: "m7i.8xlarge" } })
    ]
    const amounts = borne(spendOf([line(compute, 90)]), sized)
    assert.deepStrictEqual([amounts.get("i-small")?.[0], amounts.get("i-large")?.[0]], [10, 80])
  })

  it("resources that the bill names take theirs first, and no share of the rest", () => {
    const two = [resource("ec2:instance", "i-1"), resource("ec2:instance", "i-2")]
    const amounts = borne(spendOf([line(compute, 70, { resourceId: "i-1" }), line(compute, 30)]), two)
    assert.deepStrictEqual([...amounts], [["i-1", [70, "actual"]], ["i-2", [30, "allocated"]]])
  })

  it("a Region's spend is borne by nobody in another, an account's by nobody in another", () => {
    const there = resource("ec2:instance", "i-1", { region: "eu-west-1" as never })
    const theirs = resource("ec2:instance", "i-1", { accountId: AccountId.make("444455556666"), arn: "arn:aws:ec2:us-east-1:444455556666:instance/i-1" })
    assert.strictEqual(borne(spendOf([line(compute, 5)]), [there, theirs]).size, 0)
    assert.strictEqual(borne(spendOf([line(compute, 5, { resourceId: "i-1" })]), [there, theirs]).size, 0)
  })

  it("cells that were not scanned: their spend is neither compliant nor a gap", () => {
    const isSeen = (_: string, __: string, type: string) => type !== "ec2:snapshot"
    const disk = resource("ec2:volume", "vol-1")
    const report = GapReport.make(spendOf([line(other, 10)]), { resources: [disk], isSeen })
    assert.deepStrictEqual([report.gap, report.unseen, report.unseenByReason], [0, 10, { "not-scanned": 10 }])
    // Unless the bill names the one that it is of.
    const exact = GapReport.make(spendOf([line(other, 10, { resourceId: "vol-1" })]), { resources: [disk], isSeen })
    assert.strictEqual(exact.gap, 10)
  })

  it("databases are their engine's", () => {
    const two = [
      resource("rds:db", "docs", { attributes: { engine: "docdb" } }),
      resource("rds:db", "sql", { attributes: { engine: "postgres" } })
    ]
    const lines = [line("Amazon DocumentDB (with MongoDB compatibility)", 7), line("Amazon Relational Database Service", 9)]
    assert.deepStrictEqual([...borne(spendOf(lines), two)], [["docs", [7, "allocated"]], ["sql", [9, "allocated"]]])
  })

  it("every type is billed under a service, or known to cost nothing itself", () => {
    assert.isAtLeast(catalog.length, 88)
    for (const { type } of catalog) {
      assert.notStrictEqual(BillingServices.billedAs(type) !== undefined, BillingServices.unbilledTypes.has(type), type)
    }
    const types = new Set<string>(catalog.map(({ type }) => type))
    for (const { name, types: billed } of BillingServices.billingServices) {
      for (const { type } of billed) assert.isTrue(types.has(type), `${name}: ${type}`)
    }
  })

  const amounts = fc.integer({ min: -10_000_000, max: 1_000_000_000 }).map((micros) => BigInt(micros) * 1_000_000n + 7n)
  const services = fc.constantFrom(compute, other, "Amazon Simple Queue Service", "Tax", "AWS Support (Business)", "Unheard Of")
  const lines = fc.array(fc.record({
    accountId: fc.constantFrom(account, "444455556666"),
    region: fc.constantFrom("us-east-1", "eu-west-1", "global"),
    service: services,
    resourceId: fc.option(fc.constantFrom("i-0", "vol-0", "q-0", "nobody"), { nil: undefined }),
    kind: fc.constantFrom("usage", "tax", "credit", "refund", "data-transfer", "commitment-fee"),
    amount: amounts
  }), { maxLength: 30 }).map((all) => all.map(({ kind, resourceId, ...rest }): SpendLine => ({
    ...rest,
    kind: kind as SpendLine["kind"],
    currency: "USD",
    ...(resourceId === undefined ? {} : { resourceId })
  })))
  const resources = fc.uniqueArray(fc.record({
    at: fc.integer({ min: 0, max: 5 }),
    type: fc.constantFrom("ec2:instance", "ec2:volume", "sqs:queue"),
    region: fc.constantFrom("us-east-1", "eu-west-1"),
    state: fc.constantFrom("running", "stopped"),
    standing: fc.constantFrom("compliant", "no-tag", "wrong-value", "not-applicable", "untaggable", "unknown")
  }), { selector: ({ at, region, type }) => `${at}${region}${type}` }).map((all) =>
    all.map(({ at, region, standing, state, type }) => {
      const id = `${{ "ec2:instance": "i", "ec2:volume": "vol", "sqs:queue": "q" }[type]}-${at}`
      return resource(type, id, {
        arn: `arn:aws:${type.split(":")[0]}:${region}:${account}:${id}`,
        region: region as never,
        state,
        standing
      })
    }))

  it("Property 20: whatever the bill and the estate, every amount is put down once", () => {
    fc.assert(
      fc.property(lines, resources, fc.boolean(), fc.boolean(), (lines, resources, shares, seen) => {
        const portions = [...Allocation.allocate({ lines, shares }, resources, () => seen)]
        const put = new Map<SpendLine, bigint>()
        for (const { amount, line } of portions) put.set(line, (put.get(line) ?? 0n) + amount)
        const charged = lines.filter(({ amount, kind }) => amount >= 0n && kind !== "credit" && kind !== "refund")
        for (const line of charged) assert.strictEqual(put.get(line) ?? 0n, line.amount)
        assert.isTrue(portions.every(({ amount }) => amount >= 0n))
        assert.isTrue([...put.keys()].every((line) => charged.includes(line)))
      }),
      { numRuns: 300 }
    )
  })

  const parts = ["attributable", "gap", "untaggable", "notApplicable", "unseen"] as const

  it("Property 8: the aggregate gap is the sum of the regional gaps", () => {
    fc.assert(
      fc.property(lines, resources, fc.boolean(), (lines, resources, shares) => {
        const spend = spendOf(lines, { shares })
        const request = { resources, isSeen: everywhere, groupBy: "region" as const }
        const regional = ["us-east-1", "eu-west-1", "global"].map((region) =>
          AttributionGap.measure({ ...spend, lines: lines.filter((line) => line.region === region) }, { ...request, currency: "USD" }))
        const orders = [regional, regional.toReversed(), [regional[1]!, regional[0]!, regional[2]!]]
        const whole = GapReport.make(spend, { ...request, currency: "USD" })
        for (const order of orders) {
          const merged = GapReport.of(order.reduce(AttributionGap.combine, AttributionGap.empty), spend, { ...request, currency: "USD" })
          for (const part of [...parts, "total" as const]) {
            assert.strictEqual(merged[part], whole[part], part)
            const sum = merged.breakdown.reduce((all, group) => all + group[part], 0)
            assert.closeTo(sum, whole[part], 1e-6)
          }
        }
        assert.closeTo(parts.reduce((sum, part) => sum + whole[part], 0), whole.total, 1e-6)
      }),
      { numRuns: 200 }
    )
  })
})

describe("the gap", () => {
  it("untaggable spend is not \"non-compliant\"", () => {
    const lines = [
      line("Tax", 19),
      line("AWS Support (Business)", 100, { region: "global" }),
      line("Savings Plans for AWS Compute usage", 50, { region: "global" }),
      line("AWS Data Transfer", 7),
      line("Exemplary Scanner (AWS Marketplace)", 3),
      line(compute, 21)
    ]
    const report = reportOf(spendOf(lines), [resource("ec2:instance", "i-1")])
    assert.deepStrictEqual(
      [report.total, report.gap, report.gapPercent, report.untaggable],
      [200, 21, 10.5, 179]
    )
    assert.deepStrictEqual(report.untaggableByKind, {
      tax: 19,
      support: 100,
      "commitment-fee": 50,
      "data-transfer": 7,
      marketplace: 3
    })
  })

  it("the four kinds are kept apart", () => {
    const keys = [["Owner"]]
    const estate = [
      resource("sqs:queue", "none", { standing: "no-tag" }),
      resource("sns:topic", "wrong", { standing: "wrong-value" }),
      resource("lambda:function", "hidden", { standing: "compliant", requiredKeys: [["Stage"]] }),
      resource("dynamodb:table", "late", { standing: "compliant", requiredKeys: keys }),
      resource("kms:key", "fine", { standing: "compliant", requiredKeys: [] })
    ]
    const lines = [
      line("Amazon Simple Queue Service", 1),
      line("Amazon Simple Notification Service", 2),
      line("AWS Lambda", 4),
      line("Amazon DynamoDB", 30),
      line("AWS Key Management Service", 16),
      line("Tax", 8)
    ]
    const spend = spendOf(lines, {
      tagKeys: ["Owner", "Stage"],
      // Ten of the thirty days have passed before the key was shown.
      keyStandings: new Map([["Owner", { status: "active", since: "2026-10-11" }], ["Stage", { status: "inactive" }]])
    })
    const report = reportOf(spend, estate)
    assert.deepStrictEqual(report.gapByKind, { noTag: 1, wrongValue: 2, notActivated: 4, notBackfilled: 10 })
    assert.deepStrictEqual([report.gap, report.attributable, report.untaggable, report.total], [17, 36, 8, 61])
    assert.strictEqual(report.spendWeightedScore, 50 / 53)
    assert.isTrue(report.notes.some((note) => note.includes("Stage")))
  })

  it("unknown tags, and what the policy asks nothing of, are no gap", () => {
    const two = [resource("sqs:queue", "a", { standing: "unknown" }), resource("sns:topic", "b", { standing: "not-applicable" })]
    const report = reportOf(spendOf([line("Amazon Simple Queue Service", 5), line("Amazon Simple Notification Service", 6)]), two)
    assert.deepStrictEqual([report.gap, report.unseen, report.notApplicable, report.attributable], [0, 5, 6, 0])
    assert.deepStrictEqual(report.unseenByReason, { "unknown-tags": 5 })
    assert.isNull(report.spendWeightedScore)
  })

  it("sums of different currencies are never added", () => {
    const lines = [line(compute, 10), line(compute, 5), line(compute, 1000, { currency: "CNY" })]
    const report = reportOf(spendOf(lines), [resource("ec2:instance", "i-1")])
    assert.deepStrictEqual([report.currency, report.total], ["USD", 15])
    assert.isTrue(report.notes.some((note) => note.includes("CNY")))
    assert.strictEqual(reportOf(spendOf(lines), [resource("ec2:instance", "i-1")], { currency: "CNY" }).total, 1000)
  })

  it("groups by each dimension, with the same total", () => {
    const estate = [
      resource("sqs:queue", "a", { tags: { Team: "red" }, standing: "compliant" }),
      resource("sns:topic", "b", { tags: {} })
    ]
    const spend = spendOf([line("Amazon Simple Queue Service", 5), line("Amazon Simple Notification Service", 6), line("Tax", 1)])
    const groups = (groupBy: AttributionGap.GroupBy) =>
      reportOf(spend, estate, { groupBy, tagKey: "Team" }).breakdown.map(({ gap, group, total }) => [group, total, gap])
    assert.deepStrictEqual(groups("resource_type"), [["sns:topic", 6, 6], ["sqs:queue", 5, 0], ["(untaggable)", 1, 0]])
    assert.deepStrictEqual(groups("account"), [[account, 12, 6]])
    assert.deepStrictEqual(groups("region"), [["us-east-1", 12, 6]])
    assert.deepStrictEqual(groups("tag"), [["(no Team)", 6, 6], ["Team=red", 5, 0], ["(untaggable)", 1, 0]])
    assert.deepStrictEqual(groups("service"), [
      ["Amazon Simple Notification Service", 6, 6],
      ["Amazon Simple Queue Service", 5, 0],
      ["Tax", 1, 0]
    ])
    const only = reportOf(spend, estate, { types: ["sqs:queue"] })
    assert.deepStrictEqual([only.total, only.untaggable], [5, 0])
  })
})
