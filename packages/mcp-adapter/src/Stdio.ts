/**
 * The server that a client starts as a child process and talks to over standard
 * input and output.
 *
 * @since 0.1.0
 */
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { Console } from "node:console"
import { randomUUID } from "node:crypto"
import { safe } from "./ErrorSanitiser.ts"
import { bounds, Session } from "./Guardrails.ts"
import { make } from "./McpAdapter.ts"
import { runtimeOf, type ServerOptions } from "./ServerOptions.ts"

/**
 * Serves until standard input ends, or until it is interrupted: calls that are
 * under way are aborted, and what was built is released. Nothing but the
 * protocol is written to standard output; the log, and what anything writes to
 * the console, goes to standard error. A connection is one session; see `Guardrails`
 * for the settings that bound it.
 *
 * @category running
 * @since 0.1.0
 */
export const serve = <E>(options: ServerOptions<E>): Effect.Effect<void, Config.ConfigError> =>
  Effect.gen(function*() {
    const session = new Session({ id: randomUUID(), bounds: yield* bounds })
    const context = yield* Effect.context()
    yield* consoleToStandardError
    const runtime = yield* runtimeOf(options)
    yield* Effect.callback<void>((resume) => {
      const handle = serveStdio(() => make(runtime, { version: options.version, session }), {
        transport: new ClosingTransport(() => resume(Effect.void)),
        onerror: (error) => void Effect.runForkWith(context)(Effect.logWarning(safe(error.message)))
      })
      return Effect.promise(() => handle.close())
    })
  }).pipe(Effect.scoped, Effect.provideService(Logger.LogToStderr, true))

/** A library that writes to the console would break the protocol. */
const consoleToStandardError = Effect.acquireRelease(
  Effect.sync(() => {
    const { console } = globalThis
    globalThis.console = new Console(process.stderr, process.stderr)
    return console
  }),
  (console) => Effect.sync(() => (globalThis.console = console))
)

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
