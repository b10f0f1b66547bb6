/**
 * The trace that a call belongs to, as its client says.
 *
 * @since 0.1.0
 */
import type { ServerContext } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/** A later version may have more after it. */
const form = /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/u

/**
 * What a `traceparent` names; nothing where it is none, for a call does not fail for it.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: unknown): Tracer.ExternalSpan | undefined => {
  if (typeof text !== "string" || text.length > 512) return undefined
  const { flags = "", more, spanId = "", traceId = "", version } = form.exec(text.trim())?.groups ?? {}
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined
  if (/^0+$/u.test(traceId) || /^0+$/u.test(spanId)) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 })
}

/**
 * Goes on with the trace of the client: the one in `_meta.traceparent` of its
 * request, which every transport has, or else in the header of that name. A trace that the client
 * does not keep is not kept here either.
 *
 * @see https://modelcontextprotocol.io/seps/414-request-meta
 * @category combinators
 * @since 0.1.0
 */
export const of = ({ http, mcpReq }: Pick<ServerContext, "http" | "mcpReq">) => <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const parent = parse(mcpReq._meta?.["traceparent"]) ?? parse(http?.req?.headers.get("traceparent"))
  return parent === undefined ? work : Effect.withParentSpan(work, parent)
}
