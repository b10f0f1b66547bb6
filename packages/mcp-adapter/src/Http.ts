/**
 * The server that clients reach over Streamable HTTP, at `/mcp`.
 *
 * @since 0.1.0
 */
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer, Server as TlsServer } from "node:https"
import * as Cause from "effect/Cause"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import { safe } from "./ErrorSanitiser.ts"
import { bounds } from "./Guardrails.ts"
import * as Authentication from "./http/Authentication.ts"
import * as Certificates from "./http/Certificates.ts"
import * as DashboardSettings from "./http/DashboardSettings.ts"
import { HttpGate } from "./http/HttpGate.ts"
import { type HttpSettings, HttpSettingsError, isLoopback } from "./http/HttpSettings.ts"
import * as McpEndpoint from "./http/McpEndpoint.ts"
import * as Routes from "./http/Routes.ts"
import * as SharedLimits from "./http/SharedLimits.ts"
import * as ResourceChanges from "./ResourceChanges.ts"
import { prepare, runtimeOf, type ServerOptions } from "./ServerOptions.ts"
import * as SnapshotSchedule from "./SnapshotSchedule.ts"

/**
 * - `dashboard`: what the page at `/` does instead of what the environment says
 *
 * @category models
 * @since 0.1.0
 */
export interface HttpOptions<E> extends ServerOptions<E> {
  readonly settings: HttpSettings
  readonly dashboard?: Partial<DashboardSettings.DashboardSettings>
}

/**
 * Where a server listens: `http://127.0.0.1:8080`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listening {
  readonly url: string
}

/**
 * Listens while the scope lives. When it ends, no further call is accepted; what
 * is under way has a moment to end and is then interrupted, so that all is
 * over within a second.
 *
 * `/` is the dashboard; `POST`, `GET` and `DELETE /mcp` are the protocol; `/health` says that the
 * server is alive, `/health/ready` whether what it needs is there; `/metrics`
 * is for Prometheus. Where `SNAPSHOT_SCHEDULE` is set, snapshots are taken meanwhile; see `SnapshotSchedule`.
 *
 * @category running
 * @since 0.1.0
 */
export const listen = <E>(
  options: HttpOptions<E>
): Effect.Effect<Listening, Config.ConfigError | HttpSettingsError, Scope.Scope> =>
  Effect.gen(function*() {
    const { served, settings, version } = options
    const limits = yield* bounds
    const authentication = yield* Authentication.make(settings)
    const schedule = yield* SnapshotSchedule.settings
    const memoMap = yield* Layer.makeMemoMap
    const shared = yield* SharedLimits.make(memoMap)
    const gate = new HttpGate(settings, authentication, shared)
    const changes = ResourceChanges.make()
    const runtime = yield* runtimeOf(options, changes, memoMap)
    yield* prepare(runtime)
    const context = yield* Effect.context()
    const run = Effect.runForkWith(context)
    const mcp = yield* McpEndpoint.make({
      runtime,
      settings,
      bounds: limits,
      version,
      served,
      changes,
      shared,
      onError: (error) => void run(Effect.logDebug(safe(error.message)))
    })
    const scope = yield* Effect.scope
    const dashboardSettings = { ...yield* DashboardSettings.settings, ...options.dashboard }
    // Loaded when somebody first looks: programs need none of it.
    const dashboard = yield* Effect.cached(
      Effect.flatMap(Effect.promise(() => import("./http/Dashboard.ts")), ({ make }) =>
        make({ gate, runtime, settings: dashboardSettings, version })).pipe(Effect.provideService(Scope.Scope, scope), Effect.orDie)
    )
    let isOpen = true
    const underWay = new Set<ServerResponse>()
    const handle = Routes.make({ authentication, dashboard, gate, isOpen: () => isOpen, mcp, runtime, settings, version })

    const server = yield* makeServer(settings, (request, response) => {
      underWay.add(response)
      response.once("close", () => underWay.delete(response))
      // A socket that breaks is the client's loss.
      request.on("error", () => undefined)
      response.on("error", () => undefined)
      run(handle(request, response))
    })
    const url = yield* Effect.acquireRelease(bind(server, settings), () =>
      Effect.gen(function*() {
        isOpen = false
        server.close()
        server.closeIdleConnections()
        yield* Effect.promise(() => ended(underWay, mcp.isStream)).pipe(Effect.timeout("300 millis"), Effect.ignore)
        yield* Effect.promise(() => mcp.close()).pipe(Effect.timeout("300 millis"), Effect.ignore)
        server.closeAllConnections()
      }))
    if (schedule !== undefined) {
      yield* Effect.acquireRelease(
        Effect.sync(() => runtime.runFork(SnapshotSchedule.run(schedule))),
        (fiber) => Effect.ignore(Effect.timeout(Fiber.interrupt(fiber), "300 millis"))
      ).pipe(
        Effect.flatMap((fiber) => Effect.forkScoped(Fiber.await(fiber).pipe(
          // It never ends but with the server, or because what it needs cannot be built.
          Effect.tap((exit) =>
            exit._tag === "Success" || Cause.hasInterruptsOnly(exit.cause)
              ? Effect.void
              : Effect.logError(`No snapshots are taken by the schedule: ${safe(Cause.pretty(exit.cause))}`)
          )
        )))
      )
    }
    if (settings.tls === undefined && !isLoopback(settings.host)) {
      yield* Effect.logWarning("Tokens go over the network as they are: set MCP_TLS_CERT_FILE, or use a proxy that has TLS")
    }
    return { url }
  }).pipe(Effect.provideService(Logger.LogToStderr, true))

