import { AccountId, type ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import {
  type AttributionGap,
  CostError,
  CostSource,
  GapReport,
  Money,
  NotAvailable,
  ResourceCosts,
  type Source,
  type Spend,
  type SpendLine,
  type SpendRequest
} from "../src/index.ts"

const account = "111122223333"
const [compute, queues] = ["Amazon Elastic Compute Cloud - Compute", "Amazon Simple Queue Service"]
const usd = (amount: number): Money.Money => BigInt(Math.round(amount * 100)) * Money.unit / 100n
type Judged = AttributionGap.JudgedResource

const resource = (type: string, id: string, more: Partial<Judged> = {}): Judged => ({
  arn: `arn:aws:${type.replace(":", `:us-east-1:${account}:`)}/${id}`,
  id,
  type: type as ResourceType.ResourceType,
  accountId: AccountId.make(account),
  region: "us-east-1" as Judged["region"],
  attributes: {},
  standing: "no-tag",
  ...more
})

const line = (service: string, amount: number, more: Partial<SpendLine> = {}): SpendLine => ({
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

const costsOf = (spend: Spend, resources: ReadonlyArray<Judged>, isSeen: (type: string) => boolean = () => true) => {
  const { costs } = ResourceCosts.make(spend, resources, (_, __, type) => isSeen(type))
  return resources.map(({ arn }) => {
    const cost = costs.get(arn)
    return cost?._tag === "Known" ? [Money.toNumber(cost.amount), cost.basis] : cost?.reason
  })
}

describe("what a resource costs", () => {
  it("is known where the bill names it, alone bears it, or shares it; what is not seen whole is unknown, never 0", () => {
    const [a, b] = [resource("ec2:instance", "i-a", { state: "running" }), resource("ec2:instance", "i-b", { state: "running" })]
    const stopped = resource("ec2:instance", "i-c", { state: "stopped" })
    const [queue, role] = [resource("sqs:queue", "q"), resource("iam:role", "r", { region: "global" })]
    const all = [a, b, stopped, queue, role]
    assert.deepStrictEqual(costsOf(spendOf([line(compute, 10), line(queues, 3)]), all), [
      [5, "estimated"], [5, "estimated"], [0, "estimated"], [3, "allocated"], [0, "allocated"]
    ])
    // Its service spent nothing there.
    assert.deepStrictEqual(costsOf(spendOf([]), [queue]), [[0, "allocated"]])
    assert.deepStrictEqual(costsOf(spendOf([line(compute, 10)]), [a, stopped, queue], (type) => type !== "ec2:instance"), [
      "not-scanned", [0, "estimated"], [0, "allocated"]
    ])
    const named = [line(compute, 4, { resourceId: "i-a" }), line(compute, 2, { resourceId: "i-gone" })]
    assert.deepStrictEqual(costsOf(spendOf(named, { shares: false }), [a, b]), [[4, "actual"], [0, "actual"]])
    assert.deepStrictEqual(costsOf(spendOf([...named, line(compute, 1)]), [a, b]), [[4, "actual"], [1, "allocated"]])
    assert.deepStrictEqual(costsOf(spendOf([line(queues, 3)]), [resource("robomaker:robot", "x")]), ["unknown-type"])
    const refused = spendOf([line(queues, 3)], {
      unknownAccounts: [{ source: "cost-explorer-services", accountId: account, reason: "denied" }]
    })
    assert.deepStrictEqual(costsOf(refused, [queue]), ["unknown-account"])
  })

  it("is added up only within a currency, and once for a resource that two services list", () => {
    const queue = resource("sqs:queue", "q")
    const spend = spendOf([line(queues, 3), line(queues, 4), line(queues, 50, { currency: "CNY" })])
    assert.deepStrictEqual(costsOf(spend, [queue, queue]), [[7, "allocated"], [7, "allocated"]])
    assert.strictEqual(ResourceCosts.make(spend, [queue, queue], () => true).costs.size, 1)
  })

  it("is told for a month of 365 ÷ 12 days", () => {
    assert.closeTo(ResourceCosts.monthly(7, { start: "2026-10-01", end: "2026-10-08" }), 365 / 12, 1e-9)
  })
})

const standings = ["compliant", "no-tag", "wrong-value", "not-applicable", "untaggable", "unknown"] as const

describe("the score by spend", () => {
  const reportOf = (spend: Spend, resources: ReadonlyArray<Judged>) =>
    GapReport.make(spend, { resources, isSeen: () => true })

  it("is exact where the bill names everything, and is open where money is shared out or of nobody known", () => {
    const [good, bad] = [
      resource("ec2:instance", "i-a", { state: "running", standing: "compliant" }),
      resource("ec2:instance", "i-b", { state: "running" })
    ]
    const named = spendOf([line(compute, 75, { resourceId: "i-a" }), line(compute, 25, { resourceId: "i-b" })], { shares: false })
    assert.deepStrictEqual(reportOf(named, [good, bad]).spendWeightedScoreBounds, { lowest: 0.75, highest: 0.75 })
    // The one line may be of either.
    const shared = reportOf(spendOf([line(compute, 100)]), [good, bad])
    assert.strictEqual(shared.spendWeightedScore, 0.5)
    assert.deepStrictEqual(shared.spendWeightedScoreBounds, { lowest: 0, highest: 1 })
    // Of ones that all follow the policy it is no question whose it is.
    const other = resource("ec2:instance", "i-c", { state: "running", standing: "compliant" })
    assert.deepStrictEqual(reportOf(spendOf([line(compute, 100)]), [good, other]).spendWeightedScoreBounds, { lowest: 1, highest: 1 })
    const gone = spendOf([line(compute, 60, { resourceId: "i-a" }), line(compute, 40, { resourceId: "i-gone" })], { shares: false })
    assert.deepStrictEqual(reportOf(gone, [good]).spendWeightedScoreBounds, { lowest: 0.6, highest: 1 })
    assert.isNull(reportOf(spendOf([line("Tax", 10)]), [good]).spendWeightedScoreBounds)
    const refused = spendOf([line(compute, 1)], { unknownAccounts: [{ source: "focus", accountId: "444455556666", reason: "none" }] })
    assert.isNull(reportOf(refused, [good]).spendWeightedScoreBounds)
  })

  it("Property 20: what resources cost comes to no more than was spent, and the bounds hold any way to put it down", () => {
    const anyResources = fc.array(fc.tuple(fc.constantFrom(...standings), fc.constantFrom("running", "stopped")), { minLength: 1, maxLength: 6 })
    const anyLines = fc.array(
      fc.tuple(fc.constantFrom(compute, queues, "Tax"), fc.integer({ min: 1, max: 10_000 }), fc.option(fc.integer({ min: 0, max: 7 }))),
      { minLength: 1, maxLength: 6 }
    )
    fc.assert(fc.property(anyResources, anyLines, fc.infiniteStream(fc.nat(1000)), (given, bill, dice) => {
      const resources = given.map(([standing, state], at) => resource("ec2:instance", `i-${at}`, { standing, state }))
      const lines = bill.map(([service, cents, id]) =>
        line(service, cents / 100, id === null ? {} : { resourceId: `i-${id}` }))
      const spend = spendOf(lines)
      const { costs } = ResourceCosts.make(spend, resources, () => true)
      const known = [...costs.values()].reduce((sum, cost) => cost._tag === "Known" ? sum + cost.amount : sum, 0n)
      assert.isTrue(known <= lines.reduce((sum, { amount }) => sum + amount, 0n))
      const { spendWeightedScore: score, spendWeightedScoreBounds: bounds } = reportOf(spend, resources)
      const inBounds = (value: number) =>
        assert.isTrue(bounds !== null && value >= bounds.lowest - 1e-9 && value <= bounds.highest + 1e-9, `${value}`)
      if (score !== null) inBounds(score)
      // Another way that it may be: each line is of any one that could bear it, and what is unknown is of either kind.
      const roll = () => dice.next().value as number
      let [follows, violates] = [0, 0]
      // Tax has no bearer, and no instance is a queue, whatever a line names.
      const namedOnes = new Set(lines.filter(({ service }) => service === compute).map(({ resourceId }) => resourceId))
      const bearers = given.map(([, state], at) => ({ at, state })).filter(({ at, state }) => state === "running" && !namedOnes.has(`i-${at}`))
      for (const [service, cents, id] of bill) {
        if (service === "Tax") continue
        const at = service === queues ? undefined : id ?? (bearers.length === 0 ? undefined : bearers[roll() % bearers.length]!.at)
        const said = at === undefined ? "unknown" : given[at]?.[0] ?? "unknown"
        const standing = said === "unknown" ? standings[roll() % 4]! : said
        if (standing === "compliant") follows += cents
        else if (standing === "no-tag" || standing === "wrong-value") violates += cents
      }
      if (follows + violates > 0) inBounds(follows / (follows + violates))
    }), { numRuns: 500 })
  })
})

describe("the best of several sources", () => {
  const others = ["111122223333", "444455556666", "777788889999"]
  const accounts = others.map((id) => ({
    id: AccountId.make(id),
    partition: "aws" as const,
    arn: "",
    credentials: () => Promise.reject(new Error("not asked"))
  }))
  /** Knows some accounts, and notes what it was asked. */
  const knowing = (name: Source["name"], known: ReadonlyArray<string>, askedFor: Array<ReadonlyArray<string>>, shares = true): Source => ({
    name,
    spend: (request: SpendRequest) => {
      askedFor.push(request.accounts.map(({ id }) => id))
      const lines = request.accounts.filter(({ id }) => known.includes(id)).map(({ id }) => line(queues, 1, { accountId: id }))
      const unknownAccounts = request.accounts.filter(({ id }) => !known.includes(id))
        .map(({ id }) => ({ source: name, accountId: id, reason: `${name} is denied` }))
      return lines.length === 0
        ? Effect.fail(new CostError({ source: name, reason: new NotAvailable({ message: `${name} knows none` }) }))
        : Effect.succeed(spendOf(lines, { source: name, unknownAccounts, shares }))
    }
  })
  const request: SpendRequest = { accounts, period: { start: "2026-10-01", end: "2026-10-31" } }

  it.effect("asks the next one for the accounts alone that the first does not know; who nobody knows stays unknown", () =>
    Effect.gen(function*() {
      const [first, second]: [Array<ReadonlyArray<string>>, Array<ReadonlyArray<string>>] = [[], []]
      const source = CostSource.bestOf([
        knowing("cost-explorer-resources", [others[0]!], first),
        knowing("cost-explorer-services", others.slice(0, 2), second)
      ])
      const spend = yield* source.spend(request)
      assert.deepStrictEqual([first, second], [[others], [others.slice(1)]])
      assert.deepStrictEqual(spend.lines.map(({ accountId }) => accountId), others.slice(0, 2))
      assert.deepStrictEqual(spend.unknownAccounts.map(({ accountId }) => accountId), [others[2]])
      assert.deepStrictEqual(spend.notUsed.map(({ accountId }) => accountId), [others[1]])
      assert.deepStrictEqual(spend.paid, { calls: 2, usd: 0.02 })
    }))

  it.effect("does not mix what may be shared out with what may not", () =>
    Effect.gen(function*() {
      const source = CostSource.bestOf([
        knowing("focus", [others[0]!], [], false),
        knowing("cost-explorer-services", others, [])
      ])
      const spend = yield* source.spend(request)
      assert.strictEqual(spend.lines.length, 1)
      assert.strictEqual(spend.unknownAccounts.length, 2)
    }))
})
