/**
 * Answers that were paid for, kept.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * Where paid answers are kept beyond this process. Keys and values are text; a value that cannot be had, or is not
 * what was kept, counts as none. Answers are worth keeping for eight hours: AWS renews its figures up to three times a
 * day. They tell what an account spends: keep them as safe as the account.
 *
 * @category services
 * @since 0.1.0
 */
export class CostCache extends Context.Reference<
  {
    readonly get: (key: string) => Effect.Effect<string | undefined>
    readonly set: (key: string, value: string) => Effect.Effect<void>
  } | undefined
>("@cadastre/cost/CostCache", { defaultValue: () => undefined }) {}
