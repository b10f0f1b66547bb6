/** The engine over the built-in catalogue without its pacing: what it computes, not what it waits for. */
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { Regions } from "@cadastre/region-discovery"
import { Scan, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { SimulatorProcess } from "./SimulatorProcess.ts"

/** Lets every call pass at once. */
const unpaced = Layer.succeed(Pacer, {
  admit: () => Effect.succeed(0),
  throttled: () => Effect.void,
  succeeded: () => Effect.void
})

/** All defaults, but for the longest time limit: a million resources take longer than a minute a Region. */
export const layer = ({ credentials, url }: Pick<SimulatorProcess, "credentials" | "url">) =>
  Scan.layerNoDeps.pipe(
    Layer.provide([ScannerRegistry.layer(catalog), Regions.layerNoDeps, Accounts.layerNoDeps]),
    Layer.provide(Aws.Aws.layerNoDeps),
    Layer.provide([AwsClients.layer, unpaced]),
    Layer.provide(Layer.succeed(AwsSettings, {
      endpointUrl: url,
      credentials: () => Promise.resolve(credentials)
    })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ REGION_SCAN_TIMEOUT_SECONDS: "300" })))
  )
