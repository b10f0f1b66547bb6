/**
 * One connection pool for all clients of all services.
 *
 * @since 0.1.0
 */
import { Readable } from "node:stream"
import type { HttpHandlerOptions } from "@smithy/types"
import { UndiciHttpHandler } from "@smithy/undici-http-handler"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Agent } from "undici"

type Request = Parameters<UndiciHttpHandler["handle"]>[0]

/** What an SDK client needs of its request handler. */
export interface RequestHandler {
  readonly handle: (request: Request, options?: HttpHandlerOptions) => ReturnType<UndiciHttpHandler["handle"]>
  readonly updateHttpClientConfig: () => void
  readonly httpHandlerConfigs: () => Record<string, never>
}

/**
 * A successful answer without a single byte. No operation that we call has one:
 * some of the SDK's readers would take it for an answer without any items.
 *
 * @category errors
 * @since 0.1.0
 */
class EmptyAnswer extends Error {
  override readonly name = "EmptyAnswer"
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(status: number) {
    super("the answer is empty")
    this.$metadata = { httpStatusCode: status }
  }
}

type Handled = Awaited<ReturnType<UndiciHttpHandler["handle"]>>

const notEmpty = (handled: Handled): Handled => {
  const { headers, statusCode } = handled.response
  if (statusCode >= 300 || headers["content-length"] !== "0") return handled
  const body: unknown = handled.response.body
  if (body instanceof Readable) body.resume()
  throw new EmptyAnswer(statusCode)
}

/**
 * The request handler that every SDK client shares. Without it each client
 * keeps sockets of its own: hundreds of pools, and a new TLS handshake for
 * almost every call of a wide scan.
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
      const dispatcher = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ connections: 256, pipelining: 1, connect: { timeout: 10_000 } })),
        (agent) => Effect.promise(() => agent.destroy())
      )
      const undici = new UndiciHttpHandler({ dispatcher })
      return HttpTransport.of({
        handler: {
          handle: async (request, options) => notEmpty(await undici.handle(request, options)),
          // A client that is destroyed or reconfigured must not touch what the others use.
          updateHttpClientConfig: () => {},
          httpHandlerConfigs: () => ({})
        }
      })
    })
  )
}
