/**
 * How the HTTP server is reached, by whom, and what it puts up with.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * Who may call with an access token of an authorization server (OAuth 2.1).
 *
 * - `issuer`: the `iss` of its tokens
 * - `audience`: the `aud` that a token must have: it was issued for this server
 * - `jwksUrl`: where its keys are
 * - `jwksStaleMs`: how long keys that are known are used while they cannot be fetched, besides the ten minutes that they are young
 * - `scopes`: those that a token must have, all of them
 * - `resource`: this server's address as its clients know it
 *
 * @category models
 * @since 0.1.0
 */
export interface OAuthSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  readonly jwksStaleMs: number
  readonly scopes: ReadonlyArray<string>
  readonly resource: string | undefined
}

/**
 * - `allowedHosts`: names that `Host` may have besides the loopback's and the one that is bound
 * - `corsOrigins`: origins of web pages that may call, such as `https://app.example.com`
 * - `maxBodyBytes`, `bodyTimeoutMs`: how large a request may be, and how long it may take to come
 * - `requestsPerMinute`: of one caller, on average; as many may come at once
 * - `maxSessions`, `sessionIdleMs`: MCP sessions at once, and how long one lives that nobody uses
 * - `tokensFile`: the hashes of bearer tokens, see `BearerTokens`
 *
 * @category models
 * @since 0.1.0
 */
export interface HttpSettings {
  readonly host: string
  readonly port: number
  readonly allowedHosts: ReadonlyArray<string>
  readonly corsOrigins: ReadonlyArray<string>
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
  readonly requestsPerMinute: number
  readonly maxSessions: number
  readonly sessionIdleMs: number
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly tokensFile: string | undefined
  readonly oauth: OAuthSettings | undefined
}

/**
 * The server cannot be started as it is asked to.
 *
 * @category errors
 * @since 0.1.0
 */
