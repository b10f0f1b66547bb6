/**
 * One connection pool for all clients of all services.
 *
 * @since 0.1.0
 */
import { buildQueryString, HttpResponse } from "@smithy/core/protocols"
import type { HttpHandlerOptions, HttpRequest } from "@smithy/types"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Agent, type Dispatcher } from "undici"
import { AnswerCollector } from "./AnswerCollector.ts"
import { BodyPool } from "./BodyPool.ts"
import { ReadGate } from "./ReadGate.ts"

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
}>()("@cadastre/client-factory/HttpTransport") {
  static readonly layer = Layer.effect(
    HttpTransport,
    Effect.gen(function*() {
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ connections: 256, pipelining: 1, connect: { timeout: 10_000 } })),
        (agent) => Effect.promise(() => agent.destroy())
      )
      const pool = new BodyPool()
      const gate = new ReadGate()
      return HttpTransport.of({
        handler: {
          handle: (request, options) => exchange(agent, pool, gate, request, options),
          // A client that is destroyed or reconfigured must not touch what the others use.
          updateHttpClientConfig: () => {},
          httpHandlerConfigs: () => ({})
        }
      })
    })
  )
}

const exchange = (
  dispatcher: Dispatcher,
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
