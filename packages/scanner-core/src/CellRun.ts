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
  makeCallCounts,
  stsRegion
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
  type SourceProof,
  sweptSourceOf,
  TimedOut
} from "@cadastre/model"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CellCaching, Recording } from "./CellCache.ts"
import { comparing, proofOf, sweepProofOf, unconfirmedOf } from "./CellProof.ts"
import type { CellTask } from "./CellTask.ts"
import type { JournalUnreadable, ScanJournal } from "./Journal.ts"
import { RegionFilter } from "./RegionFilter.ts"
import { type PlannedRegion, reasonOf } from "./ScanPlan.ts"
import type { CatalogEntry } from "./ScannerRegistry.ts"
import type { SourceJoin } from "./SourceJoin.ts"
import * as Sweep from "./Sweep.ts"
import { DescribeConcurrency } from "./TaggingApi.ts"

/**
 * What the cells of one scan share.
 *
 * - `emit`: hands events on, together and in the order in which it was called
 * - `stop`: completes when the scan is to end early; `isStopped` from then on
 * - `limit`: when the whole scan must be over
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly emit: (...events: ReadonlyArray<ScanEvent>) => Effect.Effect<void>
  readonly stop: Effect.Effect<void>
  readonly isWanted: (region: Location) => boolean
  readonly breakers: CircuitBreakers
  readonly journal: ScanJournal | undefined
  readonly caching: CellCaching | undefined
  readonly limit: TimeLimit
  readonly describes: number
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
  readonly proof?: SourceProof
}

/**
 * What a cell has to do with the join of its account.
 *
 * - `beforeEnd`: of a sweep: what it waits for once it is read
 *
 * @category models
 * @since 0.1.0
 */
export interface Joining {
  readonly join: SourceJoin
  readonly beforeEnd?: Effect.Effect<void>
}

/**
 * Runs one cell to its one end. Never fails; interrupted only with the whole scan.
 *
 * @category running
 * @since 0.1.0
 */
