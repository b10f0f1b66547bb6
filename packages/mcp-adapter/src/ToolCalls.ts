/**
 * One call of a tool, from what the client sent to what it hears: checked by the
 * guardrails, read, answered, counted and written to the audit trail.
 *
 * @since 0.1.0
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
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
import { ownerOf } from "./ScanHandles.ts"
import type { Answer, Call, Tool, ToolError } from "./Tool.ts"

/**
 * There is no such tool.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownTool extends Schema.TaggedError<UnknownTool>()("UnknownTool", {
  name: Schema.String,
  tools: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Tool "${this.name}" not found. Tools: ${this.tools.join(", ")}`
  }
}

/** The arguments are not what the tool takes. */
class InvalidArguments extends Schema.TaggedError<InvalidArguments>()("InvalidArguments", {
  tool: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `Input validation error: Invalid arguments for tool ${this.tool}: ${this.problem}`
  }
}

/** The call took longer than a call may. */
class CallTimedOut extends Schema.TaggedError<CallTimedOut>()("CallTimedOut", { seconds: Schema.Finite }) {
  override get message(): string {
    return `The call was ended after ${this.seconds} seconds (TOOL_TIMEOUT_SECONDS). ` +
      "Ask for fewer resource_types, Regions or accounts at once."
  }
}

/**
 * What a client calls. `progress` is the transport's.
 *
 * @category models
 * @since 0.1.0
 */
export interface ToolCall<R> {
  readonly tools: ReadonlyArray<Tool<R>>
  readonly name: string
  readonly args: unknown
  readonly progress: Call["progress"]
}

/**
 * How a call ended. The cause of a failure is for `ToolFailure.explain`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ended {
  readonly correlationId: string
  readonly exit: Exit.Exit<Answer<Readonly<Record<string, unknown>>>, ToolError>
}

/**
 * Answers a call of a session. Never fails but by interruption; also then there
 * is a row in the audit trail.
 *
 * @category running
 * @since 0.1.0
 */
export const answer = <R>(session: Session, call: ToolCall<R>): Effect.Effect<Ended, never, R | AuditTrail> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const trail = yield* AuditTrail
      const correlationId = yield* CorrelationId.make
      const at = yield* Clock.currentTimeMillis
      const exit = yield* Effect.exit(
        restore(answerOf(session, call, correlationId)).pipe(
          Effect.tapCause((cause) => Cause.hasDies(cause) ? Effect.logError(safe(Cause.pretty(cause), 4000)) : Effect.void),
          Effect.annotateLogs({ correlationId })
        )
      )
      const durationMs = Math.max(0, (yield* Clock.currentTimeMillis) - at)
      const tool = call.tools.some(({ name }) => name === call.name) ? call.name : "unknown"
      const outcome = outcomeOf(exit)
      yield* Metric.update(Metric.withAttributes(calls, { tool, outcome }), 1)
      yield* Metric.update(Metric.withAttributes(callSeconds, { tool }), durationMs / 1000)
      if (outcome === "refused") yield* countRefusal(errorOf(exit))
      yield* Effect.annotateCurrentSpan({ "mcp.tool": tool, "cadastre.outcome": outcome, "cadastre.correlation_id": correlationId })
      yield* trail.append({
        at,
        correlationId,
        session: session.id,
        ...(session.principal === undefined ? {} : { principal: session.principal }),
        action: safe(call.name, 128) || "(none)",
        // What is too large to be called with is too large to be kept.
        parameters: tooLarge(call.args) === undefined ? redacted(call.args ?? {}) : null,
        outcome,
        ...(outcome === "success" ? {} : { error: errorOf(exit) }),
        durationMs
      })
      return Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
        ? yield* Effect.interrupt
        : { correlationId, exit }
    })
  ).pipe(Effect.withSpan("tools/call", { kind: "server" }))

