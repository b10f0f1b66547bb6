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
   * better ones; when none knows, the last one's reason is the error's, and the log has the others.
   */
  static readonly bestOf = (sources: readonly [Source, ...ReadonlyArray<Source>]): CostSource["Service"] =>
    CostSource.of({
      spend: Effect.fn("CostSource.spend")(function*(request: SpendRequest) {
        const notUsed: Array<NotUsed> = []
        const [first, ...others] = sources
        let answer = yield* Effect.result(first.spend(request))
        for (const next of others) {
          if (answer._tag === "Success") break
          notUsed.push({ source: answer.failure.source, reason: answer.failure.reason.message })
          yield* Effect.logDebug(answer.failure.message)
          answer = yield* Effect.result(next.spend(request))
        }
        if (answer._tag === "Failure") {
          for (const { reason, source } of notUsed) yield* Effect.logWarning(`Cost unknown (${source}): ${reason}`)
          return yield* answer.failure
        }
        return { ...answer.success, notUsed: [...notUsed, ...answer.success.notUsed] }
      })
    })
}
