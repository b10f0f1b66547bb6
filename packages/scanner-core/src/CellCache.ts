/**
 * Cells that were seen a little while ago: a scan of a wider scope uses those of
 * a narrower one instead of looking again.
 *
 * Unlike the journal, which incremental scans ask CloudTrail about, a cache is
 * believed as it is for as long as its entries live.
 *
 * @since 0.1.0
 */
import type { Cell, CellResult, Location, Resource } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"

/**
 * Under what a cell is kept.
 *
 * - `estate`: where AWS is: the partition, or the endpoint of a stand-in
 * - `regions`: for a type without a Region, those that its list was narrowed to, or `"all"`: some of its resources are
 *   in a Region all the same. A regional cell is the same in every scope: `"own"`
 *
 * @category models
 * @since 0.1.0
 */
export interface CellCacheKey {
  readonly estate: string
  readonly cell: Cell
  readonly regions: "own" | "all" | ReadonlyArray<Location>
}

/**
 * A cell as it was seen: it ended as `scanned`, and all its tags are known.
 *
 * - `seenAt`: when it ended, milliseconds since the epoch
 *
 * @category models
 * @since 0.1.0
 */
export interface CachedCell {
  readonly seenAt: number
  readonly result: CellResult
  readonly pages: ReadonlyArray<ReadonlyArray<Resource>>
}

/**
 * The cache; by default there is none. Nothing here fails: what cannot be read
 * is not there, and what cannot be kept is not kept.
 *
 * - `mostResources`: cells with more are not kept, and all that are being read at a time hold no more than this
 *   together; 0 keeps none
 * - `get`: the whole cell, if it is there and young enough
 * - `set`: keeps a cell in place of what was kept of it before
 * - `invalidate`: forgets the entries whose key, a SHA-256 in hexadecimal, begins with this; all of them for the
 *   empty text
 *
 * @category services
 * @since 0.1.0
 */
export class CellCache extends Context.Reference<{
  readonly mostResources: number
  readonly get: (key: CellCacheKey) => Effect.Effect<Option.Option<CachedCell>>
  readonly set: (key: CellCacheKey, cell: CachedCell) => Effect.Effect<void>
  readonly invalidate: (prefix: string) => Effect.Effect<void>
}>("@cadastre/scanner-core/CellCache", {
  defaultValue: () => ({
    mostResources: 0,
    get: () => Effect.succeedNone,
    set: () => Effect.void,
    invalidate: () => Effect.void
  })
}) {}

/**
 * What a scan does with the cache: `"reuse"` uses cells that are in it, `"renew"`
 * scans all of them; both keep what they see.
 *
 * @category models
 * @since 0.1.0
 */
export type CellCacheUse = "reuse" | "renew"

/** The pages of a cell that is being read, as long as they are few enough to be kept. */
export interface Recording {
  readonly add: (page: ReadonlyArray<Resource>) => void
  /** What was read, unless it was too much. Nothing is held afterwards. */
  readonly take: () => ReadonlyArray<ReadonlyArray<Resource>> | undefined
}

/** One scan's part of the cache. */
export interface CellCaching {
  readonly find: (cell: Cell) => Effect.Effect<Option.Option<CachedCell>>
  readonly record: () => Recording
  readonly keep: (cell: CachedCell) => Effect.Effect<void>
}

/**
 * Opens the cache for one scan; `undefined` where none is kept.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  cache: (typeof CellCache)["Service"],
  use: CellCacheUse | undefined,
  scope: { readonly estate: string; readonly regions: CellCacheKey["regions"] }
): CellCaching | undefined => {
  if (use === undefined || cache.mostResources === 0) return undefined
  let held = 0
  const keyOf = (cell: Cell): CellCacheKey => {
    const { accountId, region, type } = cell
    return {
      estate: scope.estate,
      cell: { accountId, region, type },
      regions: region === "global" ? scope.regions : "own"
    }
  }
  return {
    find: (cell) => use === "renew" ? Effect.succeedNone : cache.get(keyOf(cell)),
    record: () => {
      let pages: Array<ReadonlyArray<Resource>> | undefined = []
      let size = 0
      const drop = () => {
        held -= size
        size = 0
        pages = undefined
      }
      return {
        add: (page) => {
          if (pages === undefined) return
          held += page.length
          size += page.length
          if (held > cache.mostResources) drop()
          else pages.push(page)
        },
        take: () => {
          const taken = pages
          drop()
          return taken
        }
      }
    },
    keep: (cell) => cache.set(keyOf(cell.result), cell)
  }
}
