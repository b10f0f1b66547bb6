/**
 * The server that clients reach over Streamable HTTP, at `/mcp`.
 *
 * @since 0.1.0
 */
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import { safe } from "./ErrorSanitiser.ts"
import { bounds } from "./Guardrails.ts"
import * as Authentication from "./http/Authentication.ts"
import { HttpGate } from "./http/HttpGate.ts"
import { type HttpSettings, HttpSettingsError, isLoopback } from "./http/HttpSettings.ts"
import * as McpEndpoint from "./http/McpEndpoint.ts"
import * as Routes from "./http/Routes.ts"
import * as ResourceChanges from "./ResourceChanges.ts"
import { runtimeOf, type ServerOptions } from "./ServerOptions.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface HttpOptions<E> extends ServerOptions<E> {
  readonly settings: HttpSettings
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
 * `POST`, `GET` and `DELETE /mcp` are the protocol; `/health` says that the
 * server is alive, `/health/ready` whether what it needs is there; `/metrics`
 * is for Prometheus.
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
    const gate = new HttpGate(settings, authentication)
    const changes = ResourceChanges.make()
    const runtime = yield* runtimeOf(options, changes)
    const context = yield* Effect.context()
    const run = Effect.runForkWith(context)
    const mcp = yield* McpEndpoint.make({
      runtime,
      settings,
      bounds: limits,
      version,
      served,
      changes,
      onError: (error) => void run(Effect.logDebug(safe(error.message)))
    })
    let isOpen = true
    const underWay = new Set<ServerResponse>()
    const handle = Routes.make({ authentication, gate, isOpen: () => isOpen, mcp, runtime, settings, version })

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
): Effect.fn.Return<Server, HttpSettingsError> {
  const all = { ...limits, requestTimeout: Math.max(settings.bodyTimeoutMs + 5000, limits.headersTimeout) }
  const server = settings.tls === undefined
    ? createServer(all, onRequest)
    : createTlsServer({ ...all, minVersion: "TLSv1.2", ...yield* certificateOf(settings.tls) }, onRequest)
  server.maxConnections = maxConnections
  // So many are read that one too many is seen.
  server.maxHeadersCount = 256
  return server
})

const certificateOf = ({ certFile, keyFile }: NonNullable<HttpSettings["tls"]>) =>
  Effect.all({
    cert: readPem("MCP_TLS_CERT_FILE", certFile),
    key: readPem("MCP_TLS_KEY_FILE", keyFile)
  })

const readPem = (name: string, path: string) =>
  Effect.tryPromise({
    try: () => readFile(path),
    catch: (cause) =>
      new HttpSettingsError({ problem: `${name} cannot be read (${codeOf(cause)}).`, remedy: "Name a file in PEM format." })
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
