/** The engine over the built-in catalogue without its pacing: what it computes, not what it waits for. */
import { Estate } from "@cadastre/account-discovery"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { Regions } from "@cadastre/region-discovery"
import { Scan, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Layer from "effect/Layer"
import type { SimulatorProcess } from "./SimulatorProcess.ts"

/** All defaults, but for the longest time limit: a million resources take longer than a minute a Region. */
export const layer = ({ credentials, url }: Pick<SimulatorProcess, "credentials" | "url">) =>
  Scan.layerNoDeps.pipe(
    Layer.provide([ScannerRegistry.layer(catalog), Regions.layerNoDeps, Estate.layerNoDeps]),
    Layer.provide(Accounts.layerNoDeps),
    Layer.provide(Aws.Aws.layerNoDeps),
    Layer.provide([AwsClients.layer, Pacer.layerOff]),
    Layer.provide(Layer.succeed(AwsSettings, {
      endpointUrl: url,
      credentials: () => Promise.resolve(credentials)
    })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ REGION_SCAN_TIMEOUT_SECONDS: "300" })))
  )
