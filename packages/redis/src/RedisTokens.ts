/**
 * One bucket's tokens, kept in Redis.
 *
 * @since 0.1.0
 */
import { type BucketSize, type Grant, inMemory, type TokenSource } from "@cadastre/client-factory"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Joined } from "./RedisLink.ts"

/** What `take` answers. */
const Taken = Schema.Tuple([
  Schema.Int,
  Schema.NumberFromString,
  Schema.Int,
  Schema.NumberFromString,
  Schema.NumberFromString,
  Schema.Int
])
const decodeTaken = Schema.decodeUnknownOption(Taken)
const decodeFactor = Schema.decodeUnknownOption(Schema.NumberFromString)

/**
 * How many processes there are, as Redis saw it last: while it is away each
 * uses its part of the share.
 *
 * @category models
 * @since 0.1.0
 */
export interface Crowd {
  readonly name: string
  size: number
}

/**
 * Tokens from Redis; from this process's own bucket while Redis is away. That
 * one is empty at first if Redis was there before, for others may just have
 * emptied the shared one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const inRedis = (link: Joined, crowd: Crowd, size: BucketSize, now: number): TokenSource => {
  const keys = [`cadastre:pace:${size.key}`, "cadastre:pace:processes"] as const
  const limits = [String(size.capacity), String(size.rate / 1000)]
  const run = (op: string, ...args: ReadonlyArray<string>) => link.run(keys, [op, ...limits, ...args])
  /** As Redis said last; others may have taken tokens since. */
  let seen = { tokens: size.capacity, at: now, factor: 1 }
  let successes = 0
  let own: TokenSource | undefined

  const ownTokens = (now: number): TokenSource => {
    const part = { ...size, capacity: size.capacity / crowd.size, rate: size.rate / crowd.size }
    return own ??= inMemory(part, now, { empty: link.met() })
  }

  return {
    ready: () => false,
    tryTake: () => false,
    take: (count, now) =>
      Effect.suspend(() => {
        const told = successes
        successes = 0
        return Effect.flatMap(
          run("take", String(count), String(told), own === undefined ? "0" : "1", crowd.name),
          (answer): Effect.Effect<Grant> => {
            const taken = decodeTaken(answer)
            if (taken._tag === "None") return ownTokens(now).take(count, now)
            const [granted, waitMs, reserved, tokens, factor, processes] = taken.value
            own = undefined
            crowd.size = Math.max(1, processes)
            seen = { tokens, at: now, factor }
            return Effect.succeed({ granted, waitMs: Math.ceil(waitMs), reserved: reserved === 1 })
          }
        )
      }),
    giveBack: (count, now) =>
      Effect.suspend(() => own === undefined ? Effect.asVoid(run("back", String(count))) : own.giveBack(count, now)),
    waitMs: (count, now) => {
      if (own !== undefined) return own.waitMs(count, now)
      const rate = (size.rate / 1000) * seen.factor
      const tokens = Math.min(size.capacity, seen.tokens + (now - seen.at) * rate)
      return tokens >= count ? 0 : Math.ceil((count - tokens) / rate)
    },
    throttled: (agoMs, now) =>
      Effect.flatMap(run("throttled", String(agoMs)), (answer) => {
        const factor = decodeFactor(answer)
        if (factor._tag === "None") return ownTokens(now).throttled(agoMs, now)
        seen = { tokens: Math.min(seen.tokens, 0), at: now, factor: factor.value }
        return Effect.void
      }),
    succeeded: (now) => {
      if (own !== undefined) own.succeeded(now)
      else if (seen.factor < 1) successes++
    },
    rate: () => own === undefined ? size.rate * seen.factor : own.rate()
  }
}