/** A stream for what the server says unasked never ends by itself. */
const ended = async (
  underWay: ReadonlySet<ServerResponse>,
  isStream: (response: ServerResponse) => boolean
): Promise<void> => {
  await Promise.all(
    [...underWay].filter((response) => !isStream(response) && !response.closed).map((response) => once(response, "close"))
  )
}

/** So much for headers, so long for them to come; bodies have their own limits. */
const limits = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2000
} as const

const maxConnections = 4096

const makeServer = Effect.fnUntraced(function*(
  settings: HttpSettings,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void
): Effect.fn.Return<Server, HttpSettingsError, Scope.Scope> {
  const all = { ...limits, requestTimeout: Math.max(settings.bodyTimeoutMs + 5000, limits.headersTimeout) }
  const { tls } = settings
  const certificate = tls === undefined ? undefined : yield* Certificates.read(tls)
  const server = certificate === undefined
    ? createServer(all, onRequest)
    : createTlsServer({ ...all, ...certificate, minVersion: Certificates.minVersion }, onRequest)
  if (server instanceof TlsServer && tls !== undefined && certificate !== undefined) {
    yield* Effect.forkScoped(Certificates.follow(server, tls, certificate))
  }
  server.maxConnections = maxConnections
  // So many are read that one too many is seen.
  server.maxHeadersCount = 256
  return server
})

const bind = (server: Server, { host, port, tls }: HttpSettings): Effect.Effect<string, HttpSettingsError> =>
  Effect.callback((resume) => {
    const onError = (cause: Error) =>
      resume(Effect.fail(
        new HttpSettingsError({
          problem: `The server cannot listen on ${host}, port ${port} (${codeOf(cause)}).`,
          remedy: "Set MCP_SERVER_HOST and MCP_SERVER_PORT to an address of this machine and a port that is free."
        })
      ))
    server.once("error", onError)
    server.listen(port, host.replaceAll(/[[\]]/gu, ""), () => {
      server.off("error", onError)
      const bound = server.address()
      const at = typeof bound === "object" && bound !== null ? bound.port : port
      const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
      resume(Effect.succeed(`${tls === undefined ? "http" : "https"}://${name}:${at}`))
    })
  })

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given"
