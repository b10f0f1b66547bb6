/**
 * Where the tokens of one bucket come from: this process's memory, or a store
 * that several processes share.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { TokenBucket } from "./TokenBucket.ts"

/**
 * The bucket that tokens are wanted of.
 *
 * - `key`: account, Region (`global` for limits of a whole account), service and bucket
 * - `capacity`, `rate`: the share of what AWS publishes; calls, and calls per second
 *
 * @category models
 * @since 0.1.0
 */
export interface BucketSize {
  readonly key: string
  readonly capacity: number
  readonly rate: number
}

/**
 * The answer to who asks for tokens.
 *
 * - `granted`: tokens that may be used at once
 * - `waitMs`: when there is none, after how many milliseconds to come again
 * - `reserved`: one token is the asker's own after that wait, without asking again
 *
 * @category models
 * @since 0.1.0
 */
export interface Grant {
  readonly granted: number
  readonly waitMs: number
  readonly reserved: boolean
}

/**
 * Tokens of one bucket. `now` is in milliseconds of a clock that does not jump.
 * None of this fails: a store that is away is replaced by one that is there.
 *
 * - `ready`: whether `tryTake` would take a token now, which it does without asking a store
 * - `take`: asks for up to `count` tokens
 * - `giveBack`: tokens that were not used
 * - `waitMs`: how long until `count` further tokens have come, at best
 * - `throttled`: a call that was sent `agoMs` ago was throttled by AWS
 * - `succeeded`: a call passed
 * - `rate`: calls per second that pass at present
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenSource {
  readonly ready: (now: number) => boolean
  readonly tryTake: (now: number) => boolean
  readonly take: (count: number, now: number) => Effect.Effect<Grant>
  readonly giveBack: (count: number, now: number) => Effect.Effect<void>
  readonly waitMs: (count: number, now: number) => number
  readonly throttled: (agoMs: number, now: number) => Effect.Effect<void>
  readonly succeeded: (now: number) => void
  readonly rate: () => number
}

/**
 * Tokens in this process's memory.
 *
 * @category constructors
 * @since 0.1.0
 */
export const inMemory = (size: BucketSize, now: number, options?: { readonly empty?: boolean }): TokenSource => {
  const bucket = new TokenBucket({ capacity: size.capacity, rate: size.rate, now, empty: options?.empty === true })
  return {
    ready: (now) => bucket.wait(now) === 0,
    tryTake: (now) => bucket.take(now) === 0,
    take: (count, now) =>
      Effect.sync(() => {
        let granted = 0
        while (granted < count && bucket.take(now) === 0) granted++
        return { granted, waitMs: granted > 0 ? 0 : bucket.wait(now), reserved: false }
      }),
    giveBack: (count, now) => Effect.sync(() => bucket.giveBack(now, count)),
    waitMs: (count, now) => bucket.wait(now, count),
    throttled: (agoMs, now) => Effect.sync(() => bucket.throttled(now, now - agoMs)),
    succeeded: (now) => bucket.succeeded(now),
    rate: () => bucket.rate
  }
}
