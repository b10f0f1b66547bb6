/**
 * Keeps calls under AWS's rate limits, so that a scan neither loses calls to
 * throttling nor starves the account's own workloads.
 *
 * @since 0.1.0
 */
import { type RateLimit, rateLimitOf, Setting } from "@cadastre/model"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { CallLine, type LineCounts, type PacedOut, steadyMs } from "./CallLine.ts"
import { Deadline } from "./Deadline.ts"
import type { Seat } from "./InFlight.ts"
import { type BucketSize, inMemory, type TokenSource } from "./TokenSource.ts"

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
 * What came to one bucket so far. Rates in calls per second, times in
 * milliseconds; every attempt of a call counts.
 *
 * - `region`: `global` for a limit of the whole account
 * - `share`: how much of the published limit may be used
 * - `publishedRate`, `rate`: AWS's limit, and what passes at present
 * - `published`: `false` where AWS publishes none and the limit is our guess
 * - `admitted`, `refused`: calls let through, and those that could not be in time
 * - `throttles`: calls that AWS refused all the same
 * - `waitedMs`, `longestWaitMs`, `longestQueue`: summed over all calls, of one call, and how many waited at once
 *
 * @category models
 * @since 0.1.0
 */
export interface BucketReport extends Readonly<LineCounts> {
  readonly accountId: string
  readonly region: string
  readonly service: string
  readonly bucket: string
  readonly share: number
  readonly publishedRate: number
  readonly published: boolean
  readonly rate: number
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
 * One token bucket for each account, Region, service and action class; for
 * limits of a whole account one for all Regions.
 *
 * - `admit`: waits for a token and answers how long it waited, in milliseconds. Calls of one bucket are admitted
 *   in the order in which they asked. A call whose token would come after its `Deadline` fails at once with
 *   `PacedOut`. With a `seat`, the token is only taken together with it: the call goes out when its token is due.
 * - `throttled`: a call that was sent at `sentAt` (milliseconds since the epoch) was refused for its rate
 * - `succeeded`: a call passed
 * - `report`: every bucket that was asked for, in no particular order
 *
 * @category services
 * @since 0.1.0
 */
export class Pacer extends Context.Service<Pacer, {
  readonly admit: (call: PacedCall, seat?: Seat) => Effect.Effect<number, PacedOut>
  readonly throttled: (call: PacedCall, sentAt: number) => Effect.Effect<void>
  readonly succeeded: (call: PacedCall) => Effect.Effect<void>
  readonly report: Effect.Effect<ReadonlyArray<BucketReport>>
}>()("@cadastre/client-factory/Pacer") {
  /**
   * A pacer over buckets of any kind: `tokensOf` is asked once for each, with
   * the time of {@link CallLine.steadyMs}. Reads `RATE_LIMIT_SHARE`.
   */
  static readonly make = (
    tokensOf: (size: BucketSize, now: number) => TokenSource
  ): Effect.Effect<Pacer["Service"], Config.ConfigError, Scope.Scope> =>
    Effect.gen(function*() {
      const share = yield* rateLimitShare
      const scope = yield* Effect.scope
      const lines = new Map<string, { readonly line: CallLine; readonly call: PacedCall; readonly limit: RateLimit }>()

      const lineOf = (call: PacedCall, clock: Clock.Clock): CallLine => {
        const limit = rateLimitOf(call.service, call.operation, { unpaginated: call.unpaginated })
        const key = `${call.accountId}/${regionOf(call, limit)}/${call.service}/${limit.bucket}`
        const known = lines.get(key)
        if (known !== undefined) return known.line
        const size = { key, capacity: Math.max(1, limit.capacity * share), rate: limit.refillPerSecond * share }
        const line = new CallLine({
          label: `${call.service}:${limit.bucket === "*" ? "all operations" : limit.bucket}`,
          tokens: tokensOf(size, steadyMs(clock)),
          fullRate: size.rate,
          scope
        })
        lines.set(key, { line, call, limit })
        return line
      }

      return Pacer.of({
        admit: (call, seat) =>
          Effect.withFiber((fiber) => {
            const clock = fiber.getRef(Clock.Clock)
            const leftMs = fiber.getRef(Deadline) - clock.currentTimeMillisUnsafe()
            return lineOf(call, clock).admit(clock, leftMs, seat)
          }),
        throttled: (call, sentAt) =>
          Clock.clockWith((clock) => lineOf(call, clock).throttled(clock, clock.currentTimeMillisUnsafe() - sentAt)),
        succeeded: (call) => Clock.clockWith((clock) => lineOf(call, clock).succeeded(clock)),
        report: Effect.sync(() =>
          Array.from(lines.values(), ({ call, limit, line }) => ({
            accountId: call.accountId,
            region: regionOf(call, limit),
            service: call.service,
            bucket: limit.bucket,
            share,
            publishedRate: limit.refillPerSecond,
            published: limit.published,
            rate: line.rate,
            ...line.counts
          }))
        )
      })
    })

  /** Buckets in this process's memory. */
  static readonly layer = Layer.effect(Pacer, Pacer.make(inMemory))

  /** Lets every call through at once: for stand-ins that have no limits. */
  static readonly layerOff = Layer.succeed(Pacer, {
    admit: () => Effect.succeed(0),
    throttled: () => Effect.void,
    succeeded: () => Effect.void,
    report: Effect.succeed([])
  })
}

const regionOf = (call: PacedCall, limit: RateLimit): string => limit.scope === "account" ? "global" : call.region
