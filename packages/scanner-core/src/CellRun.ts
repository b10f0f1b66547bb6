/**
 * One cell's run, from its first call to its one end.
 *
 * @since 0.1.0
 */
import {
  type Account,
  Aws,
  CallMeter,
  CircuitBreaker,
  type CircuitBreakers,
  CurrentAccount,
  CurrentRegion,
  Deadline,
  makeCallCounts
} from "@cadastre/client-factory"
import {
  AwsError,
  type Cell,
  type CellReason,
  type CellResult,
  type Location,
  type Outcome,
  Partition,
  type Resource,
  type ScanEvent,
  TimedOut
} from "@cadastre/model"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { CellTask } from "./CellTask.ts"
import type { JournalUnreadable, ScanJournal } from "./Journal.ts"
import { RegionFilter } from "./RegionFilter.ts"
import { type PlannedRegion, reasonOf } from "./ScanPlan.ts"
import type { CatalogEntry } from "./ScannerRegistry.ts"
import { DescribeConcurrency } from "./TaggingApi.ts"

/**
 * What the cells of one scan share.
 *
 * - `stop`: completes when the scan is to end early; `isStopped` from then on
 * - `limit`: when the whole scan must be over
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly emit: (event: ScanEvent) => Effect.Effect<void>
  readonly stop: Effect.Effect<void>
  readonly isWanted: (region: Location) => boolean
  readonly breakers: CircuitBreakers
  readonly journal: ScanJournal | undefined
  readonly limit: TimeLimit
  readonly describes: number
  /** Whose turn it is to say that a cell has ended. */
  readonly turn: Semaphore.Semaphore
  readonly cells: number
  readonly startedAt: number
  isStopped: boolean
  ended: number
  unseen: number
  resources: number
  calls: number
  throttles: number
}

/**
 * When something must be over, in milliseconds since the epoch, and the words
 * for it: `the Region's time limit of 60 s`.
 *
 * @category models
 * @since 0.1.0
 */
export interface TimeLimit {
  readonly at: number
  readonly words: string
}

/**
 * The limit that comes first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const earlier = (a: TimeLimit, b: TimeLimit): TimeLimit => b.at < a.at ? b : a

/** What a cell comes to. */
interface Ending {
  readonly outcome: Outcome
  readonly reason?: CellReason
  readonly seenAt?: string
}

/**
 * Runs one cell to its one end. Never fails; interrupted only with the whole scan.
 *
 * @category running
 * @since 0.1.0
 */
export const runCell = Effect.fnUntraced(function*(
  run: Run,
  { access, accountId, home, region }: PlannedRegion,
  task: CellTask,
  limit: TimeLimit
): Effect.fn.Return<void, never, Aws.Aws> {
  const startedAt = yield* Clock.currentTimeMillis
  const cell: Cell = { accountId, region, type: task.entry.type }
  const meter = makeCallCounts()
  const counts = { resources: 0, unknownTags: 0 }
  const seen = new Set<string>()

  const take = (page: ReadonlyArray<Resource>, journal: ScanJournal | undefined): Effect.Effect<void> => {
    const resources = countNew(page, seen, counts)
    if (resources.length === 0) return Effect.void
    const emitted = run.emit({ _tag: "ResourcesFound", cell, resources })
    return journal === undefined ? emitted : Effect.andThen(journal.append(cell, resources), emitted)
  }

  let journal: ScanJournal | undefined
  const scan = (account: Account) => {
    journal = run.journal
    return scanned(run, account, cell, task.entry, limit, (page) => take(page, journal)).pipe(
      // The credentials have answered in the default Region: refused elsewhere, it is the Region that is off.
      Effect.mapError((error) => error.region === home ? error : Aws.asRegionDisabled(error))
    )
  }
  const work = Effect.suspend((): Effect.Effect<Ending, AwsError | JournalUnreadable, Aws.Aws> => {
    if (task._tag === "Absent") return Effect.succeed(absent(task.message))
    if (access._tag === "Unreachable") return Effect.fail(access.error)
    if (task._tag === "Scan") return scan(access.account)
    const { endedAt, pages, result } = task.kept
    return Stream.runForEach(pages, (page) => take(page, undefined)).pipe(
      Effect.as<Ending>({
        outcome: result.outcome,
        seenAt: result.seenAt ?? DateTime.formatIso(DateTime.makeUnsafe(endedAt))
      }),
      Effect.catch((error): Effect.Effect<Ending, AwsError | JournalUnreadable, Aws.Aws> =>
        // What was handed on cannot be taken back; as long as nothing was, the cell is scanned anew.
        counts.resources === 0 ? scan(access.account) : Effect.fail(error)
      )
    )
  })
  const ending = yield* Effect.exit(
    run.isStopped ? Effect.succeed(stopped) : startedAt >= limit.at ? outOfTime(cell, limit) : work.pipe(
      Effect.provideService(CallMeter, meter),
      Effect.timeoutOrElse({
        duration: Math.min(limit.at - startedAt, longestTimer),
        orElse: () => outOfTime(cell, limit)
      }),
      Effect.raceFirst(Effect.as(run.stop, stopped))
    )
  ).pipe(Effect.map((exit) => Exit.isSuccess(exit) ? exit.value : endingOf(exit.cause)))

  const now = yield* Clock.currentTimeMillis
  const result: CellResult = {
    ...cell,
    ...ending,
    ...counts,
    calls: meter.calls,
    durationMs: Math.max(0, Math.round(now - startedAt))
  }
  // What an earlier scan wrote down is there already.
  if (journal !== undefined) yield* journal.end(result)
  yield* Effect.gen(function*() {
    yield* run.emit({ _tag: "CellEnded", result })
    run.ended++
    if (result.outcome !== "scanned" && result.outcome !== "unsupported") run.unseen++
    run.resources += counts.resources
    run.calls += meter.calls
    run.throttles += meter.throttles
    yield* run.emit({
      _tag: "Progress",
      cells: run.cells,
      cellsEnded: run.ended,
      resources: run.resources,
      calls: run.calls,
      throttles: run.throttles,
      elapsedMs: Math.max(0, Math.round(now - run.startedAt))
    })
    // One cell after the other, so that nobody is told of less progress than before.
  }).pipe(Semaphore.withPermit(run.turn))
})

