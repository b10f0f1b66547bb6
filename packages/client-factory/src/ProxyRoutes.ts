/**
 * Calls through a proxy.
 *
 * @since 0.1.0
 */
import type { SecureContext } from "node:tls"
import { Agent, buildConnector, type Dispatcher, Pool } from "undici"
import type { Proxy, ProxyOf } from "./Proxies.ts"
import { authorizationOf, cannotReach, connectMs, explained, passwordWanted, ProxyTunnel } from "./ProxyTunnel.ts"

/**
 * What requests are handed to; `destroy` ends all its connections.
 *
 * @category models
 * @since 0.1.0
 */
export type Routes = Pick<Dispatcher, "dispatch"> & { readonly destroy: () => Promise<void> }

/** The way to a host through a proxy; `plain`: by handing it the request, not by a tunnel. */
interface Way {
  readonly proxy: Proxy
  readonly dispatcher: Dispatcher
  readonly plain?: { readonly origin: string; readonly headers: Readonly<Record<string, string>> }
}

/**
 * Sends each request the way that `proxyOf` says: through a proxy, with a tunnel
 * for what is called over TLS, or by `direct`. `direct` stays the caller's.
 *
 * What fails on the way says which proxy it was, and what to do; never its
 * password. `roots` are the certificates trusted, where they are not the
 * machine's.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (direct: Dispatcher, proxyOf: ProxyOf, roots: SecureContext | undefined): Routes => {
  const tunnels: Array<ProxyTunnel> = []
  const dispatchers = new Map<string, Dispatcher>()
  const ways = new Map<string, Way | undefined>()

  /** One set of connections for each proxy and manner. */
  const once = (key: string, make: () => Dispatcher): Dispatcher => {
    const dispatcher = dispatchers.get(key) ?? make()
    dispatchers.set(key, dispatcher)
    return dispatcher
  }

  const tunnelled = (proxy: Proxy): Way => ({
    proxy,
    dispatcher: once(`tunnel ${proxy.url}`, () => {
      const tunnel = new ProxyTunnel(proxy, roots)
      tunnels.push(tunnel)
      return new Agent({ connections: 256, pipelining: 1, connect: tunnel.connect })
    })
  })

  const handedOver = (proxy: Proxy): Way => {
    const { hostname, origin } = new URL(proxy.url)
    const connect = buildConnector({ timeout: connectMs, ...(roots === undefined ? {} : { secureContext: roots }) })
    const dispatcher = once(`plain ${proxy.url}`, () =>
      new Pool(origin, {
        connections: 256,
        pipelining: 1,
        // The certificate is the proxy's, not that of the host that the request is for.
        connect: (options, callback) => connect({ ...options, servername: hostname }, callback)
      }))
    return { proxy, dispatcher, plain: { origin, headers: authorizationOf(proxy) } }
  }

  const wayOf = (origin: string): Way | undefined => {
    if (ways.has(origin)) return ways.get(origin)
    const url = new URL(origin)
    const proxy = proxyOf(url)
    const way = proxy === undefined ? undefined : url.protocol === "https:" ? tunnelled(proxy) : handedOver(proxy)
    ways.set(origin, way)
    return way
  }

  return {
    dispatch: (options, handler) => {
      const origin = String(options.origin)
      const way = wayOf(origin)
      if (way === undefined) return direct.dispatch(options, handler)
      const exchange = new ProxiedExchange(handler, way)
      if (way.plain === undefined) return way.dispatcher.dispatch(options, exchange)
      const headers = { ...(options.headers as Readonly<Record<string, string>>), ...way.plain.headers }
      return way.dispatcher.dispatch({ ...options, origin: way.plain.origin, path: `${origin}${options.path}`, headers }, exchange)
    },
    destroy: async () => {
      for (const tunnel of tunnels) tunnel.destroy()
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
    }
  }
}

/** Hands on what undici reports, with errors that say what a proxy has to do with them. */
class ProxiedExchange implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler
  readonly #way: Way

  constructor(handler: Dispatcher.DispatchHandler, way: Way) {
    this.#handler = handler
    this.#way = way
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: object): void {
    this.#handler.onRequestStart?.(controller, context)
  }

  onResponseStart(...answer: Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>): void {
    const [controller, status] = answer
    // No service of AWS answers so.
    if (status === 407) return this.#handler.onResponseError?.(controller, passwordWanted(this.#way.proxy))
    this.#handler.onResponseStart?.(...answer)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd(...end: Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseEnd"]>>): void {
    this.#handler.onResponseEnd?.(...end)
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error & { readonly code?: unknown }): void {
    const { plain, proxy } = this.#way
    const isBefore = plain !== undefined && ("syscall" in error || error.code === "UND_ERR_CONNECT_TIMEOUT")
    this.#handler.onResponseError?.(controller, isBefore ? cannotReach(error, proxy) : explained(error, proxy))
  }
}
