/**
 * Everything put together.
 *
 * @since 0.1.0
 */
import { Estate } from "@cadastre/account-discovery"
import { Accounts, Aws, AwsClients } from "@cadastre/client-factory"
import { Compliance, ResultCache } from "@cadastre/compliance"
import { Regions } from "@cadastre/region-discovery"
import { Scan, type Scanner, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as Layer from "effect/Layer"
import { layerPacer } from "./PacerChoice.ts"

/**
 * The engine and its parts, over the built-in catalogue and the user's own
 * scanners: `Scan`, `ScannerRegistry`, `Regions`, `Estate`, `Accounts`, and
 * the `Pacer` that all calls go through: shared through Redis with `REDIS_URL`.
 *
 * Whom and where it calls is what `AwsSettings` and the environment say. Fails
 * to build with a `ConfigError` that names the setting when one is out of its
 * range.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerScan = (own: ReadonlyArray<Scanner.Scanner> = []) =>
  Scan.layerNoDeps.pipe(
    Layer.provideMerge(Layer.mergeAll(ScannerRegistry.layer(catalog, own), Regions.layerNoDeps, Estate.layerNoDeps)),
    Layer.provideMerge(Accounts.layerNoDeps),
    Layer.provide(Aws.Aws.layerNoDeps.pipe(Layer.provide(AwsClients.layer))),
    Layer.provideMerge(layerPacer)
  )

/**
 * {@link layerScan} and `Compliance` over it, with results cached in memory.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (own: ReadonlyArray<Scanner.Scanner> = []) =>
  layerNoCache(own).pipe(Layer.provide(ResultCache.layerMemory))

/**
 * {@link layer} with the cache left open, e.g. for `ResultCache.layerFiles`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNoCache = (own: ReadonlyArray<Scanner.Scanner> = []) =>
  Compliance.layerNoDeps.pipe(Layer.provideMerge(layerScan(own)))
