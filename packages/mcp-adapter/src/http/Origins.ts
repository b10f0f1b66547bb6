/**
 * Which names this server answers to, and which web pages may call it: what
 * keeps a page in somebody's browser from calling the server on their machine
 * (DNS rebinding, cross-site requests).
 *
 * @since 0.1.0
 */
import type { IncomingMessage } from "node:http"
import { localhostAllowedHostnames, validateHostHeader } from "@modelcontextprotocol/server"
import type { HttpSettings } from "./HttpSettings.ts"

/**
 * Whether a request's `Host` is one of ours.
 *
 * @category guards
 * @since 0.1.0
 */
export const isOurHost = (
  { allowedHosts, host, oauth }: Pick<HttpSettings, "allowedHosts" | "host" | "oauth">,
  request: IncomingMessage
): boolean => {
  const names = [
    ...localhostAllowedHostnames(),
    host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase(),
    ...allowedHosts,
    ...(oauth?.resource === undefined ? [] : [new URL(oauth.resource).hostname])
  ]
  const { host: given } = request.headers
  return validateHostHeader(given, names).ok && request.headersDistinct["host"]?.length === 1
}

/**
 * The headers that let a page of an origin call and read the answer; `undefined`
 * when it may not. A program that is no browser has no origin; a page of our own may.
 *
 * @category getters
 * @since 0.1.0
 */
export const corsHeaders = (
  corsOrigins: ReadonlyArray<string>,
  ourOrigin: string,
  origin: string | undefined
): Readonly<Record<string, string>> | undefined => {
  if (origin === undefined) return {}
  if (origin === ourOrigin) return {}
  return corsOrigins.includes(origin)
    ? {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After",
      vary: "Origin"
    }
    : undefined
}

/**
 * What a browser is told that asks first whether it may.
 *
 * @category constants
 * @since 0.1.0
 */
export const preflightHeaders: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers":
    "Accept, Authorization, Content-Type, Last-Event-ID, Mcp-Method, Mcp-Name, Mcp-Protocol-Version, Mcp-Session-Id, Traceparent, Tracestate",
  "access-control-max-age": "600"
}
