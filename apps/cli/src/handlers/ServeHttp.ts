import { AccountSource } from "@cadastre/account-discovery"
import { AwsSettings } from "@cadastre/client-factory"
import { EstateMemory, PolicySource } from "@cadastre/compliance"
import { AuditTrail, Health, Http, HttpSettings, PolicyInForce, Tracing } from "@cadastre/mcp-adapter"
import { catalog } from "@cadastre/scanners"
import { Cadastre } from "@cadastre/sdk"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import manifest from "../../package.json" with { type: "json" }
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as ConfigFile from "../ConfigFile.ts"
import * as DemoServing from "../DemoServing.ts"
import { connectionOf } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"
import { StopSignal } from "../StopSignal.ts"

interface ServeFlags extends Connection, AccountScope {
  readonly policy: Option.Option<string>
  readonly config: Option.Option<string>
  readonly host: Option.Option<string>
  readonly port: Option.Option<number>
  readonly tlsCert: Option.Option<string>
  readonly tlsKey: Option.Option<string>
  readonly demo: boolean
}

/** Serves the Model Context Protocol and the dashboard over HTTP until a signal asks to stop. */
export const serve = Effect.fn("cadastre serve")(function*(flags: ServeFlags) {
  const settings = yield* settingsOf(flags)
  const { policy, services } = flags.demo ? yield* demoOf(flags) : yield* estateOf(flags)
  const { url } = yield* Http.listen({
    version: manifest.version,
    settings,
    policy,
    services,
    // What is played with is not written down.
    audit: flags.demo ? AuditTrail.layerLog : AuditTrail.layer,
    // The simulated Cost Explorer takes no money.
    ...flags.demo ? { dashboard: { costs: true } } : {}
  })
  yield* Console.log(`Serving MCP at ${url}/mcp`)
  yield* Console.log(`Serving the dashboard at ${url}/`)
  yield* (yield* StopSignal).stop
}, Effect.scoped, (effect, flags) =>
  effect.pipe(
    Effect.provide(Tracing.layer(manifest.version)),
    Effect.mapError((error) =>
      error._tag === "HttpSettingsError"
        ? new Failure({ exitCode: ExitCode.usage, message: error.message })
        : failureOf(error)
    ),
    Effect.provideService(References.MinimumLogLevel, flags.debug ? "Debug" : "Warn")
  ))

const settingsOf = Effect.fnUntraced(function*({ host, port, tlsCert, tlsKey }: ServeFlags) {
  if (Option.exists(port, (port) => port < 0 || port > 65_535)) {
    return yield* new Failure({ exitCode: ExitCode.usage, message: "--port is out of range: write 0 to 65535" })
  }
  return yield* HttpSettings.load({
    host: Option.getOrUndefined(host),
    port: Option.getOrUndefined(port),
    certFile: Option.getOrUndefined(tlsCert),
    keyFile: Option.getOrUndefined(tlsKey)
  })
})

/** A simulated estate with a history of some weeks, of which nothing is left afterwards. */
const demoOf = Effect.fnUntraced(function*(flags: ServeFlags) {
  const { policy, services } = yield* DemoServing.make(flags)
  return { policy, services: Health.watched(services) }
})

const estateOf = Effect.fnUntraced(function*(flags: ServeFlags) {
  const own = yield* ConfigFile.load(flags.config)
  const types = [...catalog, ...own].map(({ type }) => type)
  const source = yield* PolicySource.load(flags.policy, types)
  const connection = yield* connectionOf(flags)
  const { patterns, source: accounts } = yield* sourceOf(flags)
  if (patterns.length > 0) return yield* new Failure({ exitCode: ExitCode.usage, message: whoChooses })
  return {
    policy: PolicyInForce.make(source),
    services: Health.watched(Layer.provideMerge(Cadastre.layer(own), EstateMemory.layerConfig), {
      loadPolicy: PolicySource.load(Option.some(source.source), types)
    }).pipe(Layer.provide([Layer.succeed(AwsSettings, connection), Layer.succeed(AccountSource, accounts)]))
  }
})

const whoChooses = "--accounts without --role-name chooses among accounts, and here the client does, call by call: " +
  "leave it out, or list the accounts with --role-name"
