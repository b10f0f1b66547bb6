import { AwsSettings } from "@cadastre/client-factory"
import { PolicySource } from "@cadastre/compliance"
import { PolicyInForce, Stdio } from "@cadastre/mcp-adapter"
import { catalog } from "@cadastre/scanners"
import { Cadastre } from "@cadastre/sdk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import manifest from "../../package.json" with { type: "json" }
import { connectionOf } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { failureOf } from "../Failure.ts"

/** Serves the Model Context Protocol over stdin and stdout until the client leaves. */
export const mcp = Effect.fn("cadastre mcp")(function*(flags: Connection & { readonly policy: Option.Option<string> }) {
  const source = yield* PolicySource.load(flags.policy, catalog.map(({ type }) => type))
  const connection = yield* connectionOf(flags)
  yield* Stdio.serve({
    version: manifest.version,
    policy: PolicyInForce.make(source),
    services: Cadastre.layer().pipe(Layer.provide(Layer.succeed(AwsSettings, connection)))
  })
}, Effect.mapError(failureOf))
