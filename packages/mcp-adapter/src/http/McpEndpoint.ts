/**
 * `/mcp`: which revision of the protocol a request speaks, and who answers it.
 *
 * @since 0.1.0
 */
import type { ServerResponse } from "node:http"
import { createMcpHandler, isInitializeRequest, isLegacyRequest } from "@modelcontextprotocol/server"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { AuditTrail } from "../AuditTrail.ts"
import type { Bounds, Session } from "../Guardrails.ts"
import { make as makeServer, type Served, type ToolServices } from "../McpAdapter.ts"
import { lenient } from "../protocol/LenientMessage.ts"
import type { ResourceChangeHub } from "../ResourceChanges.ts"
import { ScanHandles } from "../ScanHandles.ts"
import { CallerSessions } from "./CallerSessions.ts"
import type { Admitted } from "./HttpGate.ts"
import { HttpRefusal } from "./HttpRefusal.ts"
import type { HttpSettings } from "./HttpSettings.ts"
import { McpSessions } from "./McpSessions.ts"
import * as NodeExchange from "./NodeExchange.ts"
import type { SharedLimits } from "./SharedLimits.ts"

/**
 * - `answer`: answers a request, and ends when the answer has been written
 * - `isStream`: whether an answer is open for what the server has to say unasked
 * - `close`: ends all sessions, and interrupts the calls that are under way
 *
 * @category models
 * @since 0.1.0
 */
export interface McpEndpoint {
  readonly answer: (exchange: {
    readonly request: Request
    readonly body: unknown
    readonly response: ServerResponse
    readonly by: Admitted
  }) => Effect.Effect<void, HttpRefusal>
  readonly isStream: (response: ServerResponse) => boolean
  readonly close: () => Promise<void>
}

/**
 * The endpoint; sessions that nobody uses are closed while the scope lives.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E>(options: {
  readonly runtime: ManagedRuntime.ManagedRuntime<ToolServices | AuditTrail, E>
  readonly settings: HttpSettings
  readonly bounds: Bounds
  readonly version: string
  readonly served?: Served | undefined
  readonly changes: ResourceChangeHub
  readonly shared: SharedLimits
  readonly onError: (error: Error) => void
}): Effect.Effect<McpEndpoint, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { bounds, changes, onError, runtime, served, settings, shared, version } = options
    const serverOf = (session: Session) => makeServer(runtime, { version, session, served, changes })
    const sessions = new McpSessions({
      maxSessions: settings.maxSessions,
      idleMs: settings.sessionIdleMs,
      maxBodyBytes: settings.maxBodyBytes,
      bounds,
      serverOf,
      onEnd: (session) => void runtime.runFork(Effect.flatMap(ScanHandles, ({ leave }) => leave(session)))
    })
    const callers = new CallerSessions(bounds, shared.call)
    const admitted = new WeakMap<Request, Admitted>()
    const streams = new WeakSet<ServerResponse>()
    let isClosing = false
    const modern = createMcpHandler(({ requestInfo }) => {
      const by = requestInfo === undefined ? undefined : admitted.get(requestInfo)
      if (by === undefined) throw new Error("A request came from nowhere")
      // It answers one request and is told of no change: those who listen are told below.
      return makeServer(runtime, { version, session: callers.of(by.caller, by.principal), served })
    }, { legacy: "reject", maxRequestBodySize: settings.maxBodyBytes, maxSubscriptions: 256, onerror: onError })

    yield* Effect.acquireRelease(
      Effect.sync(() =>
        changes.listen(({ uri }) => uri === undefined ? modern.notify.resourcesChanged() : modern.notify.resourceUpdated(uri))
      ),
      (end) => Effect.sync(end)
    )

    yield* Effect.gen(function*() {
      sessions.closeIdle(yield* Clock.currentTimeMillis)
      yield* Metric.update(openSessions, sessions.size)
      yield* Effect.sleep("10 seconds")
    }).pipe(Effect.forever, Effect.forkScoped)

    const answer: McpEndpoint["answer"] = Effect.fnUntraced(function*({ body: given, by, request, response }) {
      const body = lenient(given)
      const clock = yield* Clock.Clock
      const now = clock.currentTimeMillisUnsafe()
      yield* Effect.tryPromise({
        try: async () => {
          if (!await isLegacyRequest(request, body)) {
            admitted.set(request, by)
            if (isListening(body)) streams.add(response)
            const answered = await modern.fetch(request, { parsedBody: body })
            // Its client has not gone: we have.
            if (answered.status === cancelled && isClosing) throw stopping()
            return await NodeExchange.write(answered, response)
          }
          const id = request.headers.get("mcp-session-id")
          if (id === null) {
            if (!beginsSession(body)) throw new HttpRefusal({ status: 400, why: "Mcp-Session-Id is missing" })
            return await NodeExchange.write(await sessions.open(request, body, { ...by, now }), response)
          }
          if (request.method === "GET") streams.add(response)
          const answered = await sessions.answer(request, body, { id, caller: by.caller, now })
          try {
            await NodeExchange.write(answered.response, response)
          } finally {
            answered.ended(clock.currentTimeMillisUnsafe())
          }
        },
        catch: (error) => {
          if (error instanceof HttpRefusal) return error
          onError(error instanceof Error ? error : new Error(String(error)))
          return new HttpRefusal({ status: 500, why: "Internal server error", code: -32_603 })
        }
      }).pipe(Effect.ensuring(Effect.suspend(() => Metric.update(openSessions, sessions.size))))
    })

    return {
      answer,
      isStream: (response) => streams.has(response),
      close: async () => {
        isClosing = true
        await Promise.all([sessions.closeAll(), modern.close()])
      }
    }
  })

/** What the library answers to a client that does not listen any more. */
const cancelled = 499

const stopping = (): HttpRefusal => new HttpRefusal({ status: 503, why: "The server is being stopped", headers: { connection: "close" } })

const beginsSession = (body: unknown): boolean => Array.isArray(body) ? body.some(isInitializeRequest) : isInitializeRequest(body)

const isListening = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "method" in body && body.method === "subscriptions/listen"

const openSessions = Metric.gauge("cadastre_mcp_sessions", { description: "MCP sessions that are open" })