const scanned = (
  run: Run,
  account: Account,
  cell: Cell,
  entry: CatalogEntry,
  limit: TimeLimit,
  take: (page: ReadonlyArray<Resource>) => Effect.Effect<void>
): Effect.Effect<Ending, AwsError, Aws.Aws> =>
  Effect.gen(function*() {
    const scanner = yield* Effect.promise(entry.load)
    yield* Stream.runForEach(scanner.scan, take)
  }).pipe(
    Effect.provideService(CurrentAccount, account),
    Effect.provideService(
      CurrentRegion,
      cell.region === "global" ? Partition.homeRegion(account.partition) : cell.region
    ),
    Effect.provideService(Deadline, limit.at),
    Effect.provideService(CircuitBreaker, run.breakers),
    Effect.provideService(DescribeConcurrency, run.describes),
    Effect.provideService(RegionFilter, run.isWanted),
    Effect.as<Ending>({ outcome: "scanned" })
  )

/** What timers can hold: 2³¹ − 1 ms, almost 25 days. */
const longestTimer = 2 ** 31 - 1

const stopped: Ending = {
  outcome: "skipped",
  reason: { error: "Interrupted", message: "the scan was stopped before this was seen" }
}

const absent = (message: string): Ending => ({ outcome: "unsupported", reason: { error: "Unsupported", message } })

/** AWS may repeat an item on a later page when the list changes between two pages. */
const countNew = (
  page: ReadonlyArray<Resource>,
  seen: Set<string>,
  counts: { resources: number; unknownTags: number }
): ReadonlyArray<Resource> => {
  const resources = page.filter(({ arn }) => !seen.has(arn) && seen.add(arn))
  counts.resources += resources.length
  for (const { tags } of resources) if (tags === null) counts.unknownTags++
  return resources
}

const outOfTime = ({ region, type }: Cell, { words }: TimeLimit): Effect.Effect<never, AwsError> =>
  Effect.fail(
    new AwsError({ operation: `scan ${type}`, region, reason: new TimedOut({ message: `not done within ${words}` }) })
  )

/** A scanner's defect ends its cell, never the scan. */
const endingOf = (cause: Cause.Cause<AwsError | JournalUnreadable>): Ending => {
  const error = Cause.findErrorOption(cause)
  if (error._tag === "None") {
    const defect = Cause.squash(cause)
    const message = defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect)
    return { outcome: "failed", reason: { error: "Defect", message } }
  }
  return error.value._tag === "AwsError"
    ? { outcome: error.value.outcome, reason: reasonOf(error.value) }
    : { outcome: "failed", reason: { error: "JournalUnreadable", message: error.value.message } }
}
