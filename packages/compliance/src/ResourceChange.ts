/**
 * What became of one resource between two looks at the estate.
 *
 * @since 0.1.0
 */
import { ResourceState, SnapshotDiff } from "@cadastre/aggregation"
import { AccountId, Location, ResourceType } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/**
 * - `change`: see `SnapshotDiff.Change`
 * - `reason`: of what is `not-comparable`: `cell-not-scanned` or `tags-unknown`
 * - `tags`: tags that were added, removed or given another value; of a resource that is `changed`
 * - `before`, `after`: what the policy said of it, where it was there
 * - `newViolations`, `solvedViolations`: rules that it breaks and did not break before, and the reverse; where both looks
 *   were judged by the same policy
 *
 * @category models
 * @since 0.1.0
 */
export const ResourceChange = Schema.Struct({
  arn: Schema.NonEmptyString,
  id: Schema.NonEmptyString,
  type: ResourceType.ResourceType,
  accountId: AccountId,
  region: Location,
  change: Schema.Literals(["added", "removed", "changed", "not-comparable"]),
  reason: Schema.optionalKey(Schema.Literals(["cell-not-scanned", "tags-unknown"])),
  tags: Schema.Array(SnapshotDiff.TagChange),
  before: Schema.optionalKey(ResourceState.fields.verdict),
  after: Schema.optionalKey(ResourceState.fields.verdict),
  newViolations: ResourceState.fields.violations,
  solvedViolations: ResourceState.fields.violations
})
/** @since 0.1.0 */
export type ResourceChange = typeof ResourceChange.Type

/** How many changes are listed unless more are asked for. */
const mostChanges = 10_000

/**
 * - `totals`: of all changes, also of those that are not listed; `byTag` only of what was seen both times
 * - `changes`: by ARN, those that cannot be compared last; `moreChanges`: how many are not listed
 *
 * @category models
 * @since 0.1.0
 */
export const ResourceChanges = Schema.Struct({
  totals: SnapshotDiff.Totals,
  changes: Schema.Array(ResourceChange),
  moreChanges: Schema.Natural
})
/** @since 0.1.0 */
export type ResourceChanges = typeof ResourceChanges.Type

/**
 * All changes counted, and the first of them as a list.
 *
 * - `limit`: how many are listed, 10,000 by default
 * - `samePolicy`: whether both looks were judged by the same policy
 * - `isJudged`: whether the earlier and the later one were judged at all; both by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const collect = <E, R>(
  changes: Stream.Stream<SnapshotDiff.Change, E, R>,
  options: {
    readonly limit?: number
    readonly samePolicy: boolean
    readonly isJudged?: { readonly before: boolean; readonly after: boolean }
  }
): Effect.Effect<ResourceChanges, E, R> =>
  Effect.suspend(() => {
    const { limit = mostChanges } = options
    const counter = SnapshotDiff.counter()
    const comparable: Array<ResourceChange> = []
    const others: Array<ResourceChange> = []
    return Effect.map(
      Stream.runForEach(changes, (change) =>
        Effect.sync(() => {
          counter.add(change)
          const list = change._tag === "NotComparable" ? others : comparable
          if (list.length < limit) list.push(changeOf(change, options))
        })),
      (): ResourceChanges => {
        const totals = counter.totals()
        const listed = [...comparable, ...others].slice(0, limit)
        const all = totals.added + totals.removed + totals.changed + totals.notComparable
        return { totals, changes: listed, moreChanges: all - listed.length }
      }
    )
  })

const changeOf = (
  change: SnapshotDiff.Change,
  { isJudged = { before: true, after: true }, samePolicy }: {
    readonly samePolicy: boolean
    readonly isJudged?: { readonly before: boolean; readonly after: boolean }
  }
): ResourceChange => {
  const before = change._tag === "Removed" ? change.state : change._tag === "Changed" ? change.before : undefined
  const after = change._tag === "Added" ? change.state : change._tag === "Changed" ? change.after : undefined
  const { arn, cell, id, region } = change._tag === "Changed" ? change.after : change.state
  return {
    arn,
    id,
    type: cell.type,
    accountId: cell.accountId,
    region,
    change: names[change._tag],
    ...(change._tag === "NotComparable" ? { reason: change.reason } : {}),
    tags: change._tag === "Changed" ? change.tags : [],
    ...(before === undefined || !isJudged.before ? {} : { before: before.verdict }),
    ...(after === undefined || !isJudged.after ? {} : { after: after.verdict }),
    newViolations: samePolicy ? without(after, before) : [],
    solvedViolations: samePolicy ? without(before, after) : []
  }
}

const names = {
  Added: "added",
  Removed: "removed",
  Changed: "changed",
  NotComparable: "not-comparable"
} as const satisfies Record<SnapshotDiff.Change["_tag"], ResourceChange["change"]>

const without = (state: ResourceState | undefined, other: ResourceState | undefined): ResourceState["violations"] =>
  state?.violations.filter(({ rule, tag }) =>
    other?.violations.some((one) => one.rule === rule && one.tag === tag) !== true
  ) ?? []
