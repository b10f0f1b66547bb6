/**
 * What changed from one stored look at the estate to another.
 *
 * @since 0.1.0
 */
import { byArn, type ResourceState, SnapshotDiff } from "@cadastre/aggregation"
import { cellKey, type CellResult } from "@cadastre/model"
import { SnapshotError, type StoreError } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"
import { collect, ResourceChanges } from "./ResourceChange.ts"
import type { SeenEstate } from "./WhatIf.ts"

/**
 * A snapshot by its id, or what was seen and kept elsewhere, in a file say, of
 * which only the tags are compared: `name` is what it is called.
 *
 * @category models
 * @since 0.1.0
 */
export type Look = string | {
  readonly name: string
  readonly seen: SeenEstate
}

/**
 * - `tagKeys`: only these tags count, all by default
 * - `limit`: how many changes are listed, 10,000 by default
 *
 * @category models
 * @since 0.1.0
 */
export interface DiffRequest {
  readonly before: Look
  readonly after: Look
  readonly tagKeys?: ReadonlyArray<string>
  readonly limit?: number
}

/**
 * One of the two.
 *
 * - `complete`: everything of its scope was seen
 * - `complianceScore`: where it was stored with one
 *
 * @category models
 * @since 0.1.0
 */
export const ComparedLook = Schema.Struct({
  name: Schema.String,
  takenAt: Schema.String,
  complete: Schema.Boolean,
  complianceScore: Schema.optionalKey(Schema.Finite)
})
/** @since 0.1.0 */
export type ComparedLook = typeof ComparedLook.Type

/**
 * - `samePolicy`: both were judged by the same policy, so that what it said is compared; else only tags are
 * - `comparedCells`: cells that were seen both times; `uncomparedCells`: the others
 *
 * @category models
 * @since 0.1.0
 */
export const DiffResult = Schema.Struct({
  ...ResourceChanges.fields,
  before: ComparedLook,
  after: ComparedLook,
  samePolicy: Schema.Boolean,
  comparedCells: Schema.Natural,
  uncomparedCells: Schema.Natural
})
/** @since 0.1.0 */
export type DiffResult = typeof DiffResult.Type

/**
 * Compares two looks. What is in cells that one of them did not see is not
 * comparable, and neither `added` nor `removed`.
 *
 * Fails with a `SnapshotError` where a snapshot is unknown, its resources are not kept any
 * more, or the two are of different scopes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compare = Effect.fnUntraced(function*(
  memory: Memory,
  { after: late, before: early, limit, tagKeys }: DiffRequest
): Effect.fn.Return<DiffResult, NoMemoryError | StoreError | SnapshotError> {
  const before = yield* opened(memory, early)
  const after = yield* opened(memory, late)
  if (before.scope !== undefined && after.scope !== undefined && before.scope !== after.scope) {
    return yield* new SnapshotError({
      id: after.look.name,
      reason: "other-scope",
      message: `Snapshots ${before.look.name} and ${after.look.name} are of different scopes: they cannot be compared`
    })
  }
  const samePolicy = before.policyHash !== undefined && before.policyHash === after.policyHash
  const changes = SnapshotDiff.diff(before, after, { samePolicy, ...(tagKeys === undefined ? {} : { tagKeys }) })
  return {
    before: before.look,
    after: after.look,
    samePolicy,
    ...cellsSeenTwice(before.cells, after.cells),
    ...yield* collect(changes, {
      samePolicy,
      isJudged: { before: before.policyHash !== undefined, after: after.policyHash !== undefined },
      ...(limit === undefined ? {} : { limit })
    })
  }
})

/** A look that is ready to be compared; `scope` and `policyHash` of what is stored. */
interface Opened extends SnapshotDiff.Side<StoreError | SnapshotError, never> {
  readonly look: ComparedLook
  readonly scope?: string
  readonly policyHash?: string
}

const opened = Effect.fnUntraced(function*(
  memory: Memory,
  look: Look
): Effect.fn.Return<Opened, NoMemoryError | StoreError | SnapshotError> {
  if (typeof look !== "string") {
    const { name, seen } = look
    const { cells, takenAt } = seen
    const complete = cells.every(({ outcome, unknownTags }) => unknownTags === 0 && (outcome === "scanned" || outcome === "unsupported"))
    return { look: { name, takenAt, complete }, cells, states: Stream.fromIterable(statesOf(seen).toSorted(byArn)) }
  }
  const { snapshots } = yield* EstateMemory.opened(memory)
  const { complete, complianceScore, policyHash, scope, takenAt } = yield* snapshots.find(look)
  const { cells } = yield* snapshots.details(look)
  return {
    look: { name: look, takenAt, complete, ...(complianceScore === undefined ? {} : { complianceScore }) },
    scope,
    policyHash,
    cells,
    states: snapshots.states(look)
  }
})

const statesOf = ({ resources }: SeenEstate): ReadonlyArray<ResourceState> =>
  Array.from(resources, ({ cell, resource: { arn, id, region, tags } }) =>
    ({ arn, id, cell, region, tags, verdict: "unknown", violations: [] }))

/**
 * How many cells were seen both times, and how many were not; those of a service
 * that does not exist there were neither.
 *
 * @category getters
 * @since 0.1.0
 */
export const cellsSeenTwice = (
  before: ReadonlyArray<CellResult>,
  after: ReadonlyArray<CellResult>
): Pick<DiffResult, "comparedCells" | "uncomparedCells"> => {
  const outcomes = new Map(before.map((cell) => [cellKey(cell), cell.outcome]))
  const later = new Map(after.map((cell) => [cellKey(cell), cell.outcome]))
  let [comparedCells, uncomparedCells] = [0, 0]
  for (const key of new Set([...outcomes.keys(), ...later.keys()])) {
    const [was, is] = [outcomes.get(key), later.get(key)]
    if (was === "scanned" && is === "scanned") comparedCells++
    else if ([was, is].some((outcome) => outcome !== "unsupported" && outcome !== undefined)) uncomparedCells++
  }
  return { comparedCells, uncomparedCells }
}
