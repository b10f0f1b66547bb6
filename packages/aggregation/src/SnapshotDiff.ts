/**
 * What changed between two snapshots.
 *
 * @since 0.1.0
 */
import { type Cell, cellKey, type CellResult } from "@cadastre/model"
import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { byArn, ResourceState } from "./Snapshot.ts"

/**
 * A tag that was added (`before` is absent), removed (`after` is absent) or has
 * another value.
 *
 * @category models
 * @since 0.1.0
 */
export const TagChange = Schema.Struct({
  key: Schema.String,
  before: Schema.optionalKey(Schema.String),
  after: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type TagChange = typeof TagChange.Type

/**
 * A difference:
 *
 * - `Added`: it was not there when all of its cell was seen, and is now
 * - `Removed`: it was there, and all of its cell was seen without it
 * - `Changed`: it was seen both times, and its tags or what the policy says of it differ
 * - `NotComparable`: nobody can say. `cell-not-scanned`: it is in one snapshot, and the other did not see all of its
 *   cell; `tags-unknown`: it is in both, and its tags could not be read in one of them
 *
 * @category models
 * @since 0.1.0
 */
export const Change = Schema.Union([
  Schema.TaggedStruct("Added", { state: ResourceState }),
  Schema.TaggedStruct("Removed", { state: ResourceState }),
  Schema.TaggedStruct("Changed", { before: ResourceState, after: ResourceState, tags: Schema.Array(TagChange) }),
  Schema.TaggedStruct("NotComparable", {
    state: ResourceState,
    reason: Schema.Literals(["cell-not-scanned", "tags-unknown"])
  })
])
/** @since 0.1.0 */
export type Change = typeof Change.Type

/**
 * One side of a comparison: states by `byArn`, and how the cells ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side<E, R> {
  readonly states: Stream.Stream<ResourceState, E, R>
  readonly cells: ReadonlyArray<CellResult>
}

/**
 * The changes from one snapshot to the other, by ARN. Both are read once, side
 * by side; memory does not grow with them.
 *
 * - `samePolicy`: whether verdicts are compared as well as tags; `true` by default. Tags alone where the two were judged
 *   by different policies
 * - `tagKeys`: only these tags count, all by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const diff = <E1, R1, E2, R2>(
  before: Side<E1, R1>,
  after: Side<E2, R2>,
  options: { readonly samePolicy?: boolean; readonly tagKeys?: ReadonlyArray<string> } = {}
): Stream.Stream<Change, E1 | E2, R1 | R2> => {
  const { samePolicy = true } = options
  const wanted = options.tagKeys === undefined ? undefined : new Set(options.tagKeys)
  const sawBefore = scannedIn(before.cells)
  const sawAfter = scannedIn(after.cells)

  const alone = (state: ResourceState, found: "Added" | "Removed"): Change =>
    (found === "Added" ? sawBefore : sawAfter)(state.cell)
      ? { _tag: found, state }
      : { _tag: "NotComparable", state, reason: "cell-not-scanned" }

  const both = (before: ResourceState, after: ResourceState): Change | undefined => {
    if (before.tags === null || after.tags === null) {
      return before.tags === after.tags ? undefined : { _tag: "NotComparable", state: after, reason: "tags-unknown" }
    }
    const tags = tagChanges(before.tags, after.tags, wanted)
    const isJudgedAnew = samePolicy && wanted === undefined &&
      (before.verdict !== after.verdict || violationsOf(before) !== violationsOf(after))
    return tags.length === 0 && !isJudgedAnew ? undefined : { _tag: "Changed", before, after, tags }
  }

  return Stream.combineArray(before.states, after.states, empty, (state, pullBefore, pullAfter) =>
    Effect.gen(function*() {
      let { left, right } = state
      for (;;) {
        if (left.at === left.page.length && !left.isDone) left = yield* next(pullBefore)
        if (right.at === right.page.length && !right.isDone) right = yield* next(pullAfter)
        const changes: Array<Change> = []
        // Until one of the pages is used up; a side that is done lets the other's pages through.
        for (;;) {
          const old = left.page[left.at]
          const now = right.page[right.at]
          if ((old === undefined && !left.isDone) || (now === undefined && !right.isDone)) break
          if (old === undefined && now === undefined) break
          const order = old === undefined ? 1 : now === undefined ? -1 : byArn(old, now)
          if (order <= 0) left.at++
          if (order >= 0) right.at++
          const change = order < 0 ? alone(old!, "Removed") : order > 0 ? alone(now!, "Added") : both(old!, now!)
          if (change !== undefined) changes.push(change)
        }
        if (Array.isArrayNonEmpty(changes)) return [changes, { left, right }] as const
        if (left.isDone && right.isDone && left.at === left.page.length && right.at === right.page.length) {
          return yield* Cause.done()
        }
      }
    }))
}

/** The page that is being read, and how far. */
interface Place {
  readonly page: ReadonlyArray<ResourceState>
  readonly isDone: boolean
  at: number
}

const empty = (): { readonly left: Place; readonly right: Place } => ({
  left: { page: [], isDone: false, at: 0 },
  right: { page: [], isDone: false, at: 0 }
})

const next = <E, R>(pull: Pull.Pull<ReadonlyArray<ResourceState>, E, void, R>) =>
  pull.pipe(
    Effect.map((page): Place => ({ page, isDone: false, at: 0 })),
    Pull.catchDone(() => Effect.succeed<Place>({ page: [], isDone: true, at: 0 }))
  )

const scannedIn = (cells: ReadonlyArray<CellResult>): (cell: Cell) => boolean => {
  const scanned = new Set(cells.flatMap((cell) => cell.outcome === "scanned" ? [cellKey(cell)] : []))
  return (cell) => scanned.has(cellKey(cell))
}

/** The order in which rules were found to be broken is the policy's. */
const violationsOf = ({ violations }: ResourceState): string =>
  violations.length === 0 ? "" : JSON.stringify(violations.map(({ rule, severity, tag }) => [tag, rule, severity]))

const tagChanges = (
  before: NonNullable<ResourceState["tags"]>,
  after: NonNullable<ResourceState["tags"]>,
  wanted: ReadonlySet<string> | undefined
): ReadonlyArray<TagChange> => {
  const changes: Array<TagChange> = []
  for (const [key, value] of Object.entries(before)) {
    if (wanted?.has(key) === false) continue
    if (!Object.hasOwn(after, key)) changes.push({ key, before: value })
    else if (after[key] !== value) changes.push({ key, before: value, after: after[key]! })
  }
  for (const [key, value] of Object.entries(after)) {
    if (wanted?.has(key) !== false && !Object.hasOwn(before, key)) changes.push({ key, after: value })
  }
  return changes.toSorted((a, b) => a.key < b.key ? -1 : 1)
}

/**
 * How much changed. `byTag`: resources on which the tag was added, removed or
 * given another value, among those that were seen both times.
 *
 * @category models
 * @since 0.1.0
 */
export const Totals = Schema.Struct({
  added: Schema.Natural,
  removed: Schema.Natural,
  changed: Schema.Natural,
  notComparable: Schema.Natural,
  byTag: Schema.Record(
    Schema.String,
    Schema.Struct({ added: Schema.Natural, removed: Schema.Natural, changed: Schema.Natural })
  )
})
/** @since 0.1.0 */
export type Totals = typeof Totals.Type

/**
 * Counts changes as they come.
 *
 * @category constructors
 * @since 0.1.0
 */
export const counter = (): { readonly add: (change: Change) => void; readonly totals: () => Totals } => {
  const counts = { Added: 0, Removed: 0, Changed: 0, NotComparable: 0 }
  const byTag = new Map<string, { added: number; removed: number; changed: number }>()
  return {
    add: (change) => {
      counts[change._tag]++
      if (change._tag !== "Changed") return
      for (const { after, before, key } of change.tags) {
        const tag = byTag.get(key) ?? { added: 0, removed: 0, changed: 0 }
        byTag.set(key, tag)
        tag[before === undefined ? "added" : after === undefined ? "removed" : "changed"]++
      }
    },
    totals: () => ({
      added: counts.Added,
      removed: counts.Removed,
      changed: counts.Changed,
      notComparable: counts.NotComparable,
      byTag: Object.fromEntries([...byTag].toSorted(([a], [b]) => a < b ? -1 : 1))
    })
  }
}
