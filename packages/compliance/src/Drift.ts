/**
 * What changed since an earlier snapshot, by a scan of now.
 *
 * @since 0.1.0
 */
import { byArn, type ResourceState, SnapshotDiff, type SnapshotKey, type SnapshotSummary } from "@cadastre/aggregation"
import { AccountId, cellKey, Coverage } from "@cadastre/model"
import type { TagPolicy } from "@cadastre/policy"
import type { ScanPlan, ScanRequest } from "@cadastre/scanner-core"
import { SnapshotError, type Snapshots, type StoreError } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ComplianceResult } from "./ComplianceResult.ts"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"
import { collect, ResourceChanges } from "./ResourceChange.ts"
import type { Includable } from "./ScoreScope.ts"
import { cellsSeenTwice } from "./SnapshotComparison.ts"
import * as SnapshotScope from "./SnapshotScope.ts"

/**
 * What to look at, and since when.
 *
 * - `lookbackDays`: 7 by default; 0: the newest. The baseline is the newest complete snapshot that is at least so old; where
 *   there is none, the oldest that is younger
 * - `baseline`: the id of the snapshot to compare with instead
 * - `tagKeys`: only these tags count, all by default
 * - `limit`: how many changes are listed, 10,000 by default
 *
 * @category models
 * @since 0.1.0
 */
export interface DriftRequest extends ScanRequest {
  readonly policy: TagPolicy
  readonly include?: ReadonlyArray<Includable>
  readonly lookbackDays?: number
  readonly baseline?: string
  readonly tagKeys?: ReadonlyArray<string>
  readonly limit?: number
}

/**
 * The snapshot that is compared with.
 *
 * - `ageSeconds`: at the time of the scan
 * - `isWider`: it is of a wider scope, of which only the cells asked for are compared
 * - `isYounger`: there is none as old as was asked for
 *
 * @category models
 * @since 0.1.0
 */
export const Baseline = Schema.Struct({
  snapshotId: Schema.String,
  takenAt: Schema.String,
  ageSeconds: Schema.Natural,
  complianceScore: Schema.optionalKey(Schema.Finite),
  isWider: Schema.Boolean,
  isYounger: Schema.Boolean
})
/** @since 0.1.0 */
export type Baseline = typeof Baseline.Type

/**
 * - `baseline`: absent where there is none. Then nothing is scanned, nothing is known to have drifted, and `note` says so
 * - `coverage`, `scanTimestamp`, `complianceScore`: of the scan, where there was one
 * - `comparedCells`: cells that were seen both times; `uncomparedCells`: the others, of whose resources nobody can say
 *   whether they drifted
 * - `changes` and the rest: see `ResourceChanges`
 *
 * @category models
 * @since 0.1.0
 */
export const DriftResult = Schema.Struct({
  ...ResourceChanges.fields,
  lookbackDays: Schema.Natural,
  baseline: Schema.optionalKey(Baseline),
  note: Schema.optionalKey(Schema.String),
  comparedCells: Schema.Natural,
  uncomparedCells: Schema.Natural,
  complianceScore: Schema.optionalKey(Schema.Finite),
  scanTimestamp: Schema.optionalKey(Schema.String),
  coverage: Schema.optionalKey(Coverage.Coverage),
  accountIds: Schema.Array(AccountId),
  policyHash: Schema.String
})
/** @since 0.1.0 */
export type DriftResult = typeof DriftResult.Type

/**
 * Finds the baseline, scans, and compares.
 *
 * A snapshot of the same Regions and accounts and of more types serves as well:
 * what is compared is cells.
 *
 * - `key`: that of a snapshot of the plan
 * - `scan`: scans and judges; what the policy said of the resources is told as they are found
 *
 * @category constructors
 * @since 0.1.0
 */
