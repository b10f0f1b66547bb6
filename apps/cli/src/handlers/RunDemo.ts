import { AwsSettings } from "@cadastre/client-factory"
import { Cadastre } from "@cadastre/sdk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as DemoEstate from "../DemoEstate.ts"
import { failureOf } from "../Failure.ts"
import * as Progress from "../Progress.ts"
import { checkAndWrite } from "./CheckEstate.ts"

/**
 * Checks a small estate in all Regions of a simulated AWS against the sample
 * policy. Ends with 0: its violations are there to be seen.
 */
export const demo = Effect.fn("cadastre demo")(function*(flags: {
  readonly format: Option.Option<string>
  readonly output: Option.Option<string>
}) {
  const { connection } = yield* DemoEstate.start({ whole: true })
  const { policy, source } = yield* DemoEstate.samplePolicy()
  yield* checkAndWrite({
    ...flags,
    request: {},
    severity: "all",
    include: [],
    loaded: policy,
    source,
    progress: Progress.make({ always: true })
  }).pipe(
    Effect.provide(Cadastre.layer().pipe(
      Layer.provide(Layer.succeed(AwsSettings, connection)),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
    ))
  )
}, Effect.scoped, Effect.mapError(failureOf))
