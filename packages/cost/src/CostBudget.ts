/**
 * A limit for what asking about money may cost.
 *
 * @since 0.1.0
 */
import { type CallCounts, CallMeter, CircuitBreaker, makeCallCounts } from "@cadastre/client-factory"
import { AwsError, Network, priceOf, RegionId, Setting } from "@cadastre/model"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BudgetSpent } from "./CostError.ts"
import type { Paid } from "./Spend.ts"

/**
 * Counts paid calls and refuses the next one when it would cost more than is left. Every request sent is counted at
 * AWS's list price, also one that is repeated after a failure: AWS does not charge for failures, so that the true sum
 * may be less, and is never more.
 *
 * @category services
 * @since 0.1.0
 */
export class CostBudget extends Context.Service<CostBudget, {
  /** The limit in US dollars. */
  readonly limitUsd: number
  /** What was paid so far. */
  readonly paid: Effect.Effect<Paid>
  /** Makes a call within the budget; each of its repetitions must be within it, too. */
  readonly pay: <A, R>(
    call: Effect.Effect<A, AwsError, R>,
    service: string,
    operation: string
  ) => Effect.Effect<A, AwsError | BudgetSpent, R>
}>()("@cadastre/cost/CostBudget") {
  /** A budget of its own: one for each run. */
  static readonly make = (limitUsd: number): CostBudget["Service"] => {
    // Millionths of a dollar: a hundred cents are a dollar, also after a hundred additions.
    const limit = Math.floor(limitUsd * 1e6 + 1e-6)
    let spent = 0
    let calls = 0
    const paid = (): Paid => ({ calls, usd: spent / 1e6 })
    return CostBudget.of({
      limitUsd,
      paid: Effect.sync(paid),
      pay: Effect.fnUntraced(function*<A, R>(
        call: Effect.Effect<A, AwsError, R>,
        service: string,
        operation: string
      ): Effect.fn.Return<A, AwsError | BudgetSpent, R> {
        const price = Math.ceil(priceOf(service, operation) * 1e6 - 1e-6)
        const outer = yield* CallMeter
        const breakers = yield* CircuitBreaker
        const sent = makeCallCounts()
        let reserved = 0
        let refused: BudgetSpent | undefined
        const result = yield* Effect.result(call).pipe(
          Effect.provideService(CallMeter, sent),
          // Asked before every request, the repeated ones as well.
          Effect.provideService(CircuitBreaker, {
            refusal: (paced, now, isRepeat) => {
              const refusal = breakers?.refusal(paced, now, isRepeat)
              if (refusal !== undefined) return refusal
              if (spent + price > limit) {
                refused = new BudgetSpent({ budgetUsd: limitUsd, spentUsd: spent / 1e6, priceUsd: price / 1e6 })
                return new AwsError({
                  operation: `${service}:${operation}`,
                  region: RegionId.make(paced.region),
                  reason: new Network({ message: refused.message })
                })
              }
              spent += price
              reserved++
              return undefined
            },
            ended: (paced, error, now) => breakers?.ended(paced, error, now)
          }),
          Effect.ensuring(Effect.sync(() => {
            // What was let through and not sent costs nothing.
            spent -= price * (reserved - sent.calls)
            calls += sent.calls
            addTo(outer, sent)
          }))
        )
        if (result._tag === "Success") return result.success
        return yield* refused ?? result.failure
      })
    })
  }

  /** Reads `COST_EXPLORER_BUDGET_USD`, 1.00 by default (0–10,000; 0 refuses every paid call). */
  static readonly layer = Layer.effect(
    CostBudget,
    Effect.gen(function*() {
      return CostBudget.make(yield* budgetUsd)
    })
  )
}

/**
 * `COST_EXPLORER_BUDGET_USD`.
 *
 * @category configuration
 * @since 0.1.0
 */
export const budgetUsd: Config.Config<number> = Setting.number("COST_EXPLORER_BUDGET_USD", 1, {
  minimum: 0,
  maximum: 10_000,
  integer: false
})

const addTo = (outer: CallCounts, { calls, retries, throttles, waitedMs }: CallCounts): void => {
  outer.calls += calls
  outer.retries += retries
  outer.throttles += throttles
  outer.waitedMs += waitedMs
}
