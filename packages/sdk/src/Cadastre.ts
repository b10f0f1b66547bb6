/**
 * Everything put together.
 *
 * @since 0.1.0
 */
import { Estate, TagPolicies } from "@cadastre/account-discovery"
import { Accounts, Aws, AwsClients } from "@cadastre/client-factory"
import { Compliance } from "@cadastre/compliance"
import { CostSources } from "@cadastre/cost"
import { Regions } from "@cadastre/region-discovery"
import { Scan, type Scanner, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as Layer from "effect/Layer"
import * as CacheChoice from "./CacheChoice.ts"
import { layerPacer } from "./PacerChoice.ts"

/**
 * The engine and its parts, over the built-in catalogue and the user's own
 * scanners: `Scan`, `ScannerRegistry`, `Regions`, `Estate`, `TagPolicies`, `Accounts`, and
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
    Layer.provideMerge(Layer.mergeAll(ScannerRegistry.layer(catalog, own), Regions.layerNoDeps, Estate.layerNoDeps, TagPolicies.layerNoDeps)),
    Layer.provideMerge(Accounts.layerNoDeps),
    Layer.provide(aws),
    Layer.provideMerge(layerPacer)
  )

/** One door to AWS for all that is put together here. */
const aws = Aws.Aws.layerNoDeps.pipe(Layer.provide(AwsClients.layer))

/**
 * Where costs are asked for, when somebody asks: the files that `COST_FOCUS_FILES` and `COST_CUR_FILES` name, else Cost
 * Explorer, for at most `COST_EXPLORER_BUDGET_USD`. Building it asks nobody.
 */
const costs = CostSources.layer.pipe(Layer.provide(Accounts.layerNoDeps), Layer.provide(aws), Layer.provide(layerPacer))

/**
 * {@link layerScan} and `Compliance` over it, with results and cells cached in
 * memory, or with `REDIS_URL` in that Redis; there what scanners of one's own
 * find is not put, for another process may have others.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (own: ReadonlyArray<Scanner.Scanner> = []) =>
  layerNoCache(own).pipe(
    Layer.provide(own.length > 0 ? CacheChoice.layerMemory : CacheChoice.layerShared(CacheChoice.layerMemory))
  )

/**
 * {@link layer} with the caches left open, e.g. for `CacheChoice.layerFiles`. A
 * `ResultCache` has to be provided; without a `CellCache` no cells are kept.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNoCache = (own: ReadonlyArray<Scanner.Scanner> = []) =>
  Compliance.layerNoDeps.pipe(Layer.provide(costs), Layer.provideMerge(layerScan(own)))
