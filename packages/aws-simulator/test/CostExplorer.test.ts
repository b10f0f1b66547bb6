import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  GetCostAndUsageWithResourcesCommand,
  ListCostAllocationTagsCommand
} from "@aws-sdk/client-cost-explorer"
import { days, ledgerOf, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const now = Date.UTC(2026, 10, 21, 9)
const estate = {
  seed: 5,
  resources: 200,
  regions: ["us-east-1", "eu-west-1"],
  accounts: ["111122223333", "444455556666"],
  costs: { activatedTags: { Owner: "2026-11-10" }, resources: true }
}

const period = { Start: "2026-10-22", End: "2026-11-21" }
const base: GetCostAndUsageCommandInput = { TimePeriod: period, Granularity: "MONTHLY", Metrics: ["AmortizedCost"] }

const start = Effect.fnUntraced(function*(account?: string, options: { readonly pageSize?: number } = {}) {
  const simulator = yield* Simulator.make({ estate, now: () => now, ...options })
  const client = yield* Effect.acquireRelease(
    Effect.sync(() =>
      new CostExplorerClient({
        endpoint: simulator.url,
        region: "us-east-1",
        credentials: simulator.credentials(account),
        maxAttempts: 1
      })),
    (client) => Effect.sync(() => client.destroy())
  )
  const ask = (input: Partial<GetCostAndUsageCommandInput>) =>
    Effect.promise(async () => {
      const groups: Array<readonly [keys: string, amount: number]> = []
      const totals: Array<number> = []
      let pages = 0
      for (let NextPageToken: string | undefined;;) {
        const page = await client.send(new GetCostAndUsageCommand({ ...base, ...input, NextPageToken }))
        pages++
        for (const { Groups = [], Total = {} } of page.ResultsByTime ?? []) {
          for (const { Keys = [], Metrics = {} } of Groups) groups.push([Keys.join("|"), Number(Metrics["AmortizedCost"]!.Amount)])
          if (Total["AmortizedCost"] !== undefined) totals.push(Number(Total["AmortizedCost"].Amount))
        }
        NextPageToken = page.NextPageToken
        if (NextPageToken === undefined) return { groups, pages, total: totals.reduce((a, b) => a + b, 0) }
      }
    })
  const refusal = (input: object) =>
    Effect.promise(() =>
      client.send(new GetCostAndUsageCommand({ ...base, ...input })).then(
        () => "answered",
        (error: Error) => error.name
      ))
  return { simulator, client, ask, refusal }
})

const dayNumber = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000
const truth = ({ estate }: Simulator["Service"], accounts: ReadonlyArray<string>) =>
  accounts.flatMap((account) => [...ledgerOf(estate, account)]).reduce(
    (sum, line) => sum + Number(line.amortized) * days(line, dayNumber(period.Start), dayNumber(period.End)).length,
    0
  ) / 1e6

describe("Cost Explorer of the simulator", () => {
  it.live("totals, groups and pages come to the ledger; the management account sees all, others themselves", () =>
    Effect.gen(function*() {
      const { ask, simulator } = yield* start()
      const all = truth(simulator, estate.accounts)
      assert.closeTo((yield* ask({})).total, all, 1e-6)
      const GroupBy = [{ Type: "DIMENSION", Key: "SERVICE" }, { Type: "DIMENSION", Key: "REGION" }] as const
      const whole = yield* ask({ GroupBy: [...GroupBy] })
      assert.closeTo(whole.groups.reduce((sum, [, amount]) => sum + amount, 0), all, 1e-6)
      assert.isTrue(whole.groups.some(([keys]) => keys === "EC2 - Other|eu-west-1"))
      const paged = yield* start(undefined, { pageSize: 3 })
      const pages = yield* paged.ask({ GroupBy: [...GroupBy] })
      assert.strictEqual(pages.pages, Math.ceil(whole.groups.length / 3))
      assert.deepStrictEqual(pages.groups, whole.groups)
      const member = yield* start(estate.accounts[1])
      assert.closeTo((yield* member.ask({})).total, truth(simulator, [estate.accounts[1]!]), 1e-6)
    }).pipe(Effect.scoped))

  it.live("filters combine, and tags are shown from the day on that they were activated", () =>
    Effect.gen(function*() {
      const { ask } = yield* start()
      const { total } = yield* ask({})
      const isTax = { Dimensions: { Key: "RECORD_TYPE" as const, Values: ["Tax"] } }
      const tax = (yield* ask({ Filter: isTax })).total
      assert.isAbove(tax, 0)
      assert.closeTo(tax + (yield* ask({ Filter: { Not: isTax } })).total, total, 1e-6)
      const here = { Dimensions: { Key: "REGION" as const, Values: ["eu-west-1"] } }
      assert.closeTo((yield* ask({ Filter: { Or: [isTax, here] } })).total, tax + (yield* ask({ Filter: here })).total, 1e-6)
      assert.strictEqual((yield* ask({ Filter: { And: [isTax, here] } })).total, 0)
      const GroupBy = [{ Type: "TAG" as const, Key: "Owner" }]
      const before = yield* ask({ GroupBy, TimePeriod: { Start: "2026-11-01", End: "2026-11-10" } })
      assert.deepStrictEqual(before.groups.map(([keys]) => keys), ["Owner$"])
      const after = yield* ask({ GroupBy, TimePeriod: { Start: "2026-11-10", End: "2026-11-21" } })
      assert.isAbove(after.groups.length, 2)
      assert.closeTo((yield* ask({ GroupBy })).groups.reduce((sum, [, amount]) => sum + amount, 0), total, 1e-6)
      const unknown = yield* ask({ GroupBy: [{ Type: "TAG", Key: "CostCenter" }] })
      assert.isTrue(unknown.groups.every(([keys]) => keys === "CostCenter$"))
    }).pipe(Effect.scoped))

  it.live("refuses as AWS does", () =>
    Effect.gen(function*() {
      const { client, refusal } = yield* start()
      const dimension = (Key: string) => ({ Type: "DIMENSION", Key })
      assert.strictEqual(yield* refusal({ GroupBy: [dimension("RESOURCE_ID")] }), "ValidationException")
      assert.strictEqual(yield* refusal({ GroupBy: ["SERVICE", "REGION", "USAGE_TYPE"].map(dimension) }), "ValidationException")
      assert.strictEqual(yield* refusal({ TimePeriod: { Start: "2026-11-02", End: "2026-11-02" } }), "ValidationException")
      assert.strictEqual(yield* refusal({ TimePeriod: { Start: "2020-11-02", End: "2026-11-02" } }), "ValidationException")
      assert.strictEqual(yield* refusal({ Filter: { And: [{ Dimensions: { Key: "SERVICE", Values: ["Tax"] } }] } }), "ValidationException")
      assert.strictEqual(yield* refusal({ NextPageToken: "made-up" }), "InvalidNextTokenException")
      const resources = (Start: string) =>
        Effect.promise(() =>
          client.send(new GetCostAndUsageWithResourcesCommand({
            TimePeriod: { Start, End: "2026-11-21" },
            Granularity: "DAILY",
            Metrics: ["AmortizedCost"],
            GroupBy: [{ Type: "DIMENSION", Key: "RESOURCE_ID" }],
            Filter: { Dimensions: { Key: "SERVICE", Values: ["Amazon Elastic Compute Cloud - Compute"] } }
          })).then((answer) => answer.ResultsByTime!.length, (error: Error) => error.name))
      assert.strictEqual(yield* resources("2026-11-07"), 14)
      assert.strictEqual(yield* resources("2026-11-06"), "ValidationException")
    }).pipe(Effect.scoped))

  it.live("lists cost allocation tags, in pages", () =>
    Effect.gen(function*() {
      const { client } = yield* start()
      const list = (input: object) => Effect.promise(() => client.send(new ListCostAllocationTagsCommand(input)))
      const active = yield* list({ Status: "Active" })
      assert.deepStrictEqual(active.CostAllocationTags, [
        { TagKey: "Owner", Type: "UserDefined", Status: "Active", LastUpdatedDate: "2026-11-10T00:00:00Z" }
      ])
      const first = yield* list({ MaxResults: 1 })
      const second = yield* list({ MaxResults: 1, NextToken: first.NextToken })
      assert.notStrictEqual(first.CostAllocationTags![0]!.TagKey, second.CostAllocationTags![0]!.TagKey)
    }).pipe(Effect.scoped))
})
