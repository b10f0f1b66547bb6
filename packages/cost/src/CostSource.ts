/**
 * Where costs are asked for.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { CostError } from "./CostError.ts"
import type { NotUsed, SourceName, Spend, SpendRequest } from "./Spend.ts"

/**
 * One source of costs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly name: SourceName
  readonly spend: (request: SpendRequest) => Effect.Effect<Spend, CostError>
}

/**
 * Tells what accounts spent. Fails with {@link CostError} where that is not known, for any reason; an answer without
 * lines means that nothing was spent.
 *
 * @category services
 * @since 0.1.0
 */
export class CostSource extends Context.Service<CostSource, {
  readonly spend: (request: SpendRequest) => Effect.Effect<Spend, CostError>
}>()("@cadastre/cost/CostSource") {
  /**
   * Asks sources one after the other, best first, until one knows. The answer says which it was and why none of the
   * better ones; when none knows, the last one's reason is the error's, and the log has the others. Accounts that it
   * does not know are asked for in the next ones, and stay unknown where those do not know them either.
   */
  static readonly bestOf = (sources: readonly [Source, ...ReadonlyArray<Source>]): CostSource["Service"] =>
    CostSource.of({
      spend: Effect.fn("CostSource.spend")(function*(request: SpendRequest) {
        const notUsed: Array<NotUsed> = []
        const [first, ...others] = sources
        let answer = yield* Effect.result(first.spend(request))
        let at = 0
        for (const next of others) {
          if (answer._tag === "Success") break
          at++
          notUsed.push({ source: answer.failure.source, reason: answer.failure.reason.message })
          yield* Effect.logDebug(answer.failure.message)
          answer = yield* Effect.result(next.spend(request))
        }
        if (answer._tag === "Failure") {
          for (const { reason, source } of notUsed) yield* Effect.logWarning(`Cost unknown (${source}): ${reason}`)
          return yield* answer.failure
        }
        let spend = answer.success
        for (const next of others.slice(at)) {
          const missing = new Set(spend.unknownAccounts.map(({ accountId }) => accountId))
          const accounts = request.accounts.filter(({ id }) => missing.has(id))
          if (accounts.length === 0) break
          const more = yield* Effect.result(next.spend({ ...request, accounts }))
          if (more._tag === "Failure") yield* Effect.logDebug(more.failure.message)
          // Lines that may be shared out and those that may not are not one spend.
          else if (more.success.shares === spend.shares) spend = together(spend, more.success)
        }
        return { ...spend, notUsed: [...notUsed, ...spend.notUsed] }
      })
    })
}

/** What one source knows, and what another knows of the accounts that it does not. */
const together = (spend: Spend, more: Spend): Spend => {
  const unknown = new Set(more.unknownAccounts.map(({ accountId }) => accountId))
  const { byTag, ...rest } = spend
  return {
    ...rest,
    ...byTag === undefined || more.byTag === undefined
      ? {}
      : { byTag: { ...byTag, lines: [...byTag.lines, ...more.byTag.lines] } },
    lines: [...spend.lines, ...more.lines],
    keyStandings: new Map([...more.keyStandings, ...spend.keyStandings]),
    unknownAccounts: more.unknownAccounts,
    notUsed: [...spend.notUsed, ...spend.unknownAccounts.filter(({ accountId }) => !unknown.has(accountId))],
    notes: [...new Set([...spend.notes, ...more.notes])],
    paid: {
      calls: spend.paid.calls + more.paid.calls,
      usd: Math.round((spend.paid.usd + more.paid.usd) * 1e6) / 1e6
    }
  }
}
