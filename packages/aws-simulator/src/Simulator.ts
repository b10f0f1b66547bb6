/**
 * A simulated AWS on the loopback address, for as long as a scope lives.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CallCount } from "./Counts.ts"
import type { AccessKeys } from "./Credentials.ts"
import type { Estate } from "./Estate.ts"
import type { FaultEntry } from "./FaultLog.ts"
import type { Rule } from "./Rule.ts"
import type { Schedule } from "./Schedule.ts"
import { listen, type SimulatorOptions } from "./Server.ts"

/**
 * The simulator could not start: its port is taken, or its options name
 * accounts, Regions or types that do not exist.
 *
 * @since 0.1.0
 */
export class SimulatorError extends Schema.TaggedError<SimulatorError>()("SimulatorError", {
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `the AWS simulator did not start: ${String(this.cause)}`
  }
}

/**
 * A running simulator.
 *
 * - `url`: what to set as `AWS_ENDPOINT_URL`; one for every service and Region
 * - `estate`: the ground truth, and the way to change it
 * - `calls`: what was asked so far, by service × operation × Region × account
 * - `maxInFlight`: the most requests that were under way at once
 * - `faults`: which faults took effect on which calls, in this order
 * - `reset`: counts from zero again, and forgets `faults`
 * - `rule`: adds a fault; the answer removes it
 * - `schedule`, `setSchedule`: the schedule of faults; a new one counts the calls of every operation from 1 again
 * - `now`: the simulator's clock, in milliseconds since 1970
 * - `advance`: moves the simulator's clock on: tokens and sessions expire
 * - `credentials`: keys of an account (default the first)
 *
 * @since 0.1.0
 */
export class Simulator extends Context.Service<Simulator, {
  readonly url: string
  readonly port: number
  readonly estate: Estate
  readonly calls: () => ReadonlyArray<CallCount>
  readonly maxInFlight: () => number
  readonly faults: () => ReadonlyArray<FaultEntry>
  readonly reset: () => void
  readonly rule: (rule: Rule) => () => void
  readonly clearRules: () => void
  readonly schedule: () => Schedule | undefined
  readonly setSchedule: (schedule: Schedule | undefined) => void
  readonly now: () => number
  readonly advance: (milliseconds: number) => void
  readonly credentials: (accountId?: string) => AccessKeys
}>()("@cadastre/aws-simulator/Simulator") {
  /** Starts a simulator; it stops with the scope, and all its connections with it. */
  static readonly make = (
    options: SimulatorOptions = {}
  ): Effect.Effect<Simulator["Service"], SimulatorError, Scope.Scope> =>
    Effect.map(
      Effect.acquireRelease(
        Effect.tryPromise({
          // A wrong option throws before there is a promise.
          try: async () => listen(options),
          catch: (cause) => new SimulatorError({ cause })
        }),
        (server) => Effect.promise(server.close)
      ),
      ({ close: _, ...server }) => Simulator.of(server)
    )

  /** The same as a layer. */
  static readonly layer = (options: SimulatorOptions = {}): Layer.Layer<Simulator, SimulatorError> =>
    Layer.effect(Simulator, Simulator.make(options))
}
