/**
 * One connection pool for all clients of all services.
 *
 * @since 0.1.0
 */
import { buildQueryString, HttpResponse } from "@smithy/core/protocols"
import type { HttpHandlerOptions, HttpRequest } from "@smithy/types"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { SecureContext } from "node:tls"
import { Agent, type Dispatcher } from "undici"
import { AnswerCollector } from "./AnswerCollector.ts"
import { AwsSettings } from "./AwsSettings.ts"
import { BodyPool } from "./BodyPool.ts"
import * as Proxies from "./Proxies.ts"
import * as ProxyRoutes from "./ProxyRoutes.ts"
import { ReadGate } from "./ReadGate.ts"
import * as TrustedRoots from "./TrustedRoots.ts"

/** What an SDK client needs of its request handler. */
export interface RequestHandler {
  readonly handle: (request: HttpRequest, options?: HttpHandlerOptions) => Promise<{ readonly response: HttpResponse }>
  readonly updateHttpClientConfig: () => void
  readonly httpHandlerConfigs: () => Record<string, never>
}

/**
 * The request handler that every SDK client shares. Without it each client
 * keeps sockets of its own: hundreds of pools, and a new TLS handshake for
 * almost every call of a wide scan.
 *
 * An answer's body is one `Buffer`, whole and no larger than `maxAnswerBytes`
 * of `AnswerCollector`; anything else is an error. Whoever has decoded it may
 * give it back by `release` of `BodyPool`.
 *
 * @category services
 * @since 0.1.0
 */
export class HttpTransport extends Context.Service<HttpTransport, {
  readonly handler: RequestHandler
  /**
   * The handler for calls of a profile, which may trust other certificates than
   * the one in use; most often it is the same. Fails where they cannot be read.
   */
  readonly ofProfile: (profile: string) => Effect.Effect<RequestHandler, Config.ConfigError>
}>()("@cadastre/client-factory/HttpTransport") {
  /**
   * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and `AWS_CA_BUNDLE` or the
   * profile's `ca_bundle`. Without any of them calls go straight to where they
   * are sent, and the machine's certificates are trusted.
   */
  static readonly layer = Layer.effect(
    HttpTransport,
    Effect.gen(function*() {
      const { endpointUrl, profile } = yield* AwsSettings
      const proxyOf = yield* Proxies.fromEnvironment
      const context = yield* Effect.context()
      const scope = yield* Effect.scope
      const pool = new BodyPool()
      const gate = new ReadGate()
      const handlers = new Map<string | undefined, RequestHandler>()

      const make = Effect.fnUntraced(function*(roots: SecureContext | undefined) {
        const agent = yield* Effect.acquireRelease(
          Effect.sync(() => new Agent({ connections: 256, pipelining: 1, connect: connecting(roots) })),
          (agent) => Effect.promise(() => agent.destroy())
        )
        const routes = proxyOf === undefined ? agent : yield* Effect.acquireRelease(
          Effect.sync(() => ProxyRoutes.make(agent, proxyOf, roots)),
          (routes) => Effect.promise(() => routes.destroy())
        )
        return {
          handle: (request: HttpRequest, options?: HttpHandlerOptions) => exchange(routes, pool, gate, request, options),
          // A client that is destroyed or reconfigured must not touch what the others use.
          updateHttpClientConfig: () => {},
          httpHandlerConfigs: () => ({})
        } satisfies RequestHandler
      }, Effect.provideService(Scope.Scope, scope))

      const trusting = Effect.fnUntraced(function*(bundle: TrustedRoots.Bundle | undefined) {
        const known = handlers.get(bundle?.path)
        if (known !== undefined) return known
        const made = yield* make(bundle === undefined ? undefined : yield* TrustedRoots.read(bundle))
        handlers.set(bundle?.path, made)
        return made
      })

      // What is called without TLS has no certificates.
      const isPlain = endpointUrl?.startsWith("http:") === true
      const ofProfile = (name: string | undefined) =>
        isPlain ? trusting(undefined) : Effect.flatMap(TrustedRoots.bundleOf(name), trusting)

      return HttpTransport.of({
        handler: yield* ofProfile(profile),
        ofProfile: (name) => Effect.provide(ofProfile(name), context)
      })
    })
  )
}

/** How a connection is made. */
const connecting = (roots: SecureContext | undefined) => ({
  timeout: 10_000,
  ...(roots === undefined ? {} : { secureContext: roots })
})

const exchange = (
  dispatcher: Pick<Dispatcher, "dispatch">,
  pool: BodyPool,
  gate: ReadGate,
  { body, headers, hostname, method, path, port, protocol, query }: HttpRequest,
  options: HttpHandlerOptions | undefined
): Promise<{ readonly response: HttpResponse }> =>
  // @effect-diagnostics-next-line newPromise:off -- the SDK's contract is a promise
  new Promise((resolve, reject) => {
    const search = query === undefined ? "" : buildQueryString(query)
    const collector = new AnswerCollector(
      pool,
      gate,
      (answer) => resolve({ response: new HttpResponse(answer) }),
      reject,
      options?.abortSignal
    )
    if (collector.isSettled) return
    dispatcher.dispatch({
      origin: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`,
      path: search === "" ? path : `${path}?${search}`,
      method,
      headers,
      body: body === undefined || body === "" ? null : body as string | Uint8Array
    }, collector)
  })
