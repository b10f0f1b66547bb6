/**
 * How the score went, period by period.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { type SnapshotSummary, ViolationCount } from "./Snapshot.ts"

/**
 * @category models
 * @since 0.1.0
 */
export const Grouping = Schema.Literals(["day", "week", "month"])
/** @since 0.1.0 */
export type Grouping = typeof Grouping.Type

/**
 * One period in which there was a snapshot.
 *
 * - `period`: `2026-11-21`, `2026-W47` (ISO 8601) or `2026-11`; in UTC
 * - `complianceScore`: of all its snapshots together, each counting as much as it has resources; 1 where they all
 *   saw that there is nothing to score; absent where nothing was seen
 * - the other figures: those of its last snapshot, `snapshotId`, taken at `takenAt`
 *
 * @category models
 * @since 0.1.0
 */
export const TrendPoint = Schema.Struct({
  period: Schema.String,
  snapshots: Schema.Natural,
  snapshotId: Schema.String,
  takenAt: Schema.String,
  complete: Schema.Boolean,
  complianceScore: Schema.optionalKey(Schema.Finite),
  totalResources: Schema.Natural,
  compliantResources: Schema.Natural,
  violationCount: Schema.Natural,
  costAttributionGap: Schema.NullOr(Schema.Finite)
})
/** @since 0.1.0 */
export type TrendPoint = typeof TrendPoint.Type

/**
 * - `points`: oldest first; periods without a snapshot are not there
 * - `direction`: the last point's score against the first's; `unknown` with fewer than two scores
 * - `changePoints`: the difference in points of percent; `changePercent`: in percent of the first score, `null` where
 *   that was 0. Both absent with fewer than two scores
 * - `commonViolations`: of the last snapshot, the most frequent first
 * - `leftOut`: snapshots of the same key that cannot be compared with the others, since they saw other cells
 * - `note`: says why there is no trend, or why it is one of incomplete snapshots
 *
 * @category models
 * @since 0.1.0
 */
export const Trend = Schema.Struct({
  groupBy: Grouping,
  points: Schema.Array(TrendPoint),
  direction: Schema.Literals(["improving", "declining", "stable", "unknown"]),
  changePoints: Schema.optionalKey(Schema.Finite),
  changePercent: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  commonViolations: Schema.Array(ViolationCount),
  leftOut: Schema.Natural,
  note: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type Trend = typeof Trend.Type

/**
 * The trend of snapshots **of one key**, in any order.
 *
 * Complete snapshots are never mixed with others. Where there is none, those are
 * taken that saw exactly the cells which the newest saw.
 *
 * - `tolerance`: changes of no more than so many points of percent are `stable`, 0.1 by default
 * - `top`: how many common violations are named, 5 by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (snapshots: ReadonlyArray<SnapshotSummary>, options: {
  readonly groupBy: Grouping
  readonly tolerance?: number
  readonly top?: number
}): Trend => {
  const { groupBy, tolerance = 0.1, top = 5 } = options
  const all = snapshots.toSorted(byTime)
  const newest = all.at(-1)
  const isComplete = all.some(({ complete }) => complete)
  const used = all.filter(({ complete, seen }) => isComplete ? complete : seen === newest?.seen)
  const periods = Map.groupBy(used, ({ takenAt }) => periodOf(takenAt, groupBy))
  const points = [...periods].map(([period, snapshots]) => pointOf(period, snapshots))
  const note = newest === undefined
    ? "There is no snapshot of this scope and policy in this time"
    : isComplete
    ? undefined
    : "No snapshot saw everything: these saw the same cells as the last one"
  return {
    groupBy,
    points,
    ...changeOf(points, tolerance),
    commonViolations: used.at(-1)?.commonViolations.slice(0, top) ?? [],
    leftOut: all.length - used.length,
    ...(note === undefined ? {} : { note })
  }
}

const byTime = (a: SnapshotSummary, b: SnapshotSummary): number =>
  Date.parse(a.takenAt) - Date.parse(b.takenAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const pointOf = (period: string, snapshots: ReadonlyArray<SnapshotSummary>): TrendPoint => {
  const last = snapshots.at(-1)!
  const seen = snapshots.filter(({ complianceScore }) => complianceScore !== undefined)
  const total = sum(seen, ({ totalResources }) => totalResources)
  const compliant = sum(seen, ({ compliantResources }) => compliantResources)
  return {
    period,
    snapshots: snapshots.length,
    snapshotId: last.id,
    takenAt: last.takenAt,
    complete: last.complete,
    ...(seen.length === 0 ? {} : { complianceScore: total === 0 ? 1 : compliant / total }),
    totalResources: last.totalResources,
    compliantResources: last.compliantResources,
    violationCount: last.violationCount,
    costAttributionGap: last.costAttributionGap
  }
}

const changeOf = (
  points: ReadonlyArray<TrendPoint>,
  tolerance: number
): Pick<Trend, "direction" | "changePoints" | "changePercent"> => {
  const scores = points.flatMap(({ complianceScore }) => complianceScore === undefined ? [] : [complianceScore])
  const [first] = scores
  const last = scores.at(-1)
  if (first === undefined || last === undefined || scores.length < 2) return { direction: "unknown" }
  const changePoints = (last - first) * 100
  return {
    direction: Math.abs(changePoints) <= tolerance ? "stable" : changePoints > 0 ? "improving" : "declining",
    changePoints,
    changePercent: first === 0 ? null : (last - first) / first * 100
  }
}

const sum = <A>(items: ReadonlyArray<A>, of: (item: A) => number): number => items.reduce((sum, item) => sum + of(item), 0)

/**
 * The name of the period that an instant is in, in UTC. A week belongs to the
 * year that its Thursday is in.
 *
 * @category getters
 * @since 0.1.0
 */
export const periodOf = (instant: string, grouping: Grouping): string => {
  const day = DateTime.formatIso(DateTime.makeUnsafe(instant)).slice(0, 10)
  if (grouping === "day") return day
  if (grouping === "month") return day.slice(0, 7)
  const days = Date.parse(day) / dayMs
  // Day 0 of 1970 was a Thursday.
  const thursday = days + 3 - (days + 3) % 7
  const year = DateTime.formatIso(DateTime.makeUnsafe(thursday * dayMs)).slice(0, 4)
  const week = Math.floor((thursday - Date.parse(`${year}-01-01`) / dayMs) / 7) + 1
  return `${year}-W${`${week}`.padStart(2, "0")}`
}

const dayMs = 86_400_000
