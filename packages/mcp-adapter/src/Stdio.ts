/**
 * The server that a client starts as a child process and talks to over standard
 * input and output.
 *
 * @since 0.1.0
 */
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { make, type ToolServices } from "./McpAdapter.ts"
import { PolicyInForce } from "./PolicyInForce.ts"
import { safe } from "./ToolFailure.ts"

/**
 * - `services`: built when a tool first needs them, so that the server starts at once
 *
 * @category models
 * @since 0.1.0
 */
export interface StdioOptions<E> {
  readonly version: string
  readonly policy: PolicyInForce["Service"]
  readonly services: Layer.Layer<Exclude<ToolServices, PolicyInForce>, E>
}

/**
 * Serves until standard input ends, or until it is interrupted: calls that are
 * under way are aborted, and what was built is released. Nothing but the
 * protocol is written to standard output; the log goes to standard error.
 *
 * @category running
 * @since 0.1.0
 */
export const serve = <E>({ policy, services, version }: StdioOptions<E>): Effect.Effect<void> =>
  Effect.gen(function*() {
    const context = yield* Effect.context()
    const runtime = yield* Effect.acquireRelease(
      Effect.sync(() =>
        ManagedRuntime.make(Layer.mergeAll(services, Layer.succeed(PolicyInForce, policy)).pipe(
          Layer.provideMerge(Layer.succeed(Logger.LogToStderr, true))
        ))
      ),
      (runtime) => runtime.disposeEffect
    )
    yield* Effect.callback<void>((resume) => {
      const handle = serveStdio(() => make(runtime, { version }), {
        transport: new ClosingTransport(() => resume(Effect.void)),
        onerror: (error) => void Effect.runForkWith(context)(Effect.logWarning(safe(error.message)))
      })
      return Effect.promise(() => handle.close())
    })
  }).pipe(Effect.scoped, Effect.provideService(Logger.LogToStderr, true))

/** Tells when the connection is over, however it ended: the library does not. */
class ClosingTransport extends StdioServerTransport {
  readonly #closed: () => void

  constructor(closed: () => void) {
    super()
    this.#closed = closed
  }

  override async close(): Promise<void> {
    await super.close()
    this.#closed()
  }
}
