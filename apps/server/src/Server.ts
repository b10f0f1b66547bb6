/** The MCP server: reads the policy, then answers over standard input and output until the client leaves. */
import { PolicySource } from "@cadastre/compliance"
import { PolicyInForce, Stdio } from "@cadastre/mcp-adapter"
import { catalog } from "@cadastre/scanners"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import manifest from "../package.json" with { type: "json" }

/** The engine and the AWS SDK, which are loaded when a tool first calls AWS. */
const services = Layer.unwrap(
  Effect.map(Effect.promise(() => import("@cadastre/sdk")), ({ Cadastre }) => Cadastre.layer())
)

const main = Effect.gen(function*() {
  const policy = yield* PolicySource.load(Option.none(), catalog.map(({ type }) => type))
  yield* Stdio.serve({ version: manifest.version, policy: PolicyInForce.make(policy), services })
})

/**
 * Exit codes: 0 when the client left or a signal asked to stop, 2 when there is
 * no policy or a setting is wrong, 1 for a fault of the server's own.
 */
const exitCode = <E, A>(exit: Exit.Exit<A, E>): number =>
  Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : Cause.hasDies(exit.cause) ? 1 : 2

export const run = (): void =>
  NodeRuntime.runMain(
    Effect.tapCause(main, (cause) =>
      Effect.sync(() => {
        if (Cause.hasInterruptsOnly(cause)) return
        const error = Cause.squash(cause)
        // Standard output belongs to the protocol.
        process.stderr.write(`cadastre-server: ${error instanceof Error ? error.message : String(error)}\n`)
      })),
    { disableErrorReporting: true, teardown: (exit, onExit) => onExit(exitCode(exit)) }
  )
