import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { Allocation, byResource, byService, CostExplorer, planned } from "../src/index.ts"
import { accountOf, asked, exploring, judged, lastDays, paidCalls, running } from "./Ledger.ts"

const estate = { resources: 60, regions: ["us-east-1", "eu-west-1"], costs: { activatedTags: ["Owner"], resources: true } }
const period = lastDays(14)

describe("Cost Explorer", () => {
  it.live("is asked once per period, whatever the number of resources and however often", () =>
    Effect.gen(function*() {
      for (const resources of [20, 2000]) {
        const simulator = yield* running({ estate: { ...estate, resources } })
        const request = { accounts: [accountOf(simulator)], period, tagKeys: ["Owner"] }
        yield* Effect.gen(function*() {
          const source = yield* byService()
          yield* Effect.all([source.spend(request), source.spend(request)], { concurrency: 2 })
          yield* source.spend(request)
          assert.deepStrictEqual(asked(simulator), { GetCostAndUsage: 1, ListCostAllocationTags: 1 })
          yield* source.spend({ ...request, period: lastDays(7) })
          assert.strictEqual(asked(simulator)["GetCostAndUsage"], 2)
        }).pipe(Effect.provide(exploring(simulator.url)))
      }
    }).pipe(Effect.scoped))

  it.live("follows all pages, and what is planned is what is asked", () =>
    Effect.gen(function*() {
      const simulator = yield* running({ estate })
      yield* Effect.gen(function*() {
        const { paid } = yield* (yield* byService()).spend({ accounts: [accountOf(simulator)], period, tagKeys: ["Owner"] })
        assert.deepStrictEqual(paid, planned({ accounts: 1, tagKeys: 1 }))
        assert.deepStrictEqual(paid, { calls: 2, usd: 0.02 })
        assert.strictEqual(paidCalls(simulator), 2)
      }).pipe(Effect.provide(exploring(simulator.url)))
      const paged = yield* running({ estate, pageSize: 5 })
      yield* Effect.gen(function*() {
        const whole = yield* (yield* byService()).spend({ accounts: [accountOf(paged)], period })
        assert.strictEqual(whole.paid.calls, paidCalls(paged))
        assert.isAbove(whole.paid.calls, 3)
      }).pipe(Effect.provide(exploring(paged.url, { RATE_LIMIT_SHARE: "1" })))
    }).pipe(Effect.scoped))

  it.live("is not asked once the budget is spent, and the cost is unknown then", () =>
    Effect.gen(function*() {
      const simulator = yield* running({ estate, pageSize: 5 })
      yield* Effect.gen(function*() {
        const spent = yield* Effect.flip((yield* byService()).spend({ accounts: [accountOf(simulator)], period }))
        assert.strictEqual(spent.reason._tag, "BudgetSpent")
        assert.include(spent.message, "COST_EXPLORER_BUDGET_USD")
        assert.strictEqual(paidCalls(simulator), 2)
      }).pipe(Effect.provide(exploring(simulator.url, { COST_EXPLORER_BUDGET_USD: "0.02" })))
      simulator.reset()
      yield* Effect.gen(function*() {
        const spent = yield* Effect.flip((yield* byService()).spend({ accounts: [accountOf(simulator)], period }))
        assert.strictEqual(spent.reason._tag, "BudgetSpent")
        assert.strictEqual(paidCalls(simulator), 0)
      }).pipe(Effect.provide(exploring(simulator.url, { COST_EXPLORER_BUDGET_USD: "0" })))
    }).pipe(Effect.scoped))

  it.live("a denied Cost Explorer is cost unknown, never 0", () =>
    Effect.gen(function*() {
      const simulator = yield* running({ estate, rules: [{ match: { service: "ce" }, fault: { type: "deny" } }] })
      yield* Effect.gen(function*() {
        const denied = yield* Effect.flip((yield* byService()).spend({ accounts: [accountOf(simulator)], period }))
        assert.strictEqual(denied.reason._tag, "CallFailed")
        assert.include(denied.message, "ce:GetCostAndUsage is denied")
      }).pipe(Effect.provide(exploring(simulator.url)))
    }).pipe(Effect.scoped))

  it.live.each(["throttle", "reset", "malformed", "html"] as const)("%s: cost unknown, and no more paid than the budget", (type) =>
    Effect.gen(function*() {
      const simulator = yield* running({ estate, rules: [{ match: { service: "ce" }, fault: { type } }] })
      yield* Effect.gen(function*() {
        const failed = yield* Effect.result((yield* byService()).spend({ accounts: [accountOf(simulator)], period }))
        assert.isTrue(Result.isFailure(failed))
        assert.isAtMost(paidCalls(simulator), 2)
      }).pipe(Effect.provide(exploring(simulator.url, { COST_EXPLORER_BUDGET_USD: "0.02" })))
    }).pipe(Effect.scoped))

  it.live("one account that is denied is unknown; the others are told", () =>
    Effect.gen(function*() {
      const accounts = ["111122223333", "444455556666"]
      const simulator = yield* running({
        estate: { ...estate, accounts },
        rules: [{ match: { service: "ce", account: accounts[1]! }, fault: { type: "deny" } }]
      })
      yield* Effect.gen(function*() {
        const spend = yield* (yield* byService()).spend({ accounts: accounts.map((id) => accountOf(simulator, id)), period })
        assert.deepStrictEqual(spend.unknownAccounts.map(({ accountId }) => accountId), [accounts[1]])
        assert.isTrue(spend.lines.length > 0 && spend.lines.every(({ accountId }) => accountId === accounts[0]))
      }).pipe(Effect.provide(exploring(simulator.url)))
    }).pipe(Effect.scoped))

  it.live("resources are told where they are enabled, and of the last 14 days only", () =>
    Effect.gen(function*() {
      const off = yield* running({ estate: { ...estate, costs: {} } })
      yield* Effect.gen(function*() {
        const source = yield* byResource()
        const refused = yield* Effect.flip(source.spend({ accounts: [accountOf(off)], period }))
        assert.strictEqual(refused.reason._tag, "NotAvailable")
        off.reset()
        const early = yield* Effect.flip(source.spend({ accounts: [accountOf(off)], period: lastDays(30) }))
        assert.include(early.message, "single resources")
        assert.strictEqual(paidCalls(off), 0)
      }).pipe(Effect.provide(exploring(off.url)))
    }).pipe(Effect.scoped))

  const shapes = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    resources: fc.integer({ min: 0, max: 60 }),
    budgetCents: fc.integer({ min: 0, max: 12 }),
    pageSize: fc.integer({ min: 2, max: 30 }),
    byResource: fc.boolean(),
    // A fault for some calls: each repetition is paid for.
    faults: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 })
  })

  it("Property 20: allocated cost is never more than was spent; paid calls never exceed the budget", () =>
    fc.assert(
      fc.asyncProperty(shapes, (shape) =>
        Effect.gen(function*() {
          const simulator = yield* running({
            estate: { ...estate, seed: shape.seed, resources: shape.resources, types: "all" },
            pageSize: shape.pageSize,
            rules: shape.faults.map((nth) => ({ match: { service: "ce", nth }, fault: { type: "reset" as const } }))
          })
          yield* Effect.gen(function*() {
            const source = yield* shape.byResource ? byResource() : byService()
            const request = { accounts: [accountOf(simulator)], period, tagKeys: ["Owner"] }
            const answer = yield* Effect.result(source.spend(request))
            assert.isAtMost(paidCalls(simulator), shape.budgetCents)
            const explorer = yield* CostExplorer
            assert.isAtMost((yield* explorer.paid).usd, shape.budgetCents / 100)
            assert.isAtLeast((yield* explorer.paid).calls, paidCalls(simulator))
            if (Result.isFailure(answer)) return
            const { lines } = answer.success
            const spent = new Map<string, bigint>()
            for (const line of lines) {
              if (Allocation.isGivenBack(line)) continue
              const key = `${line.region} ${line.service}`
              spent.set(key, (spent.get(key) ?? 0n) + line.amount)
            }
            const put = new Map<string, bigint>()
            for (const { amount, line } of Allocation.allocate(answer.success, judged(simulator.estate), () => true)) {
              const key = `${line.region} ${line.service}`
              put.set(key, (put.get(key) ?? 0n) + amount)
              assert.isTrue(amount > 0n)
            }
            assert.deepStrictEqual(put, spent)
          }).pipe(Effect.provide(exploring(simulator.url, {
            COST_EXPLORER_BUDGET_USD: `${shape.budgetCents / 100}`,
            RATE_LIMIT_SHARE: "1"
          })))
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ), 120_000)
})