export const detect = Effect.fnUntraced(function*<E, R>(
  memory: Memory,
  request: DriftRequest,
  plan: Pick<ScanPlan, "scope">,
  key: SnapshotKey,
  scan: (onStates: (states: ReadonlyArray<ResourceState>) => void) => Effect.Effect<ComplianceResult, E, R>
): Effect.fn.Return<DriftResult, E | NoMemoryError | StoreError | SnapshotError, R> {
  const { snapshots } = yield* EstateMemory.opened(memory)
  const { lookbackDays = 7, limit, tagKeys } = request
  const now = yield* Clock.currentTimeMillis
  const cutoff = now - lookbackDays * dayMs
  const baseline = request.baseline === undefined
    ? yield* newestOf(snapshots, key, cutoff, now)
    : yield* named(snapshots, request.baseline, key)
  const { accountIds } = plan.scope
  if (baseline === undefined) {
    return {
      totals: SnapshotDiff.counter().totals(),
      changes: [],
      moreChanges: 0,
      lookbackDays,
      note: "There is no baseline: no complete snapshot of this scope and policy is stored, so nobody can say what drifted. " +
        "Store one with a check that stores its snapshot",
      comparedCells: 0,
      uncomparedCells: 0,
      accountIds,
      policyHash: key.policyHash
    }
  }
  // Read first: what cannot be read shall not cost a scan.
  const stored = yield* snapshots.details(baseline.id)
  const states: Array<ResourceState> = []
  const result = yield* scan((page) => {
    for (const state of page) states.push(state)
  })
  const inScope = new Set(result.coverage.table.map(cellKey))
  const isWider = baseline.scope !== key.scope
  const cells = isWider ? stored.cells.filter((cell) => inScope.has(cellKey(cell))) : stored.cells
  const before = snapshots.states(baseline.id)
  const samePolicy = baseline.policyHash === key.policyHash
  const changes = SnapshotDiff.diff(
    { cells, states: isWider ? Stream.filter(before, ({ cell }) => inScope.has(cellKey(cell))) : before },
    { cells: result.coverage.table, states: Stream.fromIterable(states.sort(byArn)) },
    { samePolicy, ...(tagKeys === undefined ? {} : { tagKeys }) }
  )
  const age = now - Date.parse(baseline.takenAt)
  const isYounger = request.baseline === undefined && age < lookbackDays * dayMs
  return {
    ...yield* collect(changes, { samePolicy, ...(limit === undefined ? {} : { limit }) }),
    ...cellsSeenTwice(cells, result.coverage.table),
    lookbackDays,
    baseline: {
      snapshotId: baseline.id,
      takenAt: baseline.takenAt,
      ageSeconds: Math.max(0, Math.floor(age / 1000)),
      ...(baseline.complianceScore === undefined ? {} : { complianceScore: baseline.complianceScore }),
      isWider,
      isYounger
    },
    ...(isYounger ? { note: `No snapshot is ${lookbackDays} days old: this is what changed since the oldest that is younger` } : {}),
    ...(result.complianceScore === undefined ? {} : { complianceScore: result.complianceScore }),
    scanTimestamp: result.scanTimestamp,
    coverage: result.coverage,
    accountIds: result.accountIds,
    policyHash: key.policyHash
  }
})

const dayMs = 86_400_000

/** One that the user names; it may have been judged by another policy, of another scope it is not. */
const named = Effect.fnUntraced(function*(snapshots: Snapshots["Service"], id: string, { scope }: SnapshotKey) {
  const snapshot = yield* snapshots.find(id)
  if (SnapshotScope.covers(snapshot.scope, scope)) return snapshot
  return yield* new SnapshotError({
    id,
    reason: "other-scope",
    message: `Snapshot ${id} is of another scope (${SnapshotScope.wordsOf(snapshot.scope)}) than what is asked for: they cannot be compared`
  })
})

/** The newest complete one that is old enough, else the oldest that is not; of the same scope before one of a wider. */
const newestOf = Effect.fnUntraced(function*(snapshots: Snapshots["Service"], key: SnapshotKey, cutoff: number, now: number) {
  const { policyHash } = key
  const histories = yield* snapshots.histories({ policyHash })
  const scopes = histories.map(({ scope }) => scope).filter((scope) => SnapshotScope.covers(scope, key.scope))
  const found: Array<{ readonly old: SnapshotSummary | undefined; readonly young: SnapshotSummary | undefined }> = []
  for (const scope of scopes.toSorted((a, b) => Number(b === key.scope) - Number(a === key.scope))) {
    const old = yield* newestComplete(snapshots, { scope, policyHash }, cutoff + 1)
    // The newest first, and the oldest of them is wanted.
    const young = old !== undefined ? [] : yield* snapshots.list({
      scope,
      policyHash,
      from: cutoff,
      to: now + 1,
      withResources: true,
      limit: Number.MAX_SAFE_INTEGER
    })
    found.push({ old, young: young.findLast(({ complete }) => complete) })
  }
  const latest = (a: SnapshotSummary, b: SnapshotSummary) => Date.parse(b.takenAt) > Date.parse(a.takenAt) ? b : a
  const earliest = (a: SnapshotSummary, b: SnapshotSummary) => Date.parse(b.takenAt) < Date.parse(a.takenAt) ? b : a
  const [old, young] = [found.flatMap(({ old }) => old ?? []), found.flatMap(({ young }) => young ?? [])]
  return old.length > 0 ? old.reduce(latest) : young.length > 0 ? young.reduce(earliest) : undefined
})

const newestComplete = Effect.fnUntraced(function*(
  snapshots: Snapshots["Service"],
  key: SnapshotKey,
  before: number
): Effect.fn.Return<SnapshotSummary | undefined, StoreError | SnapshotError> {
  let to = before
  for (;;) {
    const page = yield* snapshots.list({ ...key, to, withResources: true, limit: pageSize })
    const complete = page.find((one) => one.complete)
    const last = page.at(-1)
    if (complete !== undefined || last === undefined || page.length < pageSize) return complete
    to = Date.parse(last.takenAt)
  }
})

const pageSize = 100
