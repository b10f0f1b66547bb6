/**
 * What is to be done for a cell: call AWS, use again what an earlier scan wrote
 * down, or nothing, because the service does not exist there.
 *
 * @since 0.1.0
 */
import { type Aws, CallMeter, CircuitBreaker, Deadline, makeCallCounts } from "@cadastre/client-factory"
import { type Cell, cellKey, type Location } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Run } from "./CellRun.ts"
import * as ChangeEvents from "./ChangeEvents.ts"
import type { JournaledCell, ScanJournal } from "./Journal.ts"
import { iamPrefixOf, type PlannedRegion, type ScanPlan } from "./ScanPlan.ts"
import type { CatalogEntry } from "./ScannerRegistry.ts"
import type { SourceJoin } from "./SourceJoin.ts"

/**
 * How a cell is to be had.
 *
 * - `Scan`: by calling AWS
 * - `Reuse`: an earlier scan saw it
 * - `Absent`: the service does not exist there; `message` says how that is known
 * - `Proven`: the tagging API was read and lists none of it that is wanted
 *
 * @category models
 * @since 0.1.0
 */
export type CellTask =
  | { readonly _tag: "Scan"; readonly entry: CatalogEntry }
  | { readonly _tag: "Reuse"; readonly entry: CatalogEntry; readonly kept: JournaledCell }
  | { readonly _tag: "Absent"; readonly entry: CatalogEntry; readonly message: string }
  | { readonly _tag: "Proven"; readonly entry: CatalogEntry }

/** The tasks of one account's cells. */
export type CellTasks = (region: Location, entry: CatalogEntry) => CellTask

/**
 * The tasks of one account.
 *
 * A scan that goes on where another was cut off uses what that one saw. An
 * incremental scan uses what any scan saw, as long as it is young enough and
 * CloudTrail knows of no change since.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tasksOf = Effect.fnUntraced(function*(
  run: Run,
  plan: ScanPlan,
  planned: ReadonlyArray<PlannedRegion>,
  join?: SourceJoin
): Effect.fn.Return<CellTasks, never, Aws.Aws> {
  const kept = run.journal === undefined ? nothing : yield* keptCells(run, run.journal, plan, planned)
  const accountId = planned[0]?.accountId
  return (region, entry) => {
    const message = plan.absent(iamPrefixOf(entry), region)
    if (message !== undefined) return { _tag: "Absent", entry, message }
    if (accountId === undefined) return { _tag: "Scan", entry }
    const cell: Cell = { accountId, region, type: entry.type }
    if (join?.provesEmpty(cell) === true) return { _tag: "Proven", entry }
    const known = kept.get(cellKey(cell))
    return known === undefined ? { _tag: "Scan", entry } : { _tag: "Reuse", entry, kept: known }
  }
})

const nothing: ReadonlyMap<string, JournaledCell> = new Map()

const keptCells = Effect.fnUntraced(function*(
  run: Run,
  journal: ScanJournal,
  plan: ScanPlan,
  planned: ReadonlyArray<PlannedRegion>
): Effect.fn.Return<ReadonlyMap<string, JournaledCell>, never, Aws.Aws> {
  const isIncremental = plan.mode === "incremental"
  const access = planned[0]?.access
  if (!(plan.resume || isIncremental) || access?._tag !== "Reachable") return nothing
  const oldest = (yield* Clock.currentTimeMillis) - plan.maxAgeSeconds * 1000
  const kept = new Map<string, JournaledCell>()
  const earlier: Array<readonly [cell: Cell, found: JournaledCell]> = []
  for (const { accountId, region, services } of planned) {
    for (const { type } of services.flat()) {
      const cell: Cell = { accountId, region, type }
      const found = yield* journal.find(cell)
      if (Option.isNone(found)) continue
      if (plan.resume && found.value.scanId === journal.scanId) kept.set(cellKey(cell), found.value)
      else if (isIncremental && found.value.endedAt >= oldest) earlier.push([cell, found.value])
    }
  }
  if (earlier.length === 0) return kept
  // When they began to be read.
  const readAt = new Map(earlier.map(([cell, { endedAt, result }]) => [cellKey(cell), endedAt - result.durationMs]))
  const meter = makeCallCounts()
  const changes = yield* ChangeEvents.dirtyCells(access.account, {
    cells: earlier.map(([cell]) => cell),
    regions: plan.scope.accounts.find(({ accountId }) => accountId === access.account.id)?.regions ?? [],
    entries: planned.flatMap(({ services }) => services.flat()),
    sinceMs: Math.min(...readAt.values()),
    readAt: (cell) => readAt.get(cellKey(cell)) ?? Number.NEGATIVE_INFINITY
  }).pipe(
    Effect.provideService(Deadline, run.limit.at),
    Effect.provideService(CircuitBreaker, run.breakers),
    Effect.provideService(CallMeter, meter),
    Effect.raceFirst(Effect.as(run.stop, undefined))
  )
  run.calls += meter.calls
  run.throttles += meter.throttles
  if (changes === undefined) return kept
  for (const [cell, found] of earlier) if (!changes.dirty.has(cellKey(cell))) kept.set(cellKey(cell), found)
  return kept
})
