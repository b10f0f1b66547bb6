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
import { lenient } from "./protocol/LenientMessage.ts"
import * as ResourceChanges from "./ResourceChanges.ts"
import { prepare, runtimeOf, type ServerOptions } from "./ServerOptions.ts"

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
    const output = yield* standardOutput
    const changes = ResourceChanges.make()
    const runtime = yield* runtimeOf(options, changes)
    const { served, version } = options
    const serving = Effect.callback<void>((resume) => {
      const transport = new ClosingTransport(output, () => resume(Effect.void))
      const handle = serveStdio(({ era }) => make(runtime, { version, session, served, changes, isFiltered: era === "modern" }), {
        transport,
        onerror: (error) => void Effect.runForkWith(context)(Effect.logWarning(safe(error.message)))
      })
      const { onmessage } = transport
      // What is a message before is one after.
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no target of events
      transport.onmessage = (message) => onmessage?.(lenient(message) as typeof message)
      return Effect.promise(() => handle.close())
    })
    // The client is heard meanwhile.
    yield* Effect.raceFirst(serving, Effect.andThen(prepare(runtime), Effect.never))
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

/**
 * Standard output for the protocol alone: whatever else writes to it in this
 * process, such as a library that kept the console from before, writes to standard error.
 */
const standardOutput = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const { stderr, stdout } = process
      const write = stdout.write.bind(stdout)
      const inherited = Object.getOwnPropertyDescriptor(stdout, "write")
      // Each answer that waits for its turn listens, and any number may.
      stdout.setMaxListeners(0)
      stdout.write = stderr.write.bind(stderr)
      return { inherited, stdout, write }
    }),
    ({ inherited, stdout }) =>
      Effect.sync(() => {
        if (inherited === undefined) Reflect.deleteProperty(stdout, "write")
        else Object.defineProperty(stdout, "write", inherited)
      })
  ),
  ({ stdout, write }) =>
    new Proxy(stdout, {
      get: (target, key) => {
        if (key === "write") return write
        const value: unknown = Reflect.get(target, key)
        return typeof value === "function" ? value.bind(target) as unknown : value
      }
    })
)

/** Tells when the connection is over, however it ended: the library does not. */
class ClosingTransport extends StdioServerTransport {
  readonly #closed: () => void

  constructor(output: NodeJS.WriteStream, closed: () => void) {
    super(process.stdin, output)
    this.#closed = closed
  }

  override async close(): Promise<void> {
    await super.close()
    this.#closed()
  }
}
