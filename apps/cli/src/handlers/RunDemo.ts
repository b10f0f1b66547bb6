import { Simulator } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { PolicyFile } from "@cadastre/policy"
import sample from "@cadastre/policy/sample-policy.json" with { type: "json" }
import { Cadastre } from "@cadastre/sdk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
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
  const simulator = yield* Simulator.make({ estate: { seed: 7, resources: 1500 }, latency: { milliseconds: 20, jitter: 10 } })
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  const settings = {
    endpointUrl: simulator.url,
    credentials: () => Promise.resolve({ accessKeyId, secretAccessKey })
  }
  const source = "the sample policy"
  yield* checkAndWrite({
    ...flags,
    request: {},
    severity: "all",
    loaded: yield* PolicyFile.load(JSON.stringify(sample), { source }),
    source,
    progress: Progress.make({ always: true })
  }).pipe(Effect.provide(Cadastre.layer().pipe(Layer.provide(Layer.succeed(AwsSettings, settings)))))
}, Effect.scoped, Effect.mapError(failureOf))
