/**
 * The engine: runs a plan and streams what it sees.
 *
 * @since 0.1.0
 */
import {
  Accounts,
  Aws,
  CallMeter,
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
  Setting,
  TimedOut
} from "@cadastre/model"
import { Regions, RegionSelection } from "@cadastre/region-discovery"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { RegionFilter } from "./RegionFilter.ts"
import * as ScanPlan from "./ScanPlan.ts"
import { type CatalogEntry, ScannerRegistry, type UnknownTypeError } from "./ScannerRegistry.ts"
import { DescribeConcurrency } from "./TaggingApi.ts"

/**
 * Why a scan cannot be planned: an unknown type, a Region that cannot be
 * scanned, credentials that do not work.
 *
 * @category errors
 * @since 0.1.0
 */
export type ScanPlanError =
  | AwsError
  | UnknownTypeError
  | RegionSelection.RegionFilterError

/**
 * @category services
 * @since 0.1.0
 */
export class Scan extends Context.Service<Scan, {
  /** Plans a scan of the account whose credentials are in use. All that can be wrong with a request is found here. */
  readonly plan: (request: ScanPlan.ScanRequest) => Effect.Effect<ScanPlan.ScanPlan, ScanPlanError>
  /**
   * Runs a plan. The stream cannot fail: what goes wrong in a cell is how that
   * cell ends, and every cell of the plan ends exactly once.
   *
   * Slow consumers slow the scan; nothing piles up. When `stop` completes, the
   * calls in flight are aborted, the cells that have not ended end as
   * `skipped`, and the stream ends.
   */
  readonly run: (
    plan: ScanPlan.ScanPlan,
    options?: { readonly stop?: Effect.Effect<void> }
  ) => Stream.Stream<ScanEvent>
}>()("@cadastre/scanner-core/Scan") {
  /**
   * Reads, each with its default and range:
   *
   * - `MAX_CONCURRENT_ACCOUNTS`: accounts at once, 5 (1–64)
   * - `MAX_CONCURRENT_REGIONS`: Regions of an account at once, 20 (1–64)
   * - `MAX_CONCURRENT_SERVICES`: services of a Region at once, 10 (1–64)
   * - `MAX_CONCURRENT_DESCRIBES`: resources of a cell read one by one at once, 50 (1–256)
   * - `REGION_SCAN_TIMEOUT_SECONDS`: how long a Region may take, 60 (10–300)
   * - `MULTI_REGION_ENABLED`, `ALLOWED_REGIONS`: see `RegionSelection.bounds`
   */
  static readonly layerNoDeps = Layer.effect(
    Scan,
    Effect.gen(function*() {
      const accounts = yield* Accounts
      const aws = yield* Aws.Aws
      const registry = yield* ScannerRegistry
      const regions = yield* Regions
      const bounds = yield* RegionSelection.bounds
      const limits = yield* Config.all({
        accounts: Setting.number("MAX_CONCURRENT_ACCOUNTS", 5, { minimum: 1, maximum: 64 }),
        regions: Setting.number("MAX_CONCURRENT_REGIONS", 20, { minimum: 1, maximum: 64 }),
        services: Setting.number("MAX_CONCURRENT_SERVICES", 10, { minimum: 1, maximum: 64 }),
        describes: Setting.number("MAX_CONCURRENT_DESCRIBES", 50, { minimum: 1, maximum: 256 }),
        regionSeconds: Setting.number("REGION_SCAN_TIMEOUT_SECONDS", 60, { minimum: 10, maximum: 300 })
      })

      const plan = Effect.fn("Scan.plan")(function*(request: ScanPlan.ScanRequest) {
        return yield* ScanPlan.make(yield* accounts.current, request, bounds)
      }, Effect.provideService(ScannerRegistry, registry), Effect.provideService(Regions, regions))

      /** Runs one cell to its one end. Never fails; interrupted only with the whole scan. */
      const runCell = Effect.fnUntraced(function*(
        run: Run,
        planned: ScanPlan.PlannedRegion,
        entry: CatalogEntry,
        deadline: number
      ) {
        const startedAt = yield* Clock.currentTimeMillis
        const cell: Cell = { accountId: planned.account.id, region: planned.region, type: entry.type }
        const meter = makeCallCounts()
        const counts = { resources: 0, unknownTags: 0 }
        const seen = new Set<string>()
        const home = Partition.homeRegion(planned.account.partition)

        const scanned = Effect.gen(function*() {
          const scanner = yield* Effect.promise(entry.load)
          yield* Stream.runForEach(scanner.scan, (page) => {
            const resources = countNew(page, seen, counts)
            return resources.length === 0 ? Effect.void : run.emit({ _tag: "ResourcesFound", cell, resources })
          })
        }).pipe(
          Effect.provideService(Aws.Aws, aws),
          Effect.provideService(CurrentAccount, planned.account),
          Effect.provideService(CurrentRegion, planned.region === "global" ? home : planned.region),
          Effect.provideService(Deadline, deadline),
          Effect.provideService(CallMeter, meter),
          Effect.provideService(DescribeConcurrency, limits.describes),
          Effect.provideService(RegionFilter, run.isWanted),
          // The credentials have answered in the default Region: refused elsewhere, it is the Region that is off.
          Effect.mapError((error) => error.region === regions.home ? error : Aws.asRegionDisabled(error)),
          Effect.as<Ending>({ outcome: "scanned" }),
          Effect.timeoutOrElse({
            duration: Math.max(0, deadline - startedAt),
            orElse: () => Effect.fail(outOfTime(cell, limits.regionSeconds))
          }),
          Effect.raceFirst(Effect.as(run.stop, stopped))
        )
        const exit = yield* Effect.exit(startedAt >= deadline ? outOfTime(cell, limits.regionSeconds) : scanned)
        const ending = Exit.isSuccess(exit) ? exit.value : endingOf(exit.cause)
        const now = yield* Clock.currentTimeMillis
        const result: CellResult = {
          ...cell,
          ...ending,
          ...counts,
          calls: meter.calls,
          durationMs: Math.max(0, Math.round(now - startedAt))
        }
        yield* run.emit({ _tag: "CellEnded", result })
        run.ended++
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
      })

      const runRegion = Effect.fnUntraced(function*(run: Run, planned: ScanPlan.PlannedRegion) {
        const deadline = (yield* Clock.currentTimeMillis) + limits.regionSeconds * 1000
        yield* Effect.forEach(
          planned.services,
          (entries) =>
            // Limits are kept for each operation, so the types of one service do not hold each other up.
            Effect.forEach(entries, (entry) => runCell(run, planned, entry, deadline), {
              concurrency: "unbounded",
              discard: true
            }),
          { concurrency: limits.services, discard: true }
        )
      }, (effect, _run, planned) => Effect.withSpan(effect, "Scan.region", { attributes: { "aws.region": planned.region } }))

      const runPlan = Effect.fnUntraced(function*(
        plan: ScanPlan.ScanPlan,
        emit: Run["emit"],
        stop: Effect.Effect<void>
      ) {
        const startedAt = yield* Clock.currentTimeMillis
        const inScope = new Set<Location>(["global", ...plan.scope.regions])
        const run: Run = {
          emit,
          stop,
          isWanted: plan.narrowed ? (region) => inScope.has(region) : () => true,
          cells: plan.cells.length,
          startedAt,
          ended: 0,
          resources: 0,
          calls: 0,
          throttles: 0
        }
        yield* emit({
          _tag: "ScanStarted",
          scope: plan.scope,
          cells: plan.cells,
          startedAt: DateTime.formatIso(DateTime.makeUnsafe(startedAt))
        })
        yield* Effect.forEach(
          Map.groupBy(plan.regions, ({ account }) => account.id).values(),
          (planned) =>
            // The global types of an account are one more Region's worth of work, not one Region less.
            Effect.forEach(planned, (region) => runRegion(run, region), {
              concurrency: limits.regions + (planned.some(({ region }) => region === "global") ? 1 : 0),
              discard: true
            }),
          { concurrency: limits.accounts, discard: true }
        )
      }, Effect.withSpan("Scan.run"))

      return Scan.of({
        plan,
        run: (plan, options) =>
          Stream.callback<ScanEvent>(
            (queue) =>
              runPlan(plan, (event) => Effect.asVoid(Queue.offer(queue, event)), options?.stop ?? Effect.never).pipe(
                Effect.andThen(Queue.end(queue))
              ),
            // Pages that wait for a slow consumer are held by the cells that found them, not here.
            { bufferSize: 8, strategy: "suspend" }
          )
      })
    })
  )
}

