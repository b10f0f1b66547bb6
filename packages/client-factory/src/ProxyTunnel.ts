/**
 * Connections that lead through a proxy, opened by CONNECT.
 *
 * @since 0.1.0
 */
import { type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http"
import { request as requestSecure } from "node:https"
import type { Socket } from "node:net"
import type { SecureContext } from "node:tls"
import { buildConnector } from "undici"
import type { Proxy } from "./Proxies.ts"

/**
 * How long a proxy may take to open a connection, in milliseconds: as long as a
 * connection without one may.
 *
 * @category constants
 * @since 0.1.0
 */
export const connectMs = 10_000

/**
 * Opens connections through one proxy. `connect` is what undici opens its
 * connections by; each is spoken TLS over to the host behind. `roots` are the
 * certificates trusted, where they are not the machine's; `withinMs` is how long
 * the proxy may take.
 *
 * @category models
 * @since 0.1.0
 */
export class ProxyTunnel {
  readonly connect: buildConnector.connector
  readonly #proxy: Proxy
  readonly #roots: { readonly secureContext?: SecureContext }
  readonly #withinMs: number
  readonly #asking = new Set<ClientRequest>()

  constructor(proxy: Proxy, roots: SecureContext | undefined, withinMs: number = connectMs) {
    this.#proxy = proxy
    this.#withinMs = withinMs
    this.#roots = roots === undefined ? {} : { secureContext: roots }
    const secure = buildConnector({ timeout: connectMs, ...this.#roots })
    this.connect = (options, callback) => {
      const { hostname, port } = options
      this.#open(`${hostname.includes(":") ? `[${hostname}]` : hostname}:${port === "" || !port ? 443 : port}`).then(
        (httpSocket) => secure({ ...options, httpSocket }, callback),
        (error: Error) => callback(error, null)
      )
    }
  }

  /** Stops asking for what nobody waits for any more. */
  destroy(): void {
    for (const asking of this.#asking) asking.destroy()
  }

  #open(target: string): Promise<Socket> {
    const { hostname, port, protocol } = new URL(this.#proxy.url)
    const isSecure = protocol === "https:"
    // @effect-diagnostics-next-line newPromise:off -- it is answered by events, for a callback of undici's
    return new Promise((resolve, reject) => {
      const asking = (isSecure ? requestSecure : requestPlain)({
        method: "CONNECT",
        host: hostname.replace(/^\[(.+)\]$/u, "$1"),
        port: port === "" ? (isSecure ? 443 : 80) : Number(port),
        path: target,
        headers: { host: target, ...authorizationOf(this.#proxy) },
        agent: false,
        ...this.#roots
      })
      this.#asking.add(asking)
      const end = (settle: () => void): void => {
        clearTimeout(overdue)
        this.#asking.delete(asking)
        settle()
      }
      const overdue = setTimeout(() => {
        const { name, variable } = this.#proxy
        const message = `the proxy ${name} of ${variable} has not opened a connection to ${target} within ${this.#withinMs / 1000} s: ` +
          `check ${variable}`
        asking.destroy(new ProxyFault("TimeoutError", message))
      }, this.#withinMs)
      asking.once("connect", (answer: IncomingMessage, socket: Socket, head: Buffer) =>
        end(() => {
          const { statusCode = 0 } = answer
          if (statusCode >= 200 && statusCode < 300) {
            if (head.length > 0) socket.unshift(head)
            return resolve(socket)
          }
          socket.on("error", () => {}).destroy()
          reject(refusal(statusCode, target, this.#proxy))
        }))
      // Stays: what is destroyed may say so once more.
      asking.on("error", (error) => end(() => reject(cannotReach(error, this.#proxy))))
      asking.end()
    })
  }
}

/**
 * What a proxy is told to know who asks.
 *
 * @category getters
 * @since 0.1.0
 */
export const authorizationOf = ({ hasCredentials, url }: Proxy): Readonly<Record<string, string>> => {
  if (!hasCredentials) return {}
  const { password, username } = new URL(url)
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { "proxy-authorization": `Basic ${Buffer.from(both).toString("base64")}` }
}

/** Says all there is to say, for people. `name` is what classifies it. */
class ProxyFault extends Error {
  override readonly name: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** Errors of this name are read as the network's, and the call may pass when made again. */
const network = "RequestTimeout"

type Fault = Error & { readonly code?: unknown }

/**
 * The error for a proxy that asks for a password, or does not accept the one it
 * is given. Not repeated: wrong passwords may lock their user out.
 *
 * @category errors
 * @since 0.1.0
 */
export const passwordWanted = ({ hasCredentials, name, variable }: Proxy): Error =>
  new ProxyFault(
    "ProxyAuthenticationRequired",
    hasCredentials
      ? `the proxy ${name} of ${variable} does not accept the user and password that it is given (HTTP 407): correct them ` +
        `in ${variable}, with %40 for an @ in them, %23 for a # and the like`
      : `the proxy ${name} of ${variable} asks for a user and a password (HTTP 407): write them into ${variable}, as ` +
        `http://user:password@${name}; one that asks for NTLM or Kerberos needs a proxy of your own before it that speaks these`
  )

const refusal = (status: number, target: string, proxy: Proxy): Error => {
  const the = `the proxy ${proxy.name} of ${proxy.variable}`
  if (status === 407) return passwordWanted(proxy)
  return status >= 500
    ? new ProxyFault(network, `${the} cannot connect to ${target} (HTTP ${status})`)
    : new ProxyFault(
      "ProxyRefused",
      `${the} refuses to connect to ${target} (HTTP ${status}): have it allowed there, or list the host in NO_PROXY if it ` +
        "can be reached without a proxy"
    )
}

/**
 * The error for a proxy that there is no connection to.
 *
 * @category errors
 * @since 0.1.0
 */
export const cannotReach = (error: Fault, { name, url, variable }: Proxy): Error => {
  if (error instanceof ProxyFault) return error
  const the = `the proxy ${name} of ${variable}`
  const code = typeof error.code === "string" ? error.code : ""
  if (url.startsWith("https:") && (code === "EPROTO" || code.startsWith("ERR_SSL_"))) {
    return new ProxyFault("ProxyRefused", `${the} does not speak TLS: most proxies are named with http://, also in HTTPS_PROXY`)
  }
  // Of several addresses tried, none: the error itself has no word then.
  const what = error.message === "" ? code : error.message
  const isCertificate = /CERT|_SIGNATURE|^ERR_TLS/u.test(code)
  return new ProxyFault(
    isCertificate ? "ProxyRefused" : network,
    `${the} cannot be reached: ${what}: ` + (isCertificate
      ? "name the file of the root of its certificate in AWS_CA_BUNDLE"
      : `check ${variable}, or unset it if no proxy is needed here`)
  )
}

/**
 * An error of a connection that leads through a proxy: it says so.
 *
 * @category combinators
 * @since 0.1.0
 */
export const explained = (error: Error, { name, variable }: Proxy): Error => {
  if (error instanceof ProxyFault || error.name === "AbortError" || error.message === "Request aborted") return error
  error.message += ` (through the proxy ${name} of ${variable})`
  return error
}
