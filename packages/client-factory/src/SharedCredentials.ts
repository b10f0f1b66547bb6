/**
 * One memory of an account's credentials for all its clients.
 *
 * @since 0.1.0
 */
import { AwsError, type RegionId, TimedOut } from "@cadastre/model"
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types"
import * as Effect from "effect/Effect"

/**
 * A provider that remembers, so that a thousand clients ask once. Left to
 * itself each SDK client keeps a memory of its own: it would fetch for itself,
 * and go on using what has expired after somebody else had it refreshed;
 * `memoized` tells the SDK not to.
 *
 * - new credentials are got before the old ones expire (5 minutes, or a quarter of a short session), while the old
 *   ones are still used; only who finds none that are valid waits
 * - whoever asks at the same time gets the same answer: one fetch
 * - asked with `{ forceRefresh: true, refused }` it gets new ones, unless those in hand are others than the refused
 * - a failure is told to those that wait, and asked again after a second
 *
 * @category models
 * @since 0.1.0
 */
export interface SharedCredentials extends AwsCredentialIdentityProvider {
  readonly memoized: true
  /** What can be used without waiting, if anything. */
  readonly peek: () => AwsCredentialIdentity | undefined
  /** What was used last, good or not. */
  readonly last: () => AwsCredentialIdentity | undefined
}

/** Milliseconds. */
const earliness = 5 * 60_000
/** A call that is signed now must still be valid when it arrives. */
const travelTime = 10_000
/** What was just handed out is used at least so long, whatever its date or our clock says. */
const shortestUse = 60_000
/** While there is something valid, a refresh that failed is tried again after so long; without, sooner. */
const retryWhileValid = 30_000
const retryWithout = 1000

interface Held {
  readonly identity: AwsCredentialIdentity
  refreshAt: number
  readonly expiresAt: number
}

/**
 * Wraps what fetches credentials; `forced` tells it that the last ones were
 * refused. `now` is the clock in milliseconds; `expiresAt` says until when on it
 * fresh credentials last (by default what they say themselves; `undefined`: for
 * ever).
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly fetch: (forced: boolean) => Promise<AwsCredentialIdentity>
  readonly now: () => number
  readonly expiresAt?: (identity: AwsCredentialIdentity, askedAt: number) => number | undefined
}): SharedCredentials => {
  const { expiresAt = (identity) => identity.expiration?.getTime(), fetch, now } = options
  let held: Held | undefined
  let last: AwsCredentialIdentity | undefined
  let pending: Promise<AwsCredentialIdentity> | undefined
  let failed: { readonly error: unknown; readonly until: number } | undefined

  const start = (forced: boolean): Promise<AwsCredentialIdentity> => {
    const askedAt = now()
    const answer = fetch(forced).then(
      (identity) => {
        const end = Math.max(expiresAt(identity, askedAt) ?? Number.POSITIVE_INFINITY, askedAt + shortestUse)
        held = { identity, expiresAt: end, refreshAt: end - Math.min(earliness, (end - askedAt) / 4) }
        last = identity
        failed = undefined
        pending = undefined
        return identity
      },
      (error: unknown) => {
        const at = now()
        if (held === undefined) failed = { error, until: at + retryWithout }
        else held.refreshAt = at + retryWhileValid
        pending = undefined
        throw error
      }
    )
    pending = answer
    // Nobody may be waiting: the next who asks is told.
    answer.catch(() => {})
    return answer
  }

  const peek = (): AwsCredentialIdentity | undefined => {
    if (held === undefined) return undefined
    const at = now()
    if (at >= held.expiresAt - travelTime) {
      held = undefined
      return undefined
    }
    if (at >= held.refreshAt && pending === undefined) void start(false)
    return held.identity
  }

  const provider = (properties?: Record<string, unknown>): Promise<AwsCredentialIdentity> => {
    const refused = properties?.["refused"]
    const forced = properties?.["forceRefresh"] === true &&
      held !== undefined && (refused === undefined || refused === held.identity.accessKeyId)
    if (forced) held = undefined
    const valid = peek()
    if (valid !== undefined) return Promise.resolve(valid)
    if (pending !== undefined) return pending
    return failed !== undefined && now() < failed.until ? Promise.reject(failed.error) : start(forced)
  }

  return Object.assign(provider, { memoized: true, peek, last: () => last } as const)
}

const isShared = (provider: AwsCredentialIdentityProvider): provider is SharedCredentials =>
  "peek" in provider && typeof provider.peek === "function"

/**
 * The credentials that the next call will be signed with, waited for if need be
 * and at most so many milliseconds. A call does this before it takes its place
 * among those in flight: getting credentials may take calls of its own, which
 * would wait for ever for the places of those that wait for them.
 *
 * `undefined` for providers that are not shared: the SDK asks them itself.
 *
 * @category accessors
 * @since 0.1.0
 */
export const ready = (
  provider: AwsCredentialIdentityProvider,
  operation: string,
  region: RegionId,
  withinMs: number
): Effect.Effect<AwsCredentialIdentity | undefined, AwsError> =>
  Effect.suspend(() => {
    if (!isShared(provider)) return Effect.undefined
    const valid = provider.peek()
    return valid !== undefined ? Effect.succeed(valid) : Effect.tryPromise({
      try: () => provider(),
      catch: asAwsError(operation, region)
    }).pipe(Effect.timeoutOrElse({
      duration: Math.max(0, withinMs),
      orElse: () => {
        const reason = new TimedOut({ message: "no credentials in time to make the call" })
        return Effect.fail(new AwsError({ operation, region, reason }))
      }
    }))
  })

/**
 * What an SDK client is given: it signs with what is in hand, after the call
 * has been made {@link ready}, and never waits for better. It holds a place
 * among the calls in flight, which getting credentials may need; if they have
 * just been refused, so will its call be, and be made again.
 *
 * @category accessors
 * @since 0.1.0
 */
export const inHand = (provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider =>
  isShared(provider)
    ? Object.assign(() => {
      const identity = provider.last()
      return identity === undefined ? provider() : Promise.resolve(identity)
    }, { memoized: true })
    : provider

/**
 * Gets new credentials after the ones `refused` were refused as expired.
 *
 * @category accessors
 * @since 0.1.0
 */
export const renew = (
  provider: AwsCredentialIdentityProvider,
  refused: AwsCredentialIdentity | undefined,
  refusal: AwsError
): Effect.Effect<void, AwsError> =>
  Effect.tryPromise({
    try: () => provider({ forceRefresh: true, ...(refused === undefined ? {} : { refused: refused.accessKeyId }) }),
    // What the provider says for itself is better than what it was asked for.
    catch: (cause) => cause instanceof AwsError ? cause : refusal
  }).pipe(Effect.asVoid)

/**
 * Reads what the SDK threw, also when it is what a provider of ours failed with.
 *
 * @category errors
 * @since 0.1.0
 */
export const asAwsError = (operation: string, region: RegionId) => (cause: unknown): AwsError =>
  cause instanceof AwsError ? cause : AwsError.from(operation, region)(cause)
