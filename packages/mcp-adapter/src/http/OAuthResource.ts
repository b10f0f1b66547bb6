/**
 * Access tokens of an authorization server: this server as an OAuth 2.1 resource
 * server, as the MCP specification has it (RFC 6750, 8707, 9068, 9728).
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"
import type { errors, JWTPayload, JWTVerifyGetKey } from "jose"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { OAuthSettings } from "./HttpSettings.ts"
import * as IssuerKeys from "./IssuerKeys.ts"

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
 * - `keys`: how it is with the keys of the authorization server
 *
 * @category models
 * @since 0.1.0
 */
export interface OAuthResource {
  readonly ownerOf: (token: string) => Effect.Effect<string, TokenRefused>
  readonly keys: Effect.Effect<IssuerKeys.KeyState>
}

/**
 * Tokens are verified by the server's keys, which outlast its absence for a
 * while; see `IssuerKeys`. A token of an unknown key is `unavailable` while they
 * cannot be fetched. Clocks may differ by 5 seconds. Signatures by shared secrets
 * are not accepted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  { audience, issuer, scopes, ...where }: Pick<OAuthSettings, "audience" | "issuer" | "jwksStaleMs" | "jwksUrl" | "scopes">
): Effect.fn.Return<OAuthResource, never, Scope.Scope> {
  const jose = yield* Effect.promise(() => import("jose"))
  const keys = yield* IssuerKeys.make(where)
  const verified = Effect.fnUntraced(function*(token: string, key: JWTVerifyGetKey) {
    const now = yield* Clock.currentTimeMillis
    const { payload } = yield* Effect.tryPromise({
      try: () =>
        jose.jwtVerify(token, key, {
          audience,
          issuer,
          algorithms,
          requiredClaims: ["exp"],
          clockTolerance: 5,
          currentDate: DateTime.toDateUtc(DateTime.makeUnsafe(now))
        }),
      catch: (cause) => isUnknownKey(cause) ? cause : refusal(cause)
    })
    return payload
  })
  const payloadOf = (token: string): Effect.Effect<JWTPayload, TokenRefused> =>
    Effect.flatMap(keys.current, (key) => verified(token, key)).pipe(
      Effect.catchIf(isUnknownKey, () => Effect.flatMap(keys.newer, (key) => verified(token, key))),
      Effect.mapError((error) => isUnknownKey(error) ? refusal(error) : error._tag === "KeysAway" ? unavailable : error)
    )
  return {
    keys: keys.state,
    ownerOf: Effect.fnUntraced(function*(token) {
      const payload = yield* payloadOf(token)
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

const isUnknownKey = (error: unknown): error is errors.JWKSNoMatchingKey =>
  error instanceof Error && "code" in error && error.code === "ERR_JWKS_NO_MATCHING_KEY"

const unavailable = new TokenRefused({
  reason: "unavailable",
  description: "The authorization server's keys cannot be fetched"
})

/** Two that are long and begin alike are not one. */
const nameOf = (claim: unknown): string | undefined =>
  typeof claim !== "string" || claim === "" ? undefined : claim.length <= 256 ? claim : `${claim.slice(0, 200)}-${digestOf(claim)}`

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32)

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
    ? new TokenRefused({ reason: "unavailable", description: "The authorization server's key cannot be used" })
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
