/**
 * Coverage: what a scan saw of its scope, and what it could not see.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type CellResult, CellResult as CellResultSchema, type Outcome } from "./Cell.ts"
import { Discovery } from "./Discovery.ts"
import { RegionId } from "./RegionId.ts"

/**
 * Number of cells by outcome.
 *
 * @since 0.1.0
 */
export const CellCounts = Schema.Struct({
  scanned: Schema.Natural,
  denied: Schema.Natural,
  throttled: Schema.Natural,
  "timed-out": Schema.Natural,
  failed: Schema.Natural,
  unsupported: Schema.Natural,
  skipped: Schema.Natural
})
/** @since 0.1.0 */
export type CellCounts = typeof CellCounts.Type

/**
 * - `complete`: every cell is `scanned` or `unsupported`, every resource's tags are known, and the
 *   list of Regions was exhaustive. Only a complete result is cached, and only it exits with 0
 * - `successfulRegions`: every cell of the Region was seen
 * - `incompleteRegions`: some cells were seen, some not
 * - `failedRegions`: no cell was seen
 * - `skippedRegions`: not part of the scope: not opted in, or left out by the request
 * - `table`: every cell, ordered by account, Region and type
 *
 * The Region lists hold Regions only; cells of global types are in `cells` and `table`.
 *
 * @since 0.1.0
 */
export const Coverage = Schema.Struct({
  complete: Schema.Boolean,
  cells: CellCounts,
  unknownTags: Schema.Natural,
  successfulRegions: Schema.Array(RegionId),
  incompleteRegions: Schema.Array(RegionId),
  failedRegions: Schema.Array(RegionId),
  skippedRegions: Schema.Array(RegionId),
  discovery: Discovery,
  table: Schema.Array(CellResultSchema)
})
/** @since 0.1.0 */
export type Coverage = typeof Coverage.Type

/**
 * The coverage that a list of ended cells amounts to. The order of the list
 * does not matter.
 *
 * @since 0.1.0
 */
export const make = (options: {
  readonly cells: ReadonlyArray<CellResult>
  readonly skippedRegions: ReadonlyArray<RegionId>
  readonly discovery: Discovery
}): Coverage => {
  const cells: Record<Outcome, number> = {
    scanned: 0,
    denied: 0,
    throttled: 0,
    "timed-out": 0,
    failed: 0,
    unsupported: 0,
    skipped: 0
  }
  const regions = new Map<RegionId, { seen: number; unseen: number }>()
  let unknownTags = 0
  for (const cell of options.cells) {
    cells[cell.outcome]++
    unknownTags += cell.unknownTags
    if (cell.region === "global") continue
    const region = regions.get(cell.region) ?? { seen: 0, unseen: 0 }
    regions.set(cell.region, region)
    if (cell.outcome === "scanned") region.seen++
    else if (cell.outcome !== "unsupported") region.unseen++
  }
  const where = (test: (region: { readonly seen: number; readonly unseen: number }) => boolean) =>
    [...regions].filter(([, region]) => test(region)).map(([id]) => id).toSorted()
  const seen = cells.scanned + cells.unsupported
  return {
    complete: seen === options.cells.length && unknownTags === 0 && options.discovery.exhaustive,
    cells,
    unknownTags,
    successfulRegions: where(({ unseen }) => unseen === 0),
    incompleteRegions: where(({ seen, unseen }) => unseen > 0 && seen > 0),
    failedRegions: where(({ seen, unseen }) => unseen > 0 && seen === 0),
    skippedRegions: options.skippedRegions.toSorted(),
    discovery: options.discovery,
    table: options.cells.toSorted(byCell)
  }
}

/** By account, Region and type, in code unit order so that every machine sorts alike. */
const byCell = (a: CellResult, b: CellResult): number =>
  compare(a.accountId, b.accountId) || compare(a.region, b.region) || compare(a.type, b.type)

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
