/**
 * One read of a resource, or one use of a prompt: guarded, counted and written
 * to the audit trail as calls of tools are.
 *
 * What a tool would answer, a resource answers too: reads count in the same
 * budget of the session. There is no loop in them, because a client reads again
 * whenever a resource has changed. A prompt is the user's and calls nothing: it
 * counts in no budget. Completions are made for every key that is pressed: they
 * count in no budget, and leave no row.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuditTrail } from "./AuditTrail.ts"
import * as CorrelationId from "./CorrelationId.ts"
import { redacted, safe } from "./ErrorSanitiser.ts"
import { CallRefused, countRefusal, type Session } from "./Guardrails.ts"
import { tooLarge } from "./InputLimits.ts"
import type { ToolError } from "./Tool.ts"

/**
 * - `action`: what it is in the audit trail, such as `resources/read`
 * - `parameters`: what came of the client
 * - `counts`: whether it takes one of the calls of the session
 *
 * @category models
 * @since 0.1.0
 */
export interface Guarded<A, R> {
  readonly action: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly counts: boolean
  readonly answer: Effect.Effect<A, ToolError, R>
}

/** It took longer than it may. */
class RequestTimedOut extends Schema.TaggedError<RequestTimedOut>()("RequestTimedOut", {
  action: Schema.String,
  seconds: Schema.Finite
}) {
  override get message(): string {
    return `${this.action} was ended after ${this.seconds} seconds (TOOL_TIMEOUT_SECONDS). Try again.`
  }
}

/**
 * How it ended. Never fails but by interruption; also then there is a row in the
 * audit trail.
 *
 * @category running
 * @since 0.1.0
 */
export const run = <A, R>(
  session: Session,
  request: Guarded<A, R>
): Effect.Effect<{ readonly correlationId: string; readonly exit: Exit.Exit<A, ToolError> }, never, R | AuditTrail> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const trail = yield* AuditTrail
      const correlationId = yield* CorrelationId.make
      const at = yield* Clock.currentTimeMillis
      const exit = yield* Effect.exit(
        restore(answerOf(session, request, at)).pipe(
          Effect.tapCause((cause) => Cause.hasDies(cause) ? Effect.logError(safe(Cause.pretty(cause), 4000)) : Effect.void),
          Effect.annotateLogs({ correlationId })
        )
      )
      const error = Exit.isSuccess(exit) ? undefined : errorOf(exit.cause)
      const outcome = error === undefined ? "success" : error.isRefusal ? "refused" : "failure"
      yield* Metric.update(Metric.withAttributes(requests, { method: request.action, outcome }), 1)
      if (error?.isRefusal === true) yield* countRefusal(error.name)
      yield* Effect.annotateCurrentSpan({ "cadastre.outcome": outcome, "cadastre.correlation_id": correlationId })
      yield* trail.append({
        at,
        correlationId,
        session: session.id,
        ...(session.principal === undefined ? {} : { principal: session.principal }),
        action: request.action,
        // What is too large to be asked for is too large to be kept.
        parameters: tooLarge(request.parameters) === undefined ? redacted(request.parameters) : null,
        outcome,
        ...(error === undefined ? {} : { error: error.name }),
        durationMs: Math.max(0, (yield* Clock.currentTimeMillis) - at)
      })
      return Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
        ? yield* Effect.interrupt
        : { correlationId, exit }
    })
  ).pipe(Effect.withSpan(request.action, { kind: "server" }))

const answerOf = Effect.fnUntraced(function*<A, R>(
  session: Session,
  { action, answer, counts, parameters }: Guarded<A, R>,
  now: number
): Effect.fn.Return<A, ToolError, R> {
  const problem = tooLarge(parameters)
  if (problem !== undefined) {
    return yield* new CallRefused({ guardrail: "InputLimits", why: `Refused: ${problem}.`, remedy: "Ask for less at once." })
  }
  const spent = counts ? yield* session.takeCall(now) : undefined
  if (spent !== undefined) {
    return yield* new CallRefused({
      guardrail: "CallBudget",
      why: `This session has made its ${session.budget.limit} calls (MAX_TOOL_CALLS_PER_SESSION): refused.`,
      remedy: `Go on with what you have, or try again in ${Math.ceil(spent / 1000)} seconds.`
    })
  }
  return yield* Effect.timeoutOrElse(answer, {
    duration: session.bounds.timeLimitMs,
    orElse: () => Effect.fail(new RequestTimedOut({ action, seconds: session.bounds.timeLimitMs / 1000 }))
  })
})

const errorOf = (cause: Cause.Cause<ToolError>): { readonly name: string; readonly isRefusal: boolean } => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof CallRefused) return { name: error.guardrail, isRefusal: true }
  return { name: error?._tag ?? (Cause.hasInterruptsOnly(cause) ? "Interrupted" : "Defect"), isRefusal: false }
}

const requests = Metric.counter("cadastre_mcp_requests_total", {
  description: "Reads of resources and uses of prompts, by how they ended",
  incremental: true
})
