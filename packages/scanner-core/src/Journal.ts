/**
 * What a scan writes down as it goes, so that nothing that was seen is lost
 * when the process dies, and nothing is asked twice.
 *
 * @since 0.1.0
 */
import type { Cell, CellResult, Resource } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * Which scans may use each other's cells.
 *
 * - `estate`: where AWS is: the partition, or the endpoint of a stand-in
 * - `variant`: what a cell holds besides its account, Region and type: two scans of the same
 *   variant would find the same in the same cell
 *
 * @category models
 * @since 0.1.0
 */
export interface JournalKey {
  readonly estate: string
  readonly variant: string
}

/**
 * A cell that was seen, from the journal.
 *
 * - `scanId`: the scan that saw it
 * - `endedAt`: when it was seen, milliseconds since the epoch
 * - `pages`: its resources, read as they are consumed
 *
 * @category models
 * @since 0.1.0
 */
export interface JournaledCell {
  readonly scanId: string
  readonly endedAt: number
  readonly result: CellResult
  readonly pages: Stream.Stream<ReadonlyArray<Resource>, JournalUnreadable>
}

/**
 * A journaled cell cannot be read back: it is scanned anew, or where part of it was handed on already, fails and is
 * scanned anew by the next scan.
 *
 * @category errors
 * @since 0.1.0
 */
export class JournalUnreadable extends Schema.TaggedError<JournalUnreadable>()("JournalUnreadable", {
  message: Schema.String
}) {}

/**
 * One scan's part of the journal. Nothing here fails: a journal that cannot be
 * written says so once, in a warning, and the scan goes on without it.
 *
 * - `find`: the cell as it was last seen under the same key, by whatever scan
 * - `append`: a page of a cell that is being scanned; not seen by `find` before `end`
 * - `end`: the cell has ended. Only one that ended as `scanned` or `unsupported` is kept, in place of
 *   what was kept of it before; of any other, the pages are dropped and what was known before stays
 * - `close`: the scan is over. Unless every cell was seen (`isComplete`), it can be resumed
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanJournal {
  readonly scanId: string
  readonly find: (cell: Cell) => Effect.Effect<Option.Option<JournaledCell>>
  readonly append: (cell: Cell, page: ReadonlyArray<Resource>) => Effect.Effect<void>
  readonly end: (result: CellResult) => Effect.Effect<void>
  readonly close: (isComplete: boolean) => Effect.Effect<void>
}

/**
 * The journal; by default there is none and nothing is written.
 *
 * - `begin`: opens the journal for a scan. With `resume`, the last scan of the same key and `request`
 *   that saw something but not everything is continued, under its id; else a new one begins
 * - `lastCounts`: how many resources each cell held, and how many calls it took, when it was last
 *   seen in this estate, by `cellKey`; for estimates and for the bounds of a score
 *
 * @category services
 * @since 0.1.0
 */
export class Journal extends Context.Reference<{
  readonly begin: (scan: {
    readonly key: JournalKey
    /** The request, resolved, as a text: the same for the same request. */
    readonly request: string
    readonly resume: boolean
  }) => Effect.Effect<{ readonly journal: ScanJournal; readonly resumed: boolean } | undefined>
  readonly lastCounts: (
    estate: string,
    cells: ReadonlyArray<Cell>
  ) => Effect.Effect<ReadonlyMap<string, { readonly resources: number; readonly calls: number; readonly endedAt: number }>>
}>("@cadastre/scanner-core/Journal", {
  defaultValue: () => ({
    begin: () => Effect.undefined,
    lastCounts: () => Effect.succeed(new Map<string, never>())
  })
}) {}
