/**
 * Access tokens of an authorization server: this server as an OAuth 2.1 resource
 * server, as the MCP specification has it (RFC 6750, 8707, 9068, 9728).
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"
import type { JWTPayload } from "jose"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { OAuthSettings } from "./HttpSettings.ts"

/**
 * A token that is not accepted.
 *
 * - `invalid_token`: it is none of ours, not for us, not yet or no longer valid
 * - `insufficient_scope`: it does not allow this
 * - `unavailable`: it cannot be known, for the keys cannot be fetched
 *
 * @category errors
 * @since 0.1.0
 */
export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", {
  reason: Schema.Literals(["invalid_token", "insufficient_scope", "unavailable"]),
  description: Schema.String
}) {}

/**
 * - `ownerOf`: whose a token is: the `sub` of its claims, or its `client_id`; one that has neither is nobody's but its own
 *
 * @category models
 * @since 0.1.0
 */
export interface OAuthResource {
  readonly ownerOf: (token: string) => Effect.Effect<string, TokenRefused>
}

/**
 * Tokens are verified by the server's keys, which are fetched at once, kept for
 * ten minutes, and fetched again for an unknown one at most every 30 seconds.
 * That they cannot be fetched is said in a warning, once, and so is that they can
 * again; nobody's token is accepted meanwhile. Clocks may differ by 5 seconds.
 * Signatures by shared secrets are not accepted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  { audience, issuer, jwksUrl, scopes }: Pick<OAuthSettings, "audience" | "issuer" | "jwksUrl" | "scopes">
): Effect.Effect<OAuthResource> =>
  Effect.gen(function*() {
    const jose = yield* Effect.promise(() => import("jose"))
    const keys = jose.createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: 5000,
      cooldownDuration: 30_000,
      cacheMaxAge: 600_000
    })
    let isAway = false
    const told = (isAwayNow: boolean): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (isAway === isAwayNow) return Effect.void
        isAway = isAwayNow
        return Effect.logWarning(
          isAway
            ? `The keys at ${placeOf(jwksUrl)} (AUTH_JWKS_URL) cannot be fetched: no token of the authorization server is accepted until they can`
            : "The keys of AUTH_JWKS_URL can be fetched again"
        )
      })
    // Who starts the server hears of it before anybody is refused.
    yield* Effect.forkDetach(Effect.matchEffect(Effect.tryPromise(() => keys.reload()), {
      onFailure: () => told(true),
      onSuccess: () => told(false)
    }))
    return {
      ownerOf: Effect.fnUntraced(function*(token) {
        const now = yield* Clock.currentTimeMillis
        const { payload } = yield* Effect.tryPromise({
          try: () =>
            jose.jwtVerify(token, keys, {
              audience,
              issuer,
              algorithms,
              requiredClaims: ["exp"],
              clockTolerance: 5,
              currentDate: DateTime.toDateUtc(DateTime.makeUnsafe(now))
            }),
          catch: (cause) => refusal(cause)
        }).pipe(
          Effect.tap(() => told(false)),
          Effect.tapError(({ reason }) => reason === "unavailable" ? told(true) : Effect.void)
        )
        const granted = scopesOf(payload)
        const missing = scopes.filter((scope) => !granted.has(scope))
        if (missing.length > 0) {
          return yield* new TokenRefused({
            reason: "insufficient_scope",
            description: `The token lacks ${missing.join(" ")}`
          })
        }
        return nameOf(payload.sub) ?? nameOf(payload["client_id"]) ?? `token-${digestOf(token)}`
      })
    }
  })

/** Two that are long and begin alike are not one. */
const nameOf = (claim: unknown): string | undefined =>
  typeof claim !== "string" || claim === "" ? undefined : claim.length <= 256 ? claim : `${claim.slice(0, 200)}-${digestOf(claim)}`

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32)

/** Without what may be a secret. */
const placeOf = (address: string): string => {
  const { host, pathname } = new URL(address)
  return `${host}${pathname}`
}

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

const scopesOf = (payload: JWTPayload): ReadonlySet<string> => {
  const claims = [payload["scope"], payload["scp"]].flat()
  return new Set(claims.flatMap((claim) => typeof claim === "string" ? claim.split(" ") : []))
}

/** The description is ours, for the library's may repeat what is in the token. */
const refusal = (cause: unknown): TokenRefused => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  const description = descriptions[code]
  return description === undefined
    ? new TokenRefused({ reason: "unavailable", description: "The authorization server's keys cannot be fetched" })
    : new TokenRefused({ reason: "invalid_token", description })
}

const malformed = "The token is no access token of the authorization server"

const descriptions: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "The token has expired",
  ERR_JWT_CLAIM_VALIDATION_FAILED: "The token is not for this server, not of its authorization server, or not valid yet",
  ERR_JWT_INVALID: malformed,
  ERR_JWS_INVALID: malformed,
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: malformed,
  ERR_JOSE_ALG_NOT_ALLOWED: malformed,
  ERR_JOSE_NOT_SUPPORTED: malformed,
  ERR_JWKS_NO_MATCHING_KEY: malformed,
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: malformed
}
