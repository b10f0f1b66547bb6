/**
 * What a server is made of, whatever the transport.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { AuditTrail } from "./AuditTrail.ts"
import { safe } from "./ErrorSanitiser.ts"
import { limits } from "./KeptScans.ts"
import { LastScan } from "./LastScan.ts"
import type { Served, ToolServices } from "./McpAdapter.ts"
import { PolicyInForce } from "./PolicyInForce.ts"
import { type ResourceChangeHub, ResourceChanges } from "./ResourceChanges.ts"
import { ScanHandles } from "./ScanHandles.ts"
import * as ScanMetrics from "./ScanMetrics.ts"

/**
 * - `services`: built when the server starts; where a setting of theirs is wrong it does not start
 * - `audit`: where each call is written down; the log, when there is none
 * - `served`: what it offers; everything by default
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerOptions<E> {
  readonly version: string
  readonly policy: PolicyInForce["Service"]
  readonly services: Layer.Layer<Exclude<ToolServices, PolicyInForce | ScanHandles | LastScan>, E>
  readonly audit?: Layer.Layer<AuditTrail, E>
  readonly served?: Served
}

/**
 * The runtime that all connections of a server share, while the scope lives. Its
 * log goes to standard error.
 *
 * - `changes`: where it is told which resources have changed
 * - `memoMap`: what others have built that it may use as well
 *
 * @category constructors
 * @since 0.1.0
 */
export const runtimeOf = <E>(
  { audit = AuditTrail.layerLog, policy, services }: ServerOptions<E>,
  changes: ResourceChangeHub,
  memoMap?: Layer.MemoMap
): Effect.Effect<ManagedRuntime.ManagedRuntime<ToolServices | AuditTrail, E>, Config.ConfigError, Scope.Scope> =>
  Effect.gen(function*() {
    const scans = ScanHandles.layerOf(yield* limits)
    // What the caller has set for the log holds for the tools too.
    const context = yield* Effect.context()
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        ManagedRuntime.make(Layer.mergeAll(LastScan.watching(ScanMetrics.counted(services)), audit, scans, Layer.succeed(PolicyInForce, policy)).pipe(
          Layer.provideMerge(LastScan.layer),
          Layer.provideMerge(Layer.succeed(ResourceChanges, changes)),
          Layer.provideMerge(Layer.succeedContext(context)),
          Layer.provideMerge(Layer.succeed(Logger.LogToStderr, true))
        ), { memoMap })
      ),
      (runtime) => runtime.disposeEffect
    )
  })

/**
 * Builds what a runtime is made of. Fails where a setting is wrong: nobody would
 * be answered. Whatever else keeps it from being built is in the log, and each
 * call that needs it says so.
 *
 * @category running
 * @since 0.1.0
 */
export const prepare = <R, E>(runtime: ManagedRuntime.ManagedRuntime<R, E>): Effect.Effect<void, Config.ConfigError> =>
  Effect.suspend(() => runtime.contextEffect).pipe(
    Effect.asVoid,
    Effect.catchCause((cause) => {
      const error = Cause.squash(cause)
      if (error instanceof Config.ConfigError) return Effect.fail(error)
      return Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.logError(`What the server needs cannot be had: ${safe(error instanceof Error ? error.message : String(error), 1000)}`)
    })
  )
