/**
 * What is where on the server.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { isJsonContentType } from "@modelcontextprotocol/server"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type { AuditTrail } from "../AuditTrail.ts"
import { safe } from "../ErrorSanitiser.ts"
import { type Readiness, readiness, soon } from "../Health.ts"
import type { ToolServices } from "../McpAdapter.ts"
import { type Authentication, metadataPath } from "./Authentication.ts"
import type { Dashboard } from "./Dashboard.ts"
import type { HttpGate } from "./HttpGate.ts"
import { HttpRefusal } from "./HttpRefusal.ts"
import type { KeyState } from "./IssuerKeys.ts"
import type { HttpSettings } from "./HttpSettings.ts"
import type { McpEndpoint } from "./McpEndpoint.ts"
import * as NodeExchange from "./NodeExchange.ts"
import { preflightHeaders } from "./Origins.ts"
import * as RequestBody from "./RequestBody.ts"

/**
 * Answers every request; never fails.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E>(server: {
  readonly authentication: Authentication
  readonly dashboard: Effect.Effect<Dashboard>
  readonly gate: HttpGate
  readonly isOpen: () => boolean
  readonly mcp: McpEndpoint
  readonly runtime: ManagedRuntime.ManagedRuntime<ToolServices | AuditTrail, E>
  readonly settings: HttpSettings
  readonly version: string
}) => {
  const { authentication, dashboard, gate, isOpen, mcp, runtime, settings, version } = server

  const looked = (look: Effect.Effect<Readiness>, patienceMs: number) =>
    Effect.zipWith(
      Effect.map(Effect.promise((signal) => runtime.runPromiseExit(look, { signal })), (exit): Readiness =>
        exit._tag === "Success" ? exit.value : nothingThere),
      Effect.timeoutOption(authentication.keys ?? Effect.undefined, patienceMs),
      (readiness, keys) => withKeys(readiness, Option.getOrUndefined(keys)),
      { concurrent: true }
    )

  /** Those who ask often ask no more of what the server needs. */
  let recently: { readonly at: number; readonly answer: Readiness } | undefined
  const recent = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    if (recently !== undefined && now >= recently.at && now - recently.at < 1000) return recently.answer
    const answer = yield* looked(soon, 500)
    recently = { at: now, answer }
    return answer
  })

  /** Why something is down is for those who may call. */
  const mayKnowWhy = (request: IncomingMessage): Effect.Effect<boolean> =>
    authentication.required && request.headers.authorization === undefined
      ? Effect.succeed(false)
      : Effect.isSuccess(Effect.andThen(gate.page(request), gate.admit(request)))

  const health = Effect.fnUntraced(function*(request: IncomingMessage, path: string) {
    if (path === "/health/live") return json(200, { status: "alive", version })
    const { dependencies, problems, ready } = yield* (path === "/health" ? recent : looked(readiness, 5500))
    const isWell = Object.keys(problems).length === 0
    const why = !isWell && (yield* mayKnowWhy(request)) ? { problems } : {}
    if (path === "/health") return json(200, isWell ? { status: "alive", version } : { status: "degraded", version, dependencies, ...why })
    return json(ready && isOpen() ? 200 : 503, { status: ready ? "ready" : "not ready", ready, dependencies, ...why })
  })

  const metrics = Effect.gen(function*() {
    const { format } = yield* Effect.promise(() => import("effect/observability/PrometheusMetrics"))
    return text(200, yield* format(), "text/plain; version=0.0.4; charset=utf-8")
  })

  const protocol = Effect.fnUntraced(function*(
    request: IncomingMessage,
    response: ServerResponse,
    path: string
  ): Effect.fn.Return<void, HttpRefusal> {
    const { method = "" } = request
    if (method !== "POST" && method !== "GET" && method !== "DELETE") {
      return yield* new HttpRefusal({ status: 405, why: "Method not allowed", headers: { allow: "GET, POST, DELETE" } })
    }
    const by = yield* gate.admit(request)
    if (method === "POST" && !isJsonContentType(request.headers["content-type"] ?? null)) {
      return yield* new HttpRefusal({ status: 415, why: "Content-Type must be application/json" })
    }
    const body = method === "POST" ? yield* RequestBody.read(request, settings) : undefined
    if (Array.isArray(body) && body.length > maxBatch) {
      return yield* new HttpRefusal({ status: 400, why: `A batch has at most ${maxBatch} messages`, code: -32_600 })
    }
    yield* mcp.answer({ request: NodeExchange.requestOf(request, response, path), body, response, by })
  })

  const routed = Effect.fnUntraced(function*(
    request: IncomingMessage,
    response: ServerResponse
  ): Effect.fn.Return<void, HttpRefusal> {
    const path = (request.url ?? "/").replace(/[?#].*$/u, "")
    const isRead = request.method === "GET" || request.method === "HEAD"
    // Whoever watches over a container knows it by its address; there is nothing to see here.
    if (/^\/health(?:\/live|\/ready)?$/u.test(path) && isRead) return send(response, yield* health(request, path))
    if (!isOpen()) {
      return yield* new HttpRefusal({ status: 503, why: "The server is being stopped", headers: { connection: "close" } })
    }
    // Also on what is refused from here on: a page may know why.
    for (const [name, value] of Object.entries(yield* gate.page(request))) response.setHeader(name, value)
    if (request.method === "OPTIONS" && request.headers.origin !== undefined) {
      return send(response, { status: 204, body: "", headers: preflightHeaders })
    }
    if (path === "/mcp" || path === "/mcp/") return yield* protocol(request, response, "/mcp")
    if (isRead && (path === metadataPath || path === `${metadataPath}/mcp`)) {
      const document = authentication.metadata(gate.originOf(request))
      if (document !== undefined) return send(response, json(200, document))
    }
    if (path === "/metrics" && isRead) {
      yield* gate.admit(request)
      return send(response, yield* metrics)
    }
    if (path === "/" || path === "/scan") return yield* Effect.flatMap(dashboard, ({ answer }) => answer(request, response))
    return yield* new HttpRefusal({ status: 404, why: "There is nothing here: the protocol is at /mcp, the dashboard at /" })
  })

  return (request: IncomingMessage, response: ServerResponse): Effect.Effect<void> =>
    routed(request, response).pipe(
      Effect.catch((refusal) => Effect.sync(() => refuse(request, response, refusal))),
      Effect.catchCause((cause) =>
        Effect.andThen(
          Effect.logError(safe(String(cause), 4000)),
          Effect.sync(() => refuse(request, response, new HttpRefusal({ status: 500, why: "Internal server error" })))
        )
      ),
      Effect.ensuring(Effect.suspend(() =>
        Metric.update(Metric.withAttributes(requests, { status: String(response.statusCode) }), 1)
      ))
    )
}

const nothingThere: Readiness = {
  ready: false,
  dependencies: { services: "down" },
  problems: { services: "what the server is made of could not be built: its log says why" }
}

/** Old keys let in whom they did: that they cannot be fetched is no reason to send nobody here. */
const withKeys = (readiness: Readiness, keys: KeyState | undefined): Readiness =>
  keys === undefined ? readiness : {
    ready: readiness.ready && keys.state !== "down",
    dependencies: { ...readiness.dependencies, keys: keys.state },
    problems: keys.state === "up" ? readiness.problems : { ...readiness.problems, keys: safe(keys.why) }
  }

const maxBatch = 50

interface Text {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const text = (status: number, body: string, type: string): Text => ({ status, body, headers: { "content-type": type } })

const json = (status: number, value: object): Text => text(status, JSON.stringify(value), "application/json")

const send = (response: ServerResponse, { body, headers, status }: Text): void => {
  response.writeHead(status, { "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers })
  response.end(body)
}

/**
 * The answer is written while the body may still be coming: it is read and thrown
 * away for a while, because a client that is cut off while it sends never sees the answer.
 */
const refuse = (request: IncomingMessage, response: ServerResponse, { body, headers = {}, status }: HttpRefusal): void => {
  if (response.headersSent) return void response.destroy()
  if (!request.complete) {
    const { socket } = request
    const timer = setTimeout(() => socket.destroy(), lingerMs)
    request.once("close", () => clearTimeout(timer)).once("end", () => clearTimeout(timer)).resume()
  }
  send(response, { status, body, headers: { "content-type": "application/json", ...headers } })
}

const lingerMs = 2000

const requests = Metric.counter("cadastre_http_requests_total", {
  description: "HTTP requests, by their status",
  incremental: true
})
