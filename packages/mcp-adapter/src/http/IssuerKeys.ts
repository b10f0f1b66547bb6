/**
 * The keys of an authorization server that may be away for a while.
 *
 * @since 0.1.0
 */
import type { JWTVerifyGetKey } from "jose"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { OAuthSettings } from "./HttpSettings.ts"

/**
 * There are no keys that may be used now.
 *
 * @category errors
 * @since 0.1.0
 */
export class KeysAway extends Schema.TaggedError<KeysAway>()("KeysAway", {}) {}

/**
 * - `up`: they could be fetched when that was last tried
 * - `degraded`: they could not; those that are known are used still
 * - `down`: there are none to use, and no token is accepted. `why` has no secret of the address
 *
 * @category models
 * @since 0.1.0
 */
export type KeyState =
  | { readonly state: "up" }
  | { readonly state: "degraded" | "down"; readonly why: string }

/**
 * - `current`: finds a token's key among those that are known
 * - `newer`: the same after one was not found: asked again, unless that was done just now
 * - `state`: how it is with them; asks for those that are old
 *
 * @category models
 * @since 0.1.0
 */
export interface IssuerKeys {
  readonly current: Effect.Effect<JWTVerifyGetKey, KeysAway>
  readonly newer: Effect.Effect<JWTVerifyGetKey, KeysAway>
  readonly state: Effect.Effect<KeyState>
}

/** As long as they are this young nobody asks for them. */
const freshMs = 600_000

/** An unknown key has them asked for again no sooner than this after they came. */
const cooldownMs = 30_000

/** Who needs them, and who brings an unknown key, while they cannot be fetched has that tried no more often than this. */
const soonestMs = 1000
const soonestUnknownMs = 5000

/** While they cannot be fetched that is tried again after so long, then after twice as long, and so on. */
const firstPauseMs = 5000
const longestPauseMs = 30_000

const timeoutMs = 5000

/**
 * They are fetched at once, and again by whoever needs them when they are ten minutes old.
 * While they cannot be fetched it is tried every 30 seconds at least, and those
 * that are known are used for `jwksStaleMs` longer: a key that was revoked is
 * accepted no longer than that, and not once the authorization server has answered.
 *
 * Warns once when they cannot be fetched, once when those that are known may no
 * longer be used, and says once that they can be fetched again.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  { jwksStaleMs, jwksUrl }: Pick<OAuthSettings, "jwksStaleMs" | "jwksUrl">
): Effect.fn.Return<IssuerKeys, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const jose = yield* Effect.promise(() => import("jose"))
  const endless = Number.POSITIVE_INFINITY
  // When they are asked for is decided here.
  const remote = jose.createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: timeoutMs,
    cooldownDuration: endless,
    cacheMaxAge: endless
  })
  const place = placeOf(jwksUrl)
  const outage = yield* Latch.make()
  let fetchedAt: number | undefined
  let triedAt = 0
  let why: string | undefined
  let told: KeyState["state"] = "up"
  let underWay: Deferred.Deferred<void> | undefined

  /** A clock that was put back makes nothing young. */
  const isYoung = (now: number, at: number | undefined, ms: number): boolean => at !== undefined && now >= at && now - at < ms
  const isUsable = (now: number): boolean => fetchedAt !== undefined && now - fetchedAt < freshMs + jwksStaleMs
  const stateAt = (now: number): KeyState["state"] => why === undefined ? "up" : isUsable(now) ? "degraded" : "down"

  const textOf = (state: KeyState["state"]): string =>
    state === "up"
      ? "The keys of AUTH_JWKS_URL can be fetched again"
      : `The keys at ${place} (AUTH_JWKS_URL) cannot be fetched (${why ?? ""}): ${
        state === "down" || fetchedAt === undefined
          ? "no token of the authorization server is accepted until they can"
          : `those that are known are used until ${
            DateTime.formatIso(DateTime.makeUnsafe(fetchedAt + freshMs + jwksStaleMs)).replace(/\.\d+/u, "")
          }`
      }`

  const tell = (now: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const state = stateAt(now)
      if (state === told) return Effect.void
      told = state
      return state === "up" ? Effect.logInfo(textOf(state)) : Effect.logWarning(textOf(state))
    })

  const attempt = Effect.gen(function*() {
    const failure = yield* Effect.match(Effect.tryPromise({ try: () => remote.reload(), catch: reasonOf }), {
      onFailure: (reason) => reason,
      onSuccess: () => undefined
    })
    const now = yield* Clock.currentTimeMillis
    why = failure
    triedAt = now
    if (failure === undefined) fetchedAt = now
    yield* failure === undefined ? outage.close : outage.open
    yield* tell(now)
  })

  /** One at a time, and nobody who goes away takes it along. */
  const refresh = Effect.suspend(() => {
    if (underWay !== undefined) return Deferred.await(underWay)
    const done = Deferred.makeUnsafe<void>()
    underWay = done
    const ended = Effect.sync(() => {
      underWay = undefined
      Deferred.doneUnsafe(done, Effect.void)
    })
    return Effect.andThen(Effect.forkIn(Effect.ensuring(attempt, ended), scope), Deferred.await(done))
  })

  const known = Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<JWTVerifyGetKey, KeysAway> =>
    isUsable(now) ? Effect.succeed(remote) : Effect.andThen(tell(now), Effect.fail(new KeysAway())))

  const current = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const isKnownAway = why !== undefined && (isUsable(now) || isYoung(now, triedAt, soonestMs))
    return isYoung(now, fetchedAt, freshMs) || isKnownAway ? known : Effect.andThen(refresh, known)
  })

  const newer = Effect.gen(function*(): Effect.fn.Return<JWTVerifyGetKey, KeysAway> {
    const now = yield* Clock.currentTimeMillis
    if (why === undefined && isYoung(now, fetchedAt, cooldownMs)) return remote
    if (why === undefined || !isYoung(now, triedAt, soonestUnknownMs)) yield* refresh
    // What those that are known do not have, newer ones may.
    return why === undefined ? remote : yield* new KeysAway()
  })

  // Who starts the server hears of it before anybody is refused.
  yield* Effect.gen(function*() {
    yield* refresh
    for (let pauseMs = firstPauseMs;; pauseMs = why === undefined ? firstPauseMs : Math.min(longestPauseMs, pauseMs * 2)) {
      yield* outage.await
      yield* Effect.sleep(pauseMs)
      if (why !== undefined) yield* refresh
    }
  }).pipe(Effect.forkIn(scope))

  return {
    current,
    newer,
    state: Effect.gen(function*() {
      const before = yield* Clock.currentTimeMillis
      if (why === undefined && !isYoung(before, fetchedAt, freshMs)) yield* refresh
      const now = yield* Clock.currentTimeMillis
      yield* tell(now)
      const state = stateAt(now)
      return state === "up" ? { state } : { state, why: textOf(state) }
    })
  }
})

/** Without what may be a secret. */
const placeOf = (address: string): string => {
  const { host, pathname } = new URL(address)
  return `${host}${pathname}`
}

/** What the library and the sockets say of themselves; the address may be in the rest. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "no reason given"
  if (codeOf(cause).startsWith("ERR_J")) {
    return codeOf(cause) === "ERR_JWKS_TIMEOUT" ? `no answer within ${timeoutMs / 1000} s` : cause.message
  }
  const inner: unknown = cause.cause instanceof AggregateError ? cause.cause.errors[0] : cause.cause
  return codeOf(inner) || codeOf(cause) || cause.name
}

const codeOf = (cause: unknown): string => cause instanceof Error && "code" in cause ? String(cause.code) : ""
