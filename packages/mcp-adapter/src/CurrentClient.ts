/**
 * The client that a call comes from, for what is more than an answer to it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Session } from "./Guardrails.ts"

/**
 * How much a message matters, as the protocol names it.
 *
 * @category models
 * @since 0.1.0
 */
export type LogLevel = "debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency"

/**
 * - `session`: what the call is counted in; whose results it may see
 * - `log`: says something while the call goes on, where the client wants to hear of that level
 * - `letGo`: ends the connection that waits for the answer, where the client can come back for it: for work that takes
 *   longer than a connection may live
 * - `can`: what the client can be asked for
 * - `answers`: what it has answered so far, unread, by the names of the questions; `state`: what came with them, which is
 *   what was given to `ClientInput.ask`
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  readonly session: Session | undefined
  readonly log: (level: LogLevel, message: string) => Effect.Effect<void>
  readonly letGo: Effect.Effect<void>
  readonly can: ReadonlySet<"elicitation" | "sampling" | "roots">
  readonly answers: Readonly<Record<string, unknown>>
  readonly state: unknown
}

/**
 * The client of the call that is being answered; nobody, where there is none.
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentClient = Context.Reference<Client>("@cadastre/mcp-adapter/CurrentClient", {
  defaultValue: () => ({
    session: undefined,
    log: () => Effect.void,
    letGo: Effect.void,
    can: new Set<never>(),
    answers: {},
    state: undefined
  })
})
