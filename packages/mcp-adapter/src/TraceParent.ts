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

const stateKey = /^(?:[a-z][\w*/-]{0,255}|[a-z\d][\w*/-]{0,240}@[a-z][\w*/-]{0,13})$/u
const stateValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/u

/**
 * A `tracestate`, without what may stand between its members; nothing where a part of it is none, as the standard has it, or
 * where it has more than 32 members or 1,024 characters.
 *
 * @see https://www.w3.org/TR/trace-context/#tracestate-header
 * @category constructors
 * @since 0.1.0
 */
export const stateOf = (text: unknown): string | undefined => {
  if (typeof text !== "string" || text.length > 1024) return undefined
  const members = text.split(",").map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/gu, "")).filter((member) => member !== "")
  const keys = members.map((member) => {
    const [key = "", value = "", ...rest] = member.split("=")
    return stateKey.test(key) && key === key.toLowerCase() && stateValue.test(value) && rest.length === 0 ? key : undefined
  })
  const isWhole = members.length > 0 && members.length <= 32 && !keys.includes(undefined) && new Set(keys).size === keys.length
  return isWhole ? members.join(",") : undefined
}

/**
 * What a span carries its `tracestate` in until it leaves the process, where it has a place of its own.
 *
 * @category constants
 * @since 0.1.0
 */
export const stateAttribute = "cadastre.tracestate"

/**
 * Goes on with the trace of the client: the one in `_meta.traceparent` of its
 * request, which every transport has, or else in the header of that name; with the `tracestate` that is in the same place. A
 * trace that the client does not keep is not kept here either.
 *
 * @see https://modelcontextprotocol.io/seps/414-request-meta
 * @category combinators
 * @since 0.1.0
 */
export const of = ({ http, mcpReq }: Pick<ServerContext, "http" | "mcpReq">) => <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const headers = http?.req?.headers
  for (const [given, state] of [
    [mcpReq._meta?.["traceparent"], mcpReq._meta?.["tracestate"]],
    [headers?.get("traceparent"), headers?.get("tracestate")]
  ]) {
    const parent = parse(given)
    if (parent === undefined) continue
    const carried = stateOf(state)
    return Effect.withParentSpan(carried === undefined ? work : Effect.annotateSpans(work, stateAttribute, carried), parent)
  }
  return work
}
