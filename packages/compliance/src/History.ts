/**
 * How the compliance of one scope went.
 *
 * @since 0.1.0
 */
import { type SnapshotKey, Trend } from "@cadastre/aggregation"
import type { TagPolicy } from "@cadastre/policy"
import type { ScanRequest } from "@cadastre/scanner-core"
import type { SnapshotError, StoreError } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"
import type { Includable } from "./ScoreScope.ts"
import * as SnapshotScope from "./SnapshotScope.ts"

/**
 * Which history.
 *
 * The scope is that of a check of the same request; it is planned, and nothing
 * is scanned. Or `snapshotId` names a snapshot, whose history is told without a
 * call to AWS; the rest of the request says nothing then.
 *
 * - `days`: how far back, from 1 on; 30 by default
 * - `groupBy`: `day` by default; days are those of UTC
 * - `tolerance`: changes of no more than so many points of percent are `stable`, 0.1 by default
 *
 * @category models
 * @since 0.1.0
 */
export interface HistoryRequest extends ScanRequest {
  readonly policy: TagPolicy
  readonly include?: ReadonlyArray<Includable>
  readonly snapshotId?: string
  readonly days?: number
  readonly groupBy?: Trend.Grouping
  readonly tolerance?: number
}

/**
 * What else is remembered: one scope under one policy.
 *
 * - `scope`: in words; `snapshotId`: its newest snapshot, taken at `takenAt`
 *
 * @category models
 * @since 0.1.0
 */
export const OtherHistory = Schema.Struct({
  scope: Schema.String,
  policyHash: Schema.String,
  snapshots: Schema.Natural,
  snapshotId: Schema.String,
  takenAt: Schema.String
})

/**
 * The trend, and
 *
 * - `hasHistory`: whether there is any snapshot in this time; `note` says in words why not
 * - `from`, `to`: the time that was asked about, ISO 8601, UTC
 * - `scope`: in words; `policyHash`: the policy that the snapshots were judged by
 * - `otherHistories`: of what else there are snapshots, the newest first, at most ten; none of them is in the trend
 *
 * @category models
 * @since 0.1.0
 */
export const HistoryResult = Schema.Struct({
  ...Trend.Trend.fields,
  hasHistory: Schema.Boolean,
  from: Schema.String,
  to: Schema.String,
  days: Schema.Natural,
  scope: Schema.String,
  policyHash: Schema.String,
  otherHistories: Schema.Array(OtherHistory)
})
/** @since 0.1.0 */
export type HistoryResult = typeof HistoryResult.Type

/**
 * Tells the history of a key.
 *
 * - `key`: how it is found; only asked where no snapshot is named
 *
 * @category constructors
 * @since 0.1.0
 */
export const tell = Effect.fnUntraced(function*<E, R>(
  memory: Memory,
  { days = 30, groupBy = "day", snapshotId, tolerance }: Pick<HistoryRequest, "days" | "groupBy" | "snapshotId" | "tolerance">,
  key: Effect.Effect<SnapshotKey, E, R>
): Effect.fn.Return<HistoryResult, E | NoMemoryError | StoreError | SnapshotError, R> {
  const { snapshots } = yield* EstateMemory.opened(memory)
  const { policyHash, scope } = snapshotId === undefined ? yield* key : yield* snapshots.find(snapshotId)
  const to = yield* Clock.currentTimeMillis
  const from = to - days * dayMs
  const trend = yield* snapshots.trend({ policyHash, scope }, {
    groupBy,
    from,
    // The end is not part of it, and one that was just taken is.
    to: to + 1,
    ...(tolerance === undefined ? {} : { tolerance })
  })
  const histories = yield* snapshots.histories({ limit: mostOthers + 1 })
  const others = yield* Effect.forEach(
    histories.filter((one) => one.scope !== scope || one.policyHash !== policyHash).slice(0, mostOthers),
    Effect.fnUntraced(function*(history) {
      const newest = yield* snapshots.list({ scope: history.scope, policyHash: history.policyHash, limit: 1 })
      return newest.map(({ id, takenAt }) => ({
        scope: SnapshotScope.wordsOf(history.scope),
        policyHash: history.policyHash,
        snapshots: history.snapshots,
        snapshotId: id,
        takenAt
      }))
    })
  )
  return {
    ...trend,
    hasHistory: trend.points.length > 0,
    from: DateTime.formatIso(DateTime.makeUnsafe(from)),
    to: DateTime.formatIso(DateTime.makeUnsafe(to)),
    days,
    scope: SnapshotScope.wordsOf(scope),
    policyHash,
    otherHistories: others.flat()
  }
})

const dayMs = 86_400_000
const mostOthers = 10
