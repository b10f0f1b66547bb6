import { AccountSource } from "@cadastre/account-discovery"
import { AwsSettings } from "@cadastre/client-factory"
import { EstateMemory, PolicySource } from "@cadastre/compliance"
import { AuditTrail, PolicyInForce, Stdio, Tracing } from "@cadastre/mcp-adapter"
import { catalog } from "@cadastre/scanners"
import { Cadastre } from "@cadastre/sdk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import manifest from "../../package.json" with { type: "json" }
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as ConfigFile from "../ConfigFile.ts"
import * as DemoServing from "../DemoServing.ts"
import { connectionOf } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"

/** Serves the Model Context Protocol over stdin and stdout until the client leaves. */
export const mcp = Effect.fn("cadastre mcp")(function*(
  flags: Connection & AccountScope & {
    readonly policy: Option.Option<string>
    readonly config: Option.Option<string>
    readonly demo: boolean
  }
) {
  const estate = flags.demo ? yield* DemoServing.make(flags) : yield* estateOf(flags)
  // What is played with is not written down.
  yield* Stdio.serve({ version: manifest.version, ...estate, audit: flags.demo ? AuditTrail.layerLog : AuditTrail.layer })
}, Effect.provide(Tracing.layer(manifest.version)), Effect.scoped, Effect.mapError(failureOf))

const estateOf = Effect.fnUntraced(function*(
  flags: Connection & AccountScope & {
    readonly policy: Option.Option<string>
    readonly config: Option.Option<string>
  }
) {
  const own = yield* ConfigFile.load(flags.config)
  const source = yield* PolicySource.load(flags.policy, [...catalog, ...own].map(({ type }) => type))
  const connection = yield* connectionOf(flags)
  const { patterns, source: accounts } = yield* sourceOf(flags)
  if (patterns.length > 0) return yield* new Failure({ exitCode: ExitCode.usage, message: whoChooses })
  return {
    policy: PolicyInForce.make(source),
    services: Cadastre.layer(own).pipe(
      Layer.provideMerge(EstateMemory.layerConfig),
      Layer.provide([Layer.succeed(AwsSettings, connection), Layer.succeed(AccountSource, accounts)])
    )
  }
})

const whoChooses = "--accounts without --role-name chooses among accounts, and here the client does, call by call: " +
  "leave it out, or list the accounts with --role-name"
