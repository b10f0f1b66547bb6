/**
 * What Ctrl-C means: the first one asks the work at hand to end with what it
 * has, the second one quits.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"

/**
 * `stop` completes at the first SIGINT or SIGTERM. Work that uses it ends by
 * itself, with a partial result; work that does not is interrupted.
 */
export class StopSignal extends Context.Reference<{ readonly stop: Effect.Effect<void> }>("@cadastre/cli/StopSignal", {
  defaultValue: () => ({ stop: Effect.never })
}) {}

const stopped = Deferred.makeUnsafe<void>()
let isAwaited = false

const stopSignal = {
  stop: Effect.suspend(() => {
    isAwaited = true
    return Deferred.await(stopped)
  })
}

/** Runs the program as this process's own, under {@link StopSignal}. */
export const runMain = <E>(program: Effect.Effect<void, E>): void =>
  runWithSignals(
    program.pipe(
      // The runtime itself would write to stdout, which belongs to the result.
      Effect.tapCause((cause) =>
        Cause.hasInterruptsOnly(cause) || !Runtime.getErrorReported(Cause.squash(cause))
          ? Effect.void
          : Effect.provideService(Effect.logError(cause), Logger.LogToStderr, true)),
      Effect.provideService(StopSignal, stopSignal)
    ),
    { disableErrorReporting: true }
  )

const interruptedExitCode = 130

const runWithSignals = Runtime.makeRunMain(({ fiber, teardown }) => {
  let signals = 0
  const onSignal = () => {
    signals++
    if (signals > 1) process.exit(interruptedExitCode)
    Deferred.doneUnsafe(stopped, Effect.void)
    if (!isAwaited) fiber.interruptUnsafe(fiber.id)
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
  fiber.addObserver((exit) => {
    teardown(exit, (code) => process.exit(signals > 0 ? interruptedExitCode : code))
  })
})
