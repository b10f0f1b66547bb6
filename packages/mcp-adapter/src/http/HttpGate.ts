/**
 * What every request passes before it is answered: whom it was sent to, by which
 * page, by whom, and how often.
 *
 * @since 0.1.0
 */
import type { IncomingMessage } from "node:http"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Authentication } from "./Authentication.ts"
import { isEverywhere } from "./CallerSessions.ts"
import { HttpRefusal } from "./HttpRefusal.ts"
import { type HttpSettings, isLoopback } from "./HttpSettings.ts"
import { corsHeaders, isOurHost } from "./Origins.ts"
import { RequestRate } from "./RequestRate.ts"
import type { SharedLimits } from "./SharedLimits.ts"

/**
 * Who is let in.
 *
 * - `caller`: what is counted together: who the token belongs to, else the address
 * - `principal`: whose token it was
 *
 * @category models
 * @since 0.1.0
 */
export interface Admitted {
  readonly caller: string
  readonly principal: string | undefined
}

/**
 * Where a request is not a program's.
 *
 * - `authorization`: what it says as a bearer token
 * - `challenge`: how it is asked for one; as RFC 6750 has it by default
 *
 * @category models
 * @since 0.1.0
 */
export interface Credentials {
  readonly authorization: string | undefined
  readonly challenge?: string
}

/**
 * @category models
 * @since 0.1.0
 */
export class HttpGate {
  readonly #settings: HttpSettings
  readonly #authentication: Authentication
  readonly #shared: SharedLimits
  readonly #requests: RequestRate
  /** Who guesses tokens is slowed down; who has one is not, whoever else is at the same address. */
  readonly #failures = new RequestRate(60)

  constructor(settings: HttpSettings, authentication: Authentication, shared: SharedLimits) {
    this.#settings = settings
    this.#authentication = authentication
    this.#shared = shared
    this.#requests = new RequestRate(settings.requestsPerMinute)
  }

  /** The origin that a request was sent to. */
  originOf(request: IncomingMessage): string {
    return `${this.#settings.tls === undefined ? "http" : "https"}://${request.headers.host ?? "localhost"}`
  }

  /** Refuses what was not sent to us, or by a page that may not; answers with the headers that its browser needs. */
  page(request: IncomingMessage): Effect.Effect<Readonly<Record<string, string>>, HttpRefusal> {
    if (request.rawHeaders.length > 2 * maxHeaders) {
      return Effect.fail(new HttpRefusal({ status: 431, why: `There are more than ${maxHeaders} headers` }))
    }
    if (!isOurHost(this.#settings, request)) {
      return Effect.fail(
        new HttpRefusal({ status: 403, why: "This server has another name: see MCP_ALLOWED_HOSTS" })
      )
    }
    const headers = corsHeaders(this.#settings.corsOrigins, this.originOf(request), request.headers.origin)
    return headers === undefined
      ? Effect.fail(new HttpRefusal({ status: 403, why: "This origin may not call: see CORS_ALLOWED_ORIGINS" }))
      : Effect.succeed(headers)
  }

  /** Refuses who may not call, or calls too often. */
  admit = Effect.fnUntraced(function*(
    this: HttpGate,
    request: IncomingMessage,
    { authorization, challenge }: Credentials = { authorization: request.headers.authorization }
  ): Effect.fn.Return<Admitted, HttpRefusal> {
    const now = yield* Clock.currentTimeMillis
    const address = addressOf(request)
    const principal = yield* Effect.catch(this.#authentication.principalOf(authorization), (refused) => {
      const wait = this.#failures.take(address, now)
      if (wait !== undefined) return Effect.fail(tooMany(wait))
      return Effect.fail(
        refused.reason === "unavailable"
          ? new HttpRefusal({ status: 503, why: refused.description, headers: { "retry-after": "30" } })
          : new HttpRefusal({
            status: refused.reason === "insufficient_scope" ? 403 : 401,
            why: refused.description || "A bearer token is needed",
            headers: { "www-authenticate": challenge ?? this.#authentication.challenge(refused, this.originOf(request)) }
          })
      )
    })
    const caller = principal ?? `address:${address}`
    const wait = this.#requests.take(caller, now) ??
      (isEverywhere(caller) ? yield* this.#shared.request(caller, this.#requests.perMinute) : undefined)
    return wait === undefined ? { caller, principal } : yield* tooMany(wait)
  })
}

const maxHeaders = 100

const tooMany = (waitMs: number): HttpRefusal =>
  new HttpRefusal({
    status: 429,
    why: "Too many requests",
    headers: { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) }
  })

/** All of this machine are one; of an IPv6 network, whoever has one address has the 2^64 of its subnet. */
const addressOf = ({ socket }: IncomingMessage): string => {
  const address = (socket.remoteAddress ?? "").replace(/^::ffff:/u, "")
  if (isLoopback(address)) return "loopback"
  return address.includes(":") ? subnetOf(address) : address
}

const subnetOf = (address: string): string => {
  const [head = "", tail] = address.split("::")
  const groups = head === "" ? [] : head.split(":")
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  return [...groups, ...Array.from({ length: missing }, () => "0"), ...(tail ?? "").split(":")].slice(0, 4).join(":")
}
