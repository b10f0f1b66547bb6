/**
 * Keeps calls under AWS's rate limits, so that a scan neither loses calls to
 * throttling nor starves the account's own workloads.
 *
 * @since 0.1.0
 */
import { type RateLimit, rateLimitOf, Setting } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import { TokenBucket } from "./TokenBucket.ts"

/**
 * A call as the rate limits see it.
 *
 * `service` is the SigV4 signing name. `unpaginated` says that it names no page
 * size, no filter and no ids.
 *
 * @category models
 * @since 0.1.0
 */
export interface PacedCall {
  readonly accountId: string
  readonly region: string
  readonly service: string
  readonly operation: string
  readonly unpaginated: boolean
}

/**
 * The share of each limit that a scan may use, so that production keeps the
 * rest: `RATE_LIMIT_SHARE`, 0.05 to 1, default 0.5.
 *
 * @category configuration
 * @since 0.1.0
 */
export const rateLimitShare = Setting.number("RATE_LIMIT_SHARE", 0.5, { minimum: 0.05, maximum: 1, integer: false })

/**
 * One token bucket for each account, Region, service and action class.
 *
 * `admit` waits for a token and answers how long it waited, in milliseconds;
 * calls of one bucket are admitted in the order in which they asked.
 *
 * @category services
 * @since 0.1.0
 */
export class Pacer extends Context.Service<Pacer, {
  readonly admit: (call: PacedCall) => Effect.Effect<number>
  readonly throttled: (call: PacedCall, sentAt: number) => Effect.Effect<void>
  readonly succeeded: (call: PacedCall) => Effect.Effect<void>
}>()("@cadastre/client-factory/Pacer") {
  /** Buckets in this process's memory. */
  static readonly layer = Layer.effect(
    Pacer,
    Effect.gen(function*() {
      const share = yield* rateLimitShare
      const buckets = new Map<string, Queued>()

      const bucketOf = (call: PacedCall, now: number): Queued => {
        const limit = rateLimitOf(call.service, call.operation, { unpaginated: call.unpaginated })
        const key = `${call.accountId}/${call.region}/${call.service}/${limit.bucket}`
        const known = buckets.get(key)
        if (known !== undefined) return known
        const made = queued(limit, share, now)
        buckets.set(key, made)
        return made
      }

      return Pacer.of({
        admit: (call) =>
          Clock.clockWith((clock) => {
            const now = clock.currentTimeMillisUnsafe()
            const bucket = bucketOf(call, now)
            if (bucket.waiting === 0 && bucket.tokens.take(now) === 0) return Effect.succeed(0)
            return Effect.suspend(() => {
              bucket.waiting++
              return Semaphore.withPermit(bucket.line, untilTaken(bucket.tokens))
            }).pipe(
              Effect.ensuring(Effect.sync(() => bucket.waiting--)),
              Effect.map(() => clock.currentTimeMillisUnsafe() - now)
            )
          }),
        throttled: (call, sentAt) =>
          Effect.map(Clock.currentTimeMillis, (now) => bucketOf(call, now).tokens.throttled(now, sentAt)),
        succeeded: (call) => Effect.map(Clock.currentTimeMillis, (now) => bucketOf(call, now).tokens.succeeded(now))
      })
    })
  )
}

/** A bucket and the line before it: only the first in line watches the clock. */
interface Queued {
  readonly tokens: TokenBucket
  readonly line: Semaphore.Semaphore
  waiting: number
}

const queued = (limit: RateLimit, share: number, now: number): Queued => ({
  tokens: new TokenBucket({ capacity: limit.capacity * share, rate: limit.refillPerSecond * share, now }),
  line: Semaphore.makeUnsafe(1),
  waiting: 0
})

/** Asks again after each wait: the rate may have changed meanwhile. */
const untilTaken = (tokens: TokenBucket): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const wait = tokens.take(now)
    return wait === 0 ? Effect.void : Effect.andThen(Effect.sleep(wait), Effect.suspend(() => untilTaken(tokens)))
  })
