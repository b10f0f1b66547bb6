/**
 * What a scan says as it goes. Every consumer (progress, aggregation, stores,
 * reports) folds the same stream of these.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Cell, CellResult } from "./Cell.ts"
import { Resource } from "./Resource.ts"
import { ScanScope } from "./ScanScope.ts"

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
