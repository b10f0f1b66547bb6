/**
 * What the handlers of one connection share: how an Effect is run for a request
 * of the protocol, and how its client is reached meanwhile.
 *
 * @since 0.1.0
 */
import { randomBytes } from "node:crypto"
import {
  createRequestStateCodec,
  inputRequired,
  type InputRequests,
  type InputRequiredResult,
  type McpServer,
  type ServerContext
} from "@modelcontextprotocol/server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import type { AuditTrail } from "../AuditTrail.ts"
import { InputNeeded } from "../ClientInput.ts"
import { metaKey } from "../CorrelationId.ts"
import { type Client, CurrentClient, type LogLevel } from "../CurrentClient.ts"
import { safe } from "../ErrorSanitiser.ts"
import type { Session } from "../Guardrails.ts"
import * as TraceParent from "../TraceParent.ts"
import * as Refusal from "./Refusal.ts"

/**
 * Seals what goes through the client and comes back: nobody but this process can
 * have made it, and it is good for the session that it was made for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sealOf = (session: Session) =>
  createRequestStateCodec({ key, bind: ({ mcpReq }) => `${mcpReq.method}\0${session.id}\0${session.principal ?? ""}` })

const key = randomBytes(32)

/**
 * One connection.
 *
 * @category models
 * @since 0.1.0
 */
export class Serving<R> {
  readonly session: Session
  readonly #runtime: ManagedRuntime.ManagedRuntime<R | AuditTrail, unknown>
  readonly #seal: ReturnType<typeof sealOf>
  #server: McpServer | undefined
  /** What is said unasked before the client has said what it wants to hear. */
  #threshold: LogLevel = "warning"

  constructor(
    runtime: ManagedRuntime.ManagedRuntime<R | AuditTrail, unknown>,
    session: Session,
    seal: ReturnType<typeof sealOf>
  ) {
    this.#runtime = runtime
    this.session = session
    this.#seal = seal
  }

  /** From now on the client of this server is asked and told. Its level of logging is heard. */
  serve(server: McpServer): void {
    this.#server = server
    server.server.setRequestHandler("logging/setLevel", ({ params }) => {
      this.#threshold = params.level
      return {}
    })
  }

  /** Runs what answers a request, until it is cancelled. The exit fails, too, where the services cannot be built. */
  run<A, E>(effect: Effect.Effect<A, E, R | AuditTrail>, context: ServerContext): Promise<Exit.Exit<A, unknown>> {
    const client = this.#clientOf(context)
    return this.#runtime.runPromiseExit(
      effect.pipe(
        Effect.updateService(Logger.CurrentLoggers, (loggers) => new Set([...loggers, logTo(client)])),
        Effect.provideService(CurrentClient, client),
        TraceParent.of(context)
      ),
      { signal: context.mcpReq.signal }
    )
  }

  /** What to ask the client for, where that is why a request has no answer. */
  async questionsOf(cause: Cause.Cause<unknown>, context: ServerContext): Promise<InputRequiredResult | undefined> {
    const needed = Option.getOrUndefined(Cause.findErrorOption(cause))
    if (!(needed instanceof InputNeeded)) return undefined
    return inputRequired({
      // They were made by `ClientInput`.
      inputRequests: needed.questions as InputRequests,
      ...(needed.state === undefined ? {} : { requestState: await this.#seal.mint(needed.state, context) })
    })
  }

  /** The result of what `GuardedRequest.run` has answered, or what to ask the client for. Throws what the protocol refuses with. */
  async answer<A, E, B>(
    effect: Effect.Effect<{ readonly correlationId: string; readonly exit: Exit.Exit<A, E> }, never, R | AuditTrail>,
    context: ServerContext,
    resultOf: (answer: A, meta: Readonly<Record<string, unknown>>) => B
  ): Promise<B | InputRequiredResult> {
    const exit = await this.run(effect, context)
    if (Exit.isFailure(exit)) throw Refusal.of(exit.cause)
    const { correlationId, exit: ended } = exit.value
    if (Exit.isSuccess(ended)) return resultOf(ended.value, { [metaKey]: correlationId })
    const questions = await this.questionsOf(ended.cause, context)
    if (questions !== undefined) return questions
    throw Refusal.of(ended.cause, correlationId)
  }

  #clientOf({ http, mcpReq }: ServerContext): Client {
    const { answers, can, state } = this.#askable(mcpReq)
    return {
      session: this.session,
      can,
      answers,
      state,
      letGo: Effect.sync(() => http?.closeSSE?.()),
      log: (level, message) => {
        // Each request of the newest revision says what it wants to hear: the library knows.
        const isAsked = mcpReq.envelope !== undefined || severity(level) >= severity(this.#threshold)
        if (!isAsked) return Effect.void
        // oxlint-disable-next-line typescript/no-deprecated -- both revisions that are served have it
        return Effect.ignore(Effect.tryPromise(() => mcpReq.log(level, safe(message, 2000), "cadastre")))
      }
    }
  }

  #askable(mcpReq: ServerContext["mcpReq"]): Pick<Client, "can" | "answers" | "state"> {
    // oxlint-disable-next-line typescript/no-deprecated -- the library fills it for both revisions that are served
    const { elicitation, roots, sampling } = this.#server?.server.getClientCapabilities() ?? {}
    return {
      can: new Set([
        ...elicitation === undefined ? [] : ["elicitation" as const],
        ...roots === undefined ? [] : ["roots" as const],
        ...sampling === undefined ? [] : ["sampling" as const]
      ]),
      answers: mcpReq.inputResponses ?? {},
      state: mcpReq.requestState()
    }
  }
}

const levels: ReadonlyArray<LogLevel> = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency"
]

const severity = (level: LogLevel): number => levels.indexOf(level)

const levelOf = { All: "debug", Trace: "debug", Debug: "debug", Info: "info", Warn: "warning", Error: "error", Fatal: "critical" } as const

/**
 * What the server writes to its log while it answers, for the client: the text
 * alone. Causes have stack traces, and what a message is annotated with is for those who run the server.
 */
const logTo = (client: Client): Logger.Logger<unknown, void> =>
  Logger.make(({ fiber, logLevel, message }) => {
    const text = [message].flat().filter((part) => typeof part === "string").join(" ")
    if (logLevel === "None" || text === "") return
    Effect.runForkWith(fiber.context)(client.log(levelOf[logLevel], text))
  })
