/**
 * What keeps a session within bounds, on every transport: how many calls, how
 * many that repeat, how many of tools that there are not, and how long each may take.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import { CallBudget } from "./CallBudget.ts"
import { LoopDetection } from "./LoopDetection.ts"

/**
 * The bounds; times in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bounds {
  readonly callsPerSession: number
  readonly sessionWindowMs: number
  readonly identicalCalls: number
  readonly loopWindowMs: number
  readonly unknownTools: number
  readonly timeLimitMs: number
}

/**
 * The bounds as the environment sets them.
 *
 * @category settings
 * @since 0.1.0
 */
export const bounds: Config.Config<Bounds> = Config.all({
  callsPerSession: Setting.number("MAX_TOOL_CALLS_PER_SESSION", 100, { minimum: 1, maximum: 1_000_000 }),
  sessionWindowMs: seconds("SESSION_BUDGET_TTL_SECONDS", 3600, 604_800),
  identicalCalls: Setting.number("MAX_IDENTICAL_CALLS", 3, { minimum: 1, maximum: 1_000_000 }),
  loopWindowMs: seconds("LOOP_DETECTION_WINDOW_SECONDS", 300, 86_400),
  unknownTools: Setting.number("MAX_UNKNOWN_TOOL_CALLS", 5, { minimum: 1, maximum: 1000 }),
  timeLimitMs: seconds("TOOL_TIMEOUT_SECONDS", 45, 3600)
})

function seconds(name: string, fallback: number, maximum: number): Config.Config<number> {
  return Config.map(Setting.number(name, fallback, { minimum: 1, maximum }), (value) => value * 1000)
}

/**
 * One session, which is the transport's: a connection over stdio, an MCP
 * session over HTTP, or who calls, where the revision of the protocol has none.
 *
 * - `id`: names it in the audit trail, and opens nothing
 * - `principal`: whose token it was
 *
 * @category models
 * @since 0.1.0
 */
export class Session {
  readonly id: string
  readonly principal: string | undefined
  readonly bounds: Bounds
  readonly budget: CallBudget
  readonly unknownTools: CallBudget
  readonly loops: LoopDetection
  readonly #takeShared: TakeShared

  constructor(options: {
    readonly id: string
    readonly principal?: string | undefined
    readonly bounds: Bounds
    readonly takeShared?: TakeShared | undefined
  }) {
    const { bounds, id, principal, takeShared = () => Effect.undefined } = options
    this.#takeShared = takeShared
    this.id = id
    this.principal = principal
    this.bounds = bounds
    this.budget = new CallBudget(bounds.callsPerSession, bounds.sessionWindowMs)
    this.unknownTools = new CallBudget(bounds.unknownTools, bounds.sessionWindowMs)
    this.loops = new LoopDetection(bounds.identicalCalls, bounds.loopWindowMs)
  }

  /** Takes one of the session's calls at `now`; how long to wait, milliseconds, where there is none left. */
  takeCall(now: number): Effect.Effect<number | undefined> {
    const wait = this.budget.take(now)
    return wait === undefined ? this.#takeShared(this.id, this.bounds.callsPerSession, this.bounds.sessionWindowMs) : Effect.succeed(wait)
  }
}

/**
 * Takes one call of a session that other servers have too: see `SharedLimits`.
 *
 * @category models
 * @since 0.1.0
 */
export type TakeShared = (session: string, limit: number, windowMs: number) => Effect.Effect<number | undefined>

/**
 * A call that a guardrail refused before anything was done, and what to do instead.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallRefused extends Schema.TaggedError<CallRefused>()("CallRefused", {
  guardrail: Schema.Literals(["InputLimits", "UnknownToolLimit", "LoopDetection", "CallBudget"]),
  why: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.why} ${this.remedy}`
  }
}

/**
 * Counts what a guardrail has refused.
 *
 * @category running
 * @since 0.1.0
 */
export const countRefusal = (guardrail: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(refusals, { guardrail }), 1)

const refusals = Metric.counter("cadastre_refusals_total", {
  description: "Calls and requests that a guardrail refused before anything was done",
  incremental: true
})
