/**
 * The proxies that the environment names, and which calls go through them.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BlockList, isIP } from "node:net"

/**
 * A proxy. `url` holds its user and password, where it has them, and is never
 * written anywhere; `name` is what people are told, `host:port`. `variable` is
 * where it was named.
 *
 * @category models
 * @since 0.1.0
 */
export interface Proxy {
  readonly variable: string
  readonly url: string
  readonly name: string
  readonly hasCredentials: boolean
}

/**
 * The proxy that calls to an address go through; `undefined` for those that go
 * straight there.
 *
 * @category models
 * @since 0.1.0
 */
export type ProxyOf = (origin: URL) => Proxy | undefined

/**
 * The proxies of `HTTPS_PROXY` (for what is called over TLS) and `HTTP_PROXY`
 * (for the rest), but not for the hosts of `NO_PROXY`; written small they come
 * first, as with the AWS CLI. `undefined` where none is set.
 *
 * `NO_PROXY` is a list of names, each with the hosts below it (`*.name` and no
 * more: only those), addresses, networks as `10.0.0.0/8`, each also with a port,
 * or `*` for everything. This machine and its link (`localhost`, `127.0.0.0/8`,
 * `169.254.0.0/16` with the instance's metadata) have no proxy, ever.
 *
 * Fails with a `ConfigError` that names the variable, not its value: there is a
 * password in it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromEnvironment: Effect.Effect<ProxyOf | undefined, Config.ConfigError> = Effect.gen(function*() {
  const https = yield* proxyNamed("HTTPS_PROXY")
  const http = yield* proxyNamed("HTTP_PROXY")
  if (https === undefined && http === undefined) return undefined
  const isLeftOut = leftOutBy((yield* variable("NO_PROXY")).text)
  return (origin) => {
    const proxy = origin.protocol === "https:" ? https : http
    return proxy === undefined || isLeftOut(origin) ? undefined : proxy
  }
})

/** A variable by its small name, else by the other; empty is not set. */
const variable = Effect.fnUntraced(function*(name: string) {
  const small = yield* Config.withDefault(Config.String(name.toLowerCase()), undefined)
  const text = small ?? (yield* Config.withDefault(Config.String(name), ""))
  return { name: small === undefined ? name : name.toLowerCase(), text: text.trim() }
})

const proxyNamed = Effect.fnUntraced(function*(upper: string): Effect.fn.Return<Proxy | undefined, Config.ConfigError> {
  const { name, text } = yield* variable(upper)
  if (text === "") return undefined
  const url = addressIn(text)
  if (typeof url === "string") {
    // Its value is looked at once more only to fail as other settings do.
    yield* Config.schema(Schema.String.check(Schema.makeFilter(() => `${name} ${url}`)), name)
    return undefined
  }
  const port = url.port === "" ? url.protocol === "https:" ? "443" : "80" : url.port
  return { variable: name, url: url.href, name: `${url.hostname}:${port}`, hasCredentials: url.username !== "" }
})

/** A proxy's address, or what is wrong with it, without a word of it. */
const addressIn = (text: string): URL | string => {
  const whole = /^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : `http://${text.replace(/^\/\//u, "")}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  const isWhole = url !== undefined && url.hostname !== "" && url.search === "" && url.hash === "" &&
    // An @ behind what reads as the host: the password has a character that ends it.
    (url.username !== "" || !text.includes("@")) && isDecodable(url.username) && isDecodable(url.password)
  if (!isWhole) {
    return "is no address of a proxy: write http://host:port, or http://user:password@host:port with %40 for an @ " +
      "in the password, %2F for a / and the like"
  }
  return url.protocol === "http:" || url.protocol === "https:"
    ? url
    : "names a proxy of another kind: write one that begins with http:// or https://"
}

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** One entry of `NO_PROXY`. `port` undefined: all of them. */
type Entry = (host: string, port: number) => boolean

/**
 * Reads a `NO_PROXY`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const leftOutBy = (noProxy: string): (origin: URL) => boolean => {
  const entries = noProxy.split(/[\s,]+/u).filter((entry) => entry !== "").map(entryOf)
  return ({ hostname, port: said, protocol }) => {
    const host = bare(hostname)
    const port = said === "" ? protocol === "https:" ? 443 : 80 : Number(said)
    return isNear(host) || entries.some((isMeant) => isMeant(host, port))
  }
}

/** A host as it is compared: without brackets and the dot at its end. */
const bare = (host: string): string => host.toLowerCase().replace(/^\[(.+)\]$/u, "$1").replace(/(?<=.)\.$/u, "")

const entryOf = (entry: string): Entry => {
  // Of an address of IPv6, whose colons are its own, a port stands behind brackets.
  const [, before = entry, port] = /^(\[.+\]|[^:]+):(\d+)$/u.exec(entry) ?? []
  const isPort = (at: number) => port === undefined || Number(port) === at
  if (before === "*") return (_, at) => isPort(at)
  const [, network = "", bits] = /^(.+)\/(\d{1,3})$/u.exec(before) ?? []
  const family = isIP(bare(network))
  if (bits !== undefined && family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)) {
    const hosts = new BlockList()
    hosts.addSubnet(bare(network), Number(bits), `ipv${family as 4 | 6}`)
    return (host, at) => isPort(at) && isIn(hosts, host)
  }
  const name = bare(before).replace(/^\*?\./u, "")
  const isBelowOnly = before.startsWith("*")
  return (host, at) => isPort(at) && ((host === name && !isBelowOnly) || host.endsWith(`.${name}`))
}

const isIn = (hosts: BlockList, host: string): boolean => {
  const family = isIP(host)
  return family !== 0 && hosts.check(host, family === 4 ? "ipv4" : "ipv6")
}

const nearby = new BlockList()
nearby.addSubnet("127.0.0.0", 8, "ipv4")
nearby.addSubnet("169.254.0.0", 16, "ipv4")
nearby.addAddress("::1", "ipv6")
nearby.addSubnet("fe80::", 10, "ipv6")
// Instance metadata and the credentials of pods, over IPv6.
nearby.addSubnet("fd00:ec2::", 32, "ipv6")

/** On this machine or its link, where no proxy leads to. */
const isNear = (host: string): boolean => host === "localhost" || host.endsWith(".localhost") || isIn(nearby, host)
