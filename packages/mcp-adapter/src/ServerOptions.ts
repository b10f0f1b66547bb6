/**
 * What a server is made of, whatever the transport.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { AuditTrail } from "./AuditTrail.ts"
import type { ToolServices } from "./McpAdapter.ts"
import { PolicyInForce } from "./PolicyInForce.ts"

/**
 * - `services`: built when a tool first needs them, so that the server starts at once
 * - `audit`: where each call is written down; the log, when there is none
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerOptions<E> {
  readonly version: string
  readonly policy: PolicyInForce["Service"]
  readonly services: Layer.Layer<Exclude<ToolServices, PolicyInForce>, E>
  readonly audit?: Layer.Layer<AuditTrail, E>
}

/**
 * The runtime that all connections of a server share, while the scope lives. Its
 * log goes to standard error.
 *
 * @category constructors
 * @since 0.1.0
 */
export const runtimeOf = <E>(
  { audit = AuditTrail.layerLog, policy, services }: ServerOptions<E>
): Effect.Effect<ManagedRuntime.ManagedRuntime<ToolServices | AuditTrail, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    // What the caller has set for the log holds for the tools too.
    const context = yield* Effect.context()
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        ManagedRuntime.make(Layer.mergeAll(services, audit, Layer.succeed(PolicyInForce, policy)).pipe(
          Layer.provideMerge(Layer.succeedContext(context)),
          Layer.provideMerge(Layer.succeed(Logger.LogToStderr, true))
        ))
      ),
      (runtime) => runtime.disposeEffect
    )
  })