/** One run of a plan. */
interface Run {
  readonly emit: (event: ScanEvent) => Effect.Effect<void>
  readonly stop: Effect.Effect<void>
  readonly isWanted: (region: Location) => boolean
  readonly cells: number
  readonly startedAt: number
  ended: number
  resources: number
  calls: number
  throttles: number
}

interface Ending {
  readonly outcome: Outcome
  readonly reason?: CellReason
}

const stopped: Ending = {
  outcome: "skipped",
  reason: { error: "Interrupted", message: "the scan was stopped before this was seen" }
}

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

const outOfTime = (cell: Cell, seconds: number): AwsError =>
  new AwsError({
    operation: `scan ${cell.type}`,
    region: cell.region,
    reason: new TimedOut({ message: `not done within the Region's time limit of ${seconds} s` })
  })

/** A scanner's defect ends its cell, never the scan. */
const endingOf = (cause: Cause.Cause<AwsError>): Ending => {
  const error = Cause.findErrorOption(cause)
  if (error._tag === "Some") {
    const { operation, outcome, reason, requestId } = error.value
    return {
      outcome,
      reason: {
        error: reason._tag,
        message: reason.message,
        operation,
        ...(requestId === undefined ? {} : { requestId })
      }
    }
  }
  const defect = Cause.squash(cause)
  return {
    outcome: "failed",
    reason: { error: "Defect", message: defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect) }
  }
}
