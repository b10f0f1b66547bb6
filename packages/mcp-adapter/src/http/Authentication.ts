/**
 * Who calls, by the `Authorization` of a request.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as BearerTokens from "./BearerTokens.ts"
import type { HttpSettings, HttpSettingsError } from "./HttpSettings.ts"
import type { KeyState } from "./IssuerKeys.ts"
import * as OAuthResource from "./OAuthResource.ts"
import { TokenRefused } from "./OAuthResource.ts"

/**
 * - `required`: whether there is anything to call with; otherwise anyone may
 * - `principalOf`: who calls with an `Authorization`: `token:<name>` or `oauth:<sub>`
 * - `challenge`: what a client is told that may not, as `WWW-Authenticate`
 * - `metadata`: the document of RFC 9728, where there is an authorization server
 * - `keys`: how it is with its keys, where there is one
 *
 * @category models
 * @since 0.1.0
 */
export interface Authentication {
  readonly required: boolean
  readonly principalOf: (authorization: string | undefined) => Effect.Effect<string | undefined, TokenRefused>
  readonly challenge: (refused: TokenRefused, origin: string) => string
  readonly metadata: (origin: string) => object | undefined
  readonly keys: Effect.Effect<KeyState> | undefined
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  { oauth, tokensFile }: Pick<HttpSettings, "oauth" | "tokensFile">
): Effect.fn.Return<Authentication, HttpSettingsError, Scope.Scope> {
  const tokens = tokensFile === undefined ? undefined : yield* BearerTokens.make(tokensFile)
  const resource = oauth === undefined ? undefined : yield* OAuthResource.make(oauth)
  const required = tokens !== undefined || resource !== undefined
  return {
    required,
    keys: resource?.keys,
    principalOf: Effect.fnUntraced(function*(authorization) {
      if (!required) return undefined
      const token = /^bearer +([\w.~+/-]{1,8192}=*) *$/iu.exec(authorization ?? "")?.[1]
      if (token === undefined) {
        return yield* new TokenRefused({
          reason: "invalid_token",
          description: authorization === undefined ? "" : "Authorization is no bearer token"
        })
      }
      const owner = tokens === undefined ? undefined : yield* tokens.ownerOf(token)
      if (owner !== undefined) return `token:${owner}`
      return resource === undefined
        ? yield* new TokenRefused({ reason: "invalid_token", description: "The token is unknown or has expired" })
        : `oauth:${yield* resource.ownerOf(token)}`
    }),
    challenge: ({ description, reason }, origin) =>
      `Bearer ${
        [
          ["realm", "cadastre"],
          // Who sent nothing learns nothing but how to ask (RFC 6750, 3.1).
          ...(description === "" ? [] : [["error", reason], ["error_description", description]]),
          ...(oauth === undefined || oauth.scopes.length === 0 ? [] : [["scope", oauth.scopes.join(" ")]]),
          ...(oauth === undefined ? [] : [["resource_metadata", `${baseOf(oauth.resource, origin)}${metadataPath}/mcp`]])
        ].map(([name, value]) => `${name}="${value!.replaceAll(/["\\]/gu, "")}"`).join(", ")
      }`,
    metadata: (origin) =>
      oauth === undefined ? undefined : {
        resource: oauth.resource ?? `${origin}/mcp`,
        authorization_servers: [oauth.issuer],
        ...(oauth.scopes.length === 0 ? {} : { scopes_supported: oauth.scopes }),
        bearer_methods_supported: ["header"],
        resource_name: "Cadastre"
      }
  }
})

/**
 * Where the document of RFC 9728 is; also with `/mcp` after it.
 *
 * @category constants
 * @since 0.1.0
 */
export const metadataPath = "/.well-known/oauth-protected-resource"

const baseOf = (resource: string | undefined, origin: string): string =>
  resource === undefined ? origin : new URL(resource).origin