export const runCell = Effect.fnUntraced(function*(
  run: Run,
  { access, accountId, home, region }: Omit<PlannedRegion, "services">,
  task: CellTask,
  limit: TimeLimit,
  joining?: Joining
): Effect.fn.Return<void, never, Aws.Aws> {
  const startedAt = yield* Clock.currentTimeMillis
  const cell: Cell = { accountId, region, type: task.entry.type }
  const meter = makeCallCounts()
  const counts = { resources: 0, unknownTags: 0 }
  const seen = new Set<string>()

  const { join } = joining ?? {}
  const sweep = sweptSourceOf(cell.type)
  let compare = (page: ReadonlyArray<Resource>) => page
  const take = (page: ReadonlyArray<Resource>, journal: ScanJournal | undefined): Effect.Effect<void> => {
    // AWS may repeat an item on a later page when the list changes between two pages.
    const resources = compare(page.filter(({ arn }) => !seen.has(arn) && seen.add(arn)))
    count(resources, counts)
    if (resources.length === 0) return Effect.void
    recording?.add(resources)
    const emitted = run.emit({ _tag: "ResourcesFound", cell, resources })
    return journal === undefined ? emitted : Effect.andThen(journal.append(cell, resources), emitted)
  }

  // What several sources say together is true of that one moment.
  const caching = join === undefined ? run.caching : undefined
  let recording: Recording | undefined
  let journal: ScanJournal | undefined
  const scan = (account: Account) => {
    journal = run.journal
    recording = caching?.record()
    compare = comparing(join, cell)
    return scanned(run, account, cell, task.entry, limit, (page) => take(page, journal)).pipe(
      Effect.provideService(Sweep.CurrentJoin, join === undefined ? undefined : { join, sweep: region }),
      // The credentials have answered in the default Region, or where that may be off, in one that every account has:
      // refused elsewhere, it is the Region that is off.
      Effect.mapError((error) =>
        error.region === stsRegion(account.partition, home) ? error : Aws.asRegionDisabled(error))
    )
  }
  const scanOrReuse = (account: Account, caching: CellCaching) =>
    Effect.flatMap(caching.find(cell), (found): Effect.Effect<Ending, AwsError, Aws.Aws> =>
      Option.isNone(found)
        ? scan(account)
        : Effect.as(Effect.forEach(found.value.pages, (page) => take(page, undefined), { discard: true }), {
          outcome: "scanned",
          // When it began to be read: what came after that may not be in it.
          seenAt: DateTime.formatIso(DateTime.makeUnsafe(found.value.seenAt - found.value.result.durationMs))
        }))
  const work = Effect.suspend((): Effect.Effect<Ending, AwsError | JournalUnreadable, Aws.Aws> => {
    if (task._tag === "Absent") return Effect.succeed(absent(task.message))
    if (access._tag === "Unreachable") return Effect.fail(access.error)
    if (task._tag === "Proven") return Effect.succeed<Ending>({ outcome: "scanned" })
    if (task._tag === "Scan") {
      return caching === undefined ? scan(access.account) : scanOrReuse(access.account, caching)
    }
    const { endedAt, pages, result } = task.kept
    return Stream.runForEach(pages, (page) => take(page, undefined)).pipe(
      Effect.as<Ending>({
        outcome: result.outcome,
        ...(result.proof === undefined ? {} : { proof: result.proof }),
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

  if (joining?.beforeEnd !== undefined) yield* Effect.raceFirst(joining.beforeEnd, run.stop)
  if (sweep === "resource-explorer" && join !== undefined) yield* take(join.exploredAlone(), run.journal)
  if (join !== undefined && sweep === undefined && !isSettled(ending.outcome)) {
    // Whoever knows of it is not believed, and not passed over either.
    const asked = run.isStopped || (yield* Clock.currentTimeMillis) >= limit.at || access._tag === "Unreachable"
    const unconfirmed = yield* unconfirmedOf(join, cell, asked ? undefined : access.account).pipe(
      Effect.provideService(CallMeter, meter),
      Effect.provideService(Deadline, limit.at),
      Effect.provideService(CircuitBreaker, run.breakers),
      Effect.raceFirst(Effect.andThen(run.stop, unconfirmedOf(join, cell, undefined)))
    )
    count(unconfirmed, counts)
    if (unconfirmed.length > 0) yield* run.emit({ _tag: "ResourcesFound", cell, resources: unconfirmed })
  }
  // What an earlier scan wrote down has its own.
  const proof = join === undefined || ending.seenAt !== undefined
    ? undefined
    : sweep === undefined
    ? proofOf(join, cell, {
      isComplete: ending.outcome === "scanned",
      ...(task._tag === "Proven" ? { by: "tagging-api" } : {})
    })
    : sweepProofOf(join, sweep, region)
  join?.release(cell)

  const now = yield* Clock.currentTimeMillis
  const result: CellResult = {
    ...cell,
    ...ending,
    ...(proof === undefined ? {} : { proof }),
    ...counts,
    calls: meter.calls,
    durationMs: Math.max(0, Math.round(now - startedAt))
  }
  // What an earlier scan wrote down is there already.
  if (journal !== undefined) yield* journal.end(result)
  const pages = recording?.take()
  if (caching !== undefined && pages !== undefined && result.outcome === "scanned" && result.unknownTags === 0) {
    yield* caching.keep({ seenAt: now, result, pages })
  }
  // Counted and handed on in one step, so that nobody is told of less progress than before.
  yield* Effect.suspend(() => {
    run.ended++
    if (result.outcome !== "scanned" && result.outcome !== "unsupported") run.unseen++
    run.resources += counts.resources
    run.calls += meter.calls
    run.throttles += meter.throttles
    return run.emit({ _tag: "CellEnded", result }, {
      _tag: "Progress",
      cells: run.cells,
      cellsEnded: run.ended,
      resources: run.resources,
      calls: run.calls,
      throttles: run.throttles,
      elapsedMs: Math.max(0, Math.round(now - run.startedAt))
    })
  })
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

/** Nothing is left to say of the cell: it was seen, or nobody was to see it. */
const isSettled = (outcome: Outcome): boolean => outcome === "scanned" || outcome === "skipped"

const absent = (message: string): Ending => ({ outcome: "unsupported", reason: { error: "Unsupported", message } })

const count = (page: ReadonlyArray<Resource>, counts: { resources: number; unknownTags: number }): void => {
  counts.resources += page.length
  for (const { tags } of page) if (tags === null) counts.unknownTags++
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
