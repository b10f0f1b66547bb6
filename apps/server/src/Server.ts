/** The MCP server: reads the policy, then answers over standard input and output, or over HTTP. */
import { EstateMemory, PolicySource } from "@cadastre/compliance"
import { AuditTrail, Health, Http, HttpSettings, PolicyInForce, Stdio, Tracing } from "@cadastre/mcp-adapter"
import { catalog } from "@cadastre/scanners"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import manifest from "../package.json" with { type: "json" }

/** The engine and the AWS SDK, which are loaded when a tool first calls AWS, and the store that it remembers in. */
const servicesFor = (policyFile: string, types: ReadonlyArray<string>) =>
  Layer.unwrap(
    Effect.map(Effect.promise(() => import("@cadastre/sdk")), ({ Cadastre }) =>
      Health.watched(Layer.provideMerge(Cadastre.layer(), EstateMemory.layerConfig), {
        loadPolicy: PolicySource.load(Option.some(policyFile), types)
      }))
  )

const levels = ["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"] as const

/** How much is logged: `LOG_LEVEL`, in any case. */
const logLevel = Config.schema(
  Schema.String.check(Schema.makeFilter((text: string) =>
    levelOf(text) !== undefined || `LOG_LEVEL is "${text}": write ${levels.join(", ")}`
  )),
  "LOG_LEVEL"
).pipe(Config.map((text) => levelOf(text) ?? "Info"), Config.withDefault("Info" as const))

const levelOf = (text: string): (typeof levels)[number] | undefined => {
  const name = text.trim().toLowerCase()
  return levels.find((level) => level.toLowerCase() === (name === "warning" ? "warn" : name))
}

class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { argument: Schema.String }) {
  override get message(): string {
    return `"${this.argument}" means nothing here: write --http to serve over HTTP, or nothing for standard input and output`
  }
}

const main = Effect.gen(function*() {
  const unknown = process.argv.slice(2).find((argument) => argument !== "--http")
  if (unknown !== undefined) return yield* new UsageError({ argument: unknown })
  const isHttp = process.argv.includes("--http")
  const level = yield* logLevel
  const types = catalog.map(({ type }) => type)
  const loaded = yield* PolicySource.load(Option.none(), types)
  const options = {
    version: manifest.version,
    policy: PolicyInForce.make(loaded),
    services: servicesFor(loaded.source, types),
    audit: AuditTrail.layer
  }
  yield* (isHttp ? serveHttp(options) : Stdio.serve(options)).pipe(
    Effect.provide(Tracing.layer(manifest.version)),
    Effect.provideService(References.MinimumLogLevel, level)
  )
})

const serveHttp = Effect.fnUntraced(function*(options: Omit<Parameters<typeof Http.listen>[0], "settings">) {
  const { url } = yield* Http.listen({ ...options, settings: yield* HttpSettings.load() })
  process.stderr.write(`Serving MCP at ${url}/mcp\nServing the dashboard at ${url}/\n`)
  return yield* Effect.never
}, Effect.scoped)

/** A setting that is wrong has a message of ours, which the library wraps. */
const messageOf = (error: unknown): string => {
  const message = error instanceof Error || error instanceof Config.ConfigError ? error.message : String(error)
  return /^(?:ConfigError\()?SchemaError\((?<plain>[^]*?)\n\s+at \[/u.exec(message)?.groups?.["plain"] ?? message
}

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
        // Standard output belongs to the protocol.
        process.stderr.write(`cadastre-server: ${messageOf(Cause.squash(cause))}\n`)
      })),
    { disableErrorReporting: true, teardown: (exit, onExit) => onExit(exitCode(exit)) }
  )