export class HttpSettingsError extends Schema.TaggedError<HttpSettingsError>()("HttpSettingsError", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.problem} ${this.remedy}`
  }
}

/** An empty variable is one that is not set. */
const text = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.String(name)), (value) =>
    Option.getOrUndefined(Option.filter(Option.map(value, (given) => given.trim()), (given) => given !== "")))

const list = (name: string): Config.Config<ReadonlyArray<string>> =>
  Config.map(text(name), (value = "") => value.split(/[\s,]+/u).filter((item) => item !== ""))

const variables = Config.all({
  host: Config.map(text("MCP_SERVER_HOST"), (host) => host ?? "127.0.0.1"),
  port: Setting.number("MCP_SERVER_PORT", 8080, { minimum: 0, maximum: 65_535 }),
  allowedHosts: list("MCP_ALLOWED_HOSTS"),
  corsOrigins: list("CORS_ALLOWED_ORIGINS"),
  maxBodyBytes: Setting.number("MCP_MAX_BODY_BYTES", 1_048_576, { minimum: 1024, maximum: 67_108_864 }),
  bodyTimeout: Setting.number("MCP_BODY_TIMEOUT_SECONDS", 10, { minimum: 1, maximum: 300 }),
  requestsPerMinute: Setting.number("MCP_REQUESTS_PER_MINUTE", 1200, { minimum: 1, maximum: 1_000_000 }),
  maxSessions: Setting.number("MCP_MAX_SESSIONS", 1000, { minimum: 1, maximum: 100_000 }),
  sessionIdle: Setting.number("MCP_SESSION_IDLE_SECONDS", 1800, { minimum: 1, maximum: 604_800 }),
  certFile: text("MCP_TLS_CERT_FILE"),
  keyFile: text("MCP_TLS_KEY_FILE"),
  tokensFile: text("AUTH_TOKENS_FILE"),
  issuer: text("AUTH_ISSUER"),
  audience: text("AUTH_AUDIENCE"),
  jwksUrl: text("AUTH_JWKS_URL"),
  jwksStale: Setting.number("AUTH_JWKS_STALE_SECONDS", 86_400, { minimum: 0, maximum: 604_800 }),
  scopes: list("AUTH_REQUIRED_SCOPES"),
  resource: text("AUTH_RESOURCE_URL")
})

/**
 * The settings as the environment has them, with what a command line says
 * instead. Fails where they contradict each other, and where the server would be
 * reached from other machines by anyone.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fnUntraced(function*(
  instead: {
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly certFile?: string | undefined
    readonly keyFile?: string | undefined
  } = {}
): Effect.fn.Return<HttpSettings, Config.ConfigError | HttpSettingsError> {
  const { audience, bodyTimeout, certFile, issuer, jwksStale, jwksUrl, keyFile, resource, scopes, sessionIdle, ...given } =
    yield* variables
  const cert = instead.certFile ?? certFile
  const key = instead.keyFile ?? keyFile
  if ((cert === undefined) !== (key === undefined)) {
    return yield* wrong("TLS needs a certificate and its key.", "Set MCP_TLS_CERT_FILE and MCP_TLS_KEY_FILE, or neither.")
  }
  for (const origin of given.corsOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      return yield* wrong(
        `CORS_ALLOWED_ORIGINS has "${origin}", which is no origin.`,
        "Write origins such as https://app.example.com, with commas between them."
      )
    }
  }
  const settings: HttpSettings = {
    host: instead.host ?? given.host,
    port: instead.port ?? given.port,
    allowedHosts: given.allowedHosts.map((name) => name.toLowerCase()),
    corsOrigins: given.corsOrigins,
    maxBodyBytes: given.maxBodyBytes,
    bodyTimeoutMs: bodyTimeout * 1000,
    requestsPerMinute: given.requestsPerMinute,
    maxSessions: given.maxSessions,
    sessionIdleMs: sessionIdle * 1000,
    tls: cert === undefined || key === undefined ? undefined : { certFile: cert, keyFile: key },
    tokensFile: given.tokensFile,
    oauth: yield* oauthOf({ issuer, audience, jwksUrl, jwksStaleMs: jwksStale * 1000, scopes, resource })
  }
  if (!isLoopback(settings.host) && settings.tokensFile === undefined && settings.oauth === undefined) {
    return yield* wrong(
      `The server would be open to anyone who can reach ${settings.host}.`,
      "Set AUTH_TOKENS_FILE, or AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL; or leave MCP_SERVER_HOST at 127.0.0.1."
    )
  }
  return settings
})

/**
 * Whether only this machine reaches an address.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/iu.test(host)

const wrong = (problem: string, remedy: string) => Effect.fail(new HttpSettingsError({ problem, remedy }))

const oauthOf = Effect.fnUntraced(function*(given: {
  readonly issuer: string | undefined
  readonly audience: string | undefined
  readonly jwksUrl: string | undefined
  readonly jwksStaleMs: number
  readonly scopes: ReadonlyArray<string>
  readonly resource: string | undefined
}): Effect.fn.Return<OAuthSettings | undefined, HttpSettingsError> {
  const { audience, issuer, jwksStaleMs, jwksUrl, resource, scopes } = given
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) {
    return scopes.length === 0 && resource === undefined ? undefined : yield* wrong(
      "AUTH_REQUIRED_SCOPES and AUTH_RESOURCE_URL mean nothing without an authorization server.",
      "Set AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL too."
    )
  }
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) {
    return yield* wrong("OAuth is set up in part.", "Set AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL, or none of them.")
  }
  for (const [name, url] of [["AUTH_ISSUER", issuer], ["AUTH_JWKS_URL", jwksUrl], ["AUTH_RESOURCE_URL", resource]] as const) {
    if (url !== undefined && !isTrustworthy(url)) {
      return yield* wrong(`${name} is "${url}".`, "Write an https:// address.")
    }
  }
  const fallback = isTrustworthy(audience) ? audience : undefined
  return { issuer, audience, jwksUrl, jwksStaleMs, scopes, resource: resource ?? fallback }
})

/** Keys that come over an open network are anybody's. */
const isTrustworthy = (address: string): boolean => {
  if (!URL.canParse(address)) return false
  const { hostname, protocol } = new URL(address)
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname))
}