const answerOf = Effect.fnUntraced(function*<R>(
  session: Session,
  { args, name, progress, tools }: ToolCall<R>,
  correlationId: string
): Effect.fn.Return<Answer<Readonly<Record<string, unknown>>>, ToolError, R> {
  const now = yield* Clock.currentTimeMillis
  yield* withinLimits(args)
  const tool = tools.find((tool) => tool.name === name)
  if (tool === undefined) {
    const unknown = new UnknownTool({ name: safe(name, 64), tools: tools.flatMap(({ listed, name }) => listed ? [name] : []) })
    return yield* session.unknownTools.take(now) === undefined ? unknown : new CallRefused({
      guardrail: "UnknownToolLimit",
      why: `More than ${session.unknownTools.limit} calls of this session named tools that do not exist: refused.`,
      remedy: `Do not guess names. The only tools are: ${unknown.tools.join(", ")}.`
    })
  }
  const read = yield* argumentsOf(tool, args)
  const { loops } = session
  const looping = read._tag === "Read" && tool.repeats(read.args) ? undefined : loops.take(name, args ?? {}, now)
  if (looping !== undefined) {
    return yield* new CallRefused({
      guardrail: "LoopDetection",
      why: `This session called ${name} ${loops.limit} times with the same arguments within ` +
        `${loops.windowMs / 1000} seconds: refused, for the answer would be the same.`,
      remedy: "Use the answer that you have, change the arguments, or tell the user what is missing. " +
        `The same call is allowed again in ${seconds(looping)}.`
    })
  }
  const spent = yield* session.takeCall(now)
  if (spent !== undefined) {
    return yield* new CallRefused({
      guardrail: "CallBudget",
      why: `This session has made its ${session.budget.limit} calls (MAX_TOOL_CALLS_PER_SESSION): refused.`,
      remedy: `Answer with what you have, or call again in ${seconds(spent)}.`
    })
  }
  if (read._tag === "Wrong") return yield* read.error
  yield* withinLimits(read.args)
  const { timeLimitMs } = session.bounds
  return yield* tool.call(read.args, { owner: ownerOf(session), progress, correlationId, timeLimitMs }).pipe(
    Effect.timeoutOrElse({
      duration: timeLimitMs,
      orElse: () => Effect.fail(new CallTimedOut({ seconds: timeLimitMs / 1000 }))
    })
  )
})

const withinLimits = (args: unknown): Effect.Effect<void, CallRefused> => {
  const problem = tooLarge(args)
  return problem === undefined ? Effect.void : Effect.fail(
    new CallRefused({ guardrail: "InputLimits", why: `Refused: ${problem}.`, remedy: "Ask for less at once." })
  )
}

type Read =
  | { readonly _tag: "Read"; readonly args: unknown }
  | { readonly _tag: "Wrong"; readonly error: InvalidArguments }

const argumentsOf = <R>({ input, name }: Tool<R>, args: unknown): Effect.Effect<Read> =>
  Effect.map(
    Effect.suspend(() => {
      const result = validated(input, args ?? {})
      return result instanceof Promise ? Effect.promise(() => result) : Effect.succeed(result)
    }),
    (result): Read =>
      result.issues === undefined
        ? { _tag: "Read", args: result.value }
        : { _tag: "Wrong", error: new InvalidArguments({ tool: name, problem: problemsOf(result.issues) }) }
  )

const validated = (schema: StandardSchemaWithJSON, value: unknown) => schema["~standard"].validate(value)

type Issues = ReadonlyArray<{ readonly message: string; readonly path?: ReadonlyArray<unknown> | undefined }>

const problemsOf = (issues: Issues): string =>
  issues.slice(0, 10).map(({ message, path = [] }) => {
    const place = path.map((key) => String(typeof key === "object" && key !== null && "key" in key ? key.key : key))
    return `${place.length === 0 ? "" : `${place.join(".")}: `}${message}`
  }).join("; ")

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} seconds`

const errorIn = (exit: Exit.Exit<unknown, ToolError>): ToolError | undefined =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Cause.findErrorOption(exit.cause)) : undefined

const outcomeOf = (exit: Exit.Exit<{ readonly isError?: boolean }, ToolError>): "success" | "failure" | "refused" => {
  if (Exit.isSuccess(exit)) return exit.value.isError === true ? "failure" : "success"
  return errorIn(exit) instanceof CallRefused ? "refused" : "failure"
}

const errorOf = (exit: Exit.Exit<unknown, ToolError>): string => {
  if (Exit.isSuccess(exit)) return "NothingSeen"
  const error = errorIn(exit)
  if (error instanceof CallRefused) return error.guardrail
  return error?._tag ?? (Cause.hasInterruptsOnly(exit.cause) ? "Interrupted" : "Defect")
}

const calls = Metric.counter("cadastre_tool_calls_total", {
  description: "Calls of tools, by how they ended",
  incremental: true
})

const callSeconds = Metric.histogram("cadastre_tool_call_seconds", {
  description: "How long calls of tools took, seconds",
  boundaries: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 5, 15, 45]
})
