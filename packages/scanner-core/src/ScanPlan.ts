/**
 * From what is asked to what will be done: a request becomes the cells of a plan.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import type { Cell, Location, ScanScope } from "@cadastre/model"
import { Regions, RegionSelection } from "@cadastre/region-discovery"
import * as Effect from "effect/Effect"
import { type CatalogEntry, ScannerRegistry } from "./ScannerRegistry.ts"

/**
 * What to scan.
 *
 * - `types`: resource types, `service:*`, aliases, or `all` (also when absent)
 * - `regions`: Region codes and wildcards; `!` before one leaves it out; all enabled ones when absent
 * - `seed`: decides the order of work, 0 by default; the result does not depend on it
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanRequest {
  readonly types?: ReadonlyArray<string>
  readonly regions?: ReadonlyArray<string>
  readonly seed?: number
}

/**
 * The cells of one account in one Region, or its global ones.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlannedRegion {
  readonly account: Account
  readonly region: Location
  /** By service, in the order of work. */
  readonly services: ReadonlyArray<ReadonlyArray<CatalogEntry>>
}

/**
 * What a scan will do. `narrowed` says that it leaves enabled Regions out.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanPlan {
  readonly scope: ScanScope
  readonly narrowed: boolean
  readonly regions: ReadonlyArray<PlannedRegion>
  readonly cells: ReadonlyArray<Cell>
}

/**
 * Plans a scan of one account. Makes no call but those that discover its Regions.
 *
 * Every regional type is planned once for each chosen Region, every global type
 * once for the account. Services are interleaved differently in each Region, so
 * that they do not all press on the same one at the same time.
 *
 * Fails with `UnknownTypeError` and as `RegionSelection.select` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("ScanPlan.make")(function*(
  account: Account,
  request: ScanRequest,
  bounds: RegionSelection.RegionBounds
) {
  const registry = yield* ScannerRegistry
  const entries = yield* registry.resolve(request.types ?? [])
  const selection = yield* RegionSelection.select(account, request.regions ?? [], bounds)
  const seed = request.seed ?? 0

  const global = entries.filter(({ scope }) => scope === "global")
  const regional = entries.filter(({ scope }) => scope === "regional")
  const regions: Array<PlannedRegion> = []
  if (global.length > 0) regions.push({ account, region: "global", services: byService(global, seed, "global") })
  if (regional.length > 0) {
    // The caller's own Region first: that is where most of an estate tends to be.
    const home = (yield* Regions).home
    for (const region of selection.regions.toSorted((a, b) => Number(b === home) - Number(a === home))) {
      regions.push({ account, region, services: byService(regional, seed, region) })
    }
  }
  const scope: ScanScope = {
    partition: account.partition,
    accountIds: [account.id],
    regions: selection.regions,
    types: entries.map(({ type }) => type),
    skippedRegions: selection.skipped,
    discovery: selection.discovery
  }
  const plan: ScanPlan = {
    scope,
    narrowed: selection.narrowed,
    regions,
    cells: regions.flatMap(({ region, services }) =>
      services.flat().map(({ type }): Cell => ({ accountId: account.id, region, type }))
    )
  }
  return plan
})

/**
 * Grouped by service: first those that need a second step for their tags, which
 * take longest, then in an order that the seed and the Region decide.
 */
const byService = (
  entries: ReadonlyArray<CatalogEntry>,
  seed: number,
  region: string
): ReadonlyArray<ReadonlyArray<CatalogEntry>> =>
  [...Map.groupBy(entries, ({ actions, type }) => actions[0]?.split(":")[0] ?? type)]
    .map(([service, group]) => ({
      group,
      steps: group.some(({ tagSource }) => tagSource === "tagging-api") ? 0 : 1,
      rank: hash(`${seed}/${region}/${service}`)
    }))
    .toSorted((a, b) => a.steps - b.steps || a.rank - b.rank)
    .map(({ group }) => group)

/** FNV-1a, 32 bits: spreads well and is the same everywhere. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
