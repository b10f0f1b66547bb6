/**
 * What a scan says as it goes. Every consumer (progress, aggregation, stores,
 * reports) folds the same stream of these.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccountId } from "./AccountId.ts"
import { Cell, CellResult } from "./Cell.ts"
import { Discovery } from "./Discovery.ts"
import { Partition } from "./Partition.ts"
import { RegionId } from "./RegionId.ts"
import { Resource } from "./Resource.ts"
import { ResourceType } from "./ResourceType.ts"

/**
 * What a scan was asked to look at, resolved: the accounts, Regions and types
 * themselves. `skippedRegions` are known but not part of it.
 *
 * @since 0.1.0
 */
export const ScanScope = Schema.Struct({
  partition: Partition,
  accountIds: Schema.Array(AccountId),
  regions: Schema.Array(RegionId),
  types: Schema.Array(ResourceType),
  skippedRegions: Schema.Array(RegionId),
  discovery: Discovery
})
/** @since 0.1.0 */
export type ScanScope = typeof ScanScope.Type

/**
 * - `ScanStarted`: first, once; `cells` are all cells to come
 * - `ResourcesFound`: a page of one cell; a cell has any number of them
 * - `CellEnded`: exactly one for each cell, after all its resources
 * - `Progress`: how far the scan is, after each ended cell; times in milliseconds since the start
 *
 * @since 0.1.0
 */
export const ScanEvent = Schema.TaggedUnion({
  ScanStarted: { scope: ScanScope, cells: Schema.Array(Cell), startedAt: Schema.String },
  ResourcesFound: { cell: Cell, resources: Schema.Array(Resource) },
  CellEnded: { result: CellResult },
  Progress: {
    cells: Schema.Natural,
    cellsEnded: Schema.Natural,
    resources: Schema.Natural,
    calls: Schema.Natural,
    throttles: Schema.Natural,
    elapsedMs: Schema.Natural
  }
})
/** @since 0.1.0 */
export type ScanEvent = typeof ScanEvent.Type
