/**
 * Coverage: what a scan saw of its scope, and what it could not see.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccountId } from "./AccountId.ts"
import { type CellResult, CellResult as CellResultSchema, type Outcome } from "./Cell.ts"
import { Discovery } from "./Discovery.ts"
import { RegionId } from "./RegionId.ts"
import { UnnamedAccount } from "./ScanScope.ts"

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
 * - `complete`: every cell is `scanned` or `unsupported`, every resource's tags are known, the lists of
 *   Regions were exhaustive, and every account is known by its id. Only a complete result is cached,
 *   and only it exits with 0
 * - `successfulRegions`: every cell of the Region was seen
 * - `incompleteRegions`: some cells were seen, some not
 * - `failedRegions`: no cell was seen
 * - `skippedRegions`: not part of the scope: not opted in, or left out by the request
 * - `successfulAccounts`, `incompleteAccounts`, `failedAccounts`: the same of accounts, global types included
 * - `unnamedAccounts`: accounts of which not even the id is known
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
  successfulAccounts: Schema.Array(AccountId),
  incompleteAccounts: Schema.Array(AccountId),
  failedAccounts: Schema.Array(AccountId),
  unnamedAccounts: Schema.Array(UnnamedAccount),
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
  readonly unnamedAccounts?: ReadonlyArray<UnnamedAccount>
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
  const regions = new Map<RegionId, Sight>()
  const accounts = new Map<AccountId, Sight>()
  let unknownTags = 0
  for (const cell of options.cells) {
    cells[cell.outcome]++
    unknownTags += cell.unknownTags
    count(accounts, cell.accountId, cell.outcome)
    if (cell.region !== "global") count(regions, cell.region, cell.outcome)
  }
  const { unnamedAccounts = [] } = options
  const seen = cells.scanned + cells.unsupported
  return {
    complete: seen === options.cells.length && unknownTags === 0 && options.discovery.exhaustive &&
      unnamedAccounts.length === 0,
    cells,
    unknownTags,
    successfulRegions: where(regions, ({ unseen }) => unseen === 0),
    incompleteRegions: where(regions, ({ seen, unseen }) => unseen > 0 && seen > 0),
    failedRegions: where(regions, ({ seen, unseen }) => unseen > 0 && seen === 0),
    skippedRegions: options.skippedRegions.toSorted(),
    discovery: options.discovery,
    successfulAccounts: where(accounts, ({ unseen }) => unseen === 0),
    incompleteAccounts: where(accounts, ({ seen, unseen }) => unseen > 0 && seen > 0),
    failedAccounts: where(accounts, ({ seen, unseen }) => unseen > 0 && seen === 0),
    unnamedAccounts,
    table: options.cells.toSorted(byCell)
  }
}

/** How many cells of a Region or an account were seen, and how many not; those of no service there are neither. */
interface Sight {
  seen: number
  unseen: number
}

const count = <K>(sights: Map<K, Sight>, key: K, outcome: Outcome): void => {
  const sight = sights.get(key) ?? { seen: 0, unseen: 0 }
  sights.set(key, sight)
  if (outcome === "scanned") sight.seen++
  else if (outcome !== "unsupported") sight.unseen++
}

const where = <K extends string>(sights: ReadonlyMap<K, Sight>, test: (sight: Sight) => boolean): ReadonlyArray<K> =>
  [...sights].filter(([, sight]) => test(sight)).map(([key]) => key).toSorted()

/** By account, Region and type, in code unit order so that every machine sorts alike. */
const byCell = (a: CellResult, b: CellResult): number =>
  compare(a.accountId, b.accountId) || compare(a.region, b.region) || compare(a.type, b.type)

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
