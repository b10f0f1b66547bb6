/**
 * Why a request of the protocol that is no call of a tool has no answer. Never a
 * credential, a path of this machine, or a stack trace.
 *
 * @since 0.1.0
 */
import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from "@modelcontextprotocol/server"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { metaKey } from "../CorrelationId.ts"
import { CallRefused } from "../Guardrails.ts"
import { NotFound } from "../Resource.ts"
import { explain } from "../ToolFailure.ts"

/**
 * The error that the protocol answers with.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (cause: Cause.Cause<unknown>, correlationId?: string): ProtocolError => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof NotFound) return new ResourceNotFoundError(error.uri, error.message)
  const code = error instanceof CallRefused
    ? ProtocolErrorCode.InvalidRequest
    : isMistake(error)
    ? ProtocolErrorCode.InvalidParams
    : ProtocolErrorCode.InternalError
  return new ProtocolError(code, explain(cause), correlationId === undefined ? undefined : { [metaKey]: correlationId })
}

/** The client's mistake rather than ours or AWS's. */
const isMistake = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "_tag" in error &&
  (error._tag === "UnknownTypeError" || error._tag === "UnknownPrompt" || error._tag === "WrongArguments" ||
    error._tag === "UnknownReference")

/**
 * More is asked for at once than one connection may have.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tooMany = (limit: number): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidRequest, `A connection has at most ${limit} subscriptions: end some of them.`)
