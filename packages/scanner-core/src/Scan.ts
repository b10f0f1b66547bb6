/**
 * The engine: runs a plan and streams what it sees.
 *
 * @since 0.1.0
 */
import { Estate, type EstateError } from "@cadastre/account-discovery"
import { Aws, AwsSettings, makeCircuitBreakers } from "@cadastre/client-factory"
import { type AwsError, type Location, type Resource, type ScanEvent, Setting, sweptSourceOf } from "@cadastre/model"
import { Regions, RegionSelection } from "@cadastre/region-discovery"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as CellCache from "./CellCache.ts"
import { earlier, type Joining, type Run, runCell, type TimeLimit } from "./CellRun.ts"
import { type CellTasks, tasksOf } from "./CellTask.ts"
import { concurrency } from "./Concurrency.ts"
import type { FoundCreators } from "./Creators.ts"
import { Journal } from "./Journal.ts"
import { PlansMade } from "./PlansMade.ts"
import * as ScanPlan from "./ScanPlan.ts"
import type { ScanRequest } from "./ScanRequest.ts"
import { ScannerRegistry, type UnknownTypeError } from "./ScannerRegistry.ts"
import { SourceJoin } from "./SourceJoin.ts"

/**
 * Why a scan cannot be planned: an unknown type, a Region or an account that
 * cannot be scanned, credentials that do not work.
 *
 * @category errors
 * @since 0.1.0
 */
export type ScanPlanError =
  | AwsError
  | UnknownTypeError
  | RegionSelection.RegionFilterError
  | EstateError

/**
 * @category services
 * @since 0.1.0
 */
export class Scan extends Context.Service<Scan, {
  /** Plans a scan of the estate. All that can be wrong with a request is found here. */
  readonly plan: (request: ScanRequest) => Effect.Effect<ScanPlan.ScanPlan, ScanPlanError>
  /**
   * Runs a plan. The stream cannot fail: what goes wrong in a cell is how that
   * cell ends, and every cell of the plan ends exactly once.
   *
   * Slow consumers slow the scan; nothing piles up. When `stop` completes, the
   * calls in flight are aborted, the cells that have not ended end as
   * `skipped`, and the stream ends.
   *
   * `cells` says what is done with the `CellCache`, by default nothing. Only full
   * scans that ask nobody but the services use it; a cell from it has a `seenAt`.
   */
  readonly run: (
    plan: ScanPlan.ScanPlan,
    options?: { readonly stop?: Effect.Effect<void>; readonly cells?: CellCache.CellCacheUse }
  ) => Stream.Stream<ScanEvent>
  /** Who made some of the resources that a scan of the plan has found, as CloudTrail tells it: see `Creators.of`. */
  readonly creators: (
    plan: ScanPlan.ScanPlan,
    resources: ReadonlyArray<Resource>
  ) => Effect.Effect<FoundCreators>
}>()("@cadastre/scanner-core/Scan") {
  /**
   * Reads, each with its default and range:
   *
   * - `MAX_CONCURRENT_ACCOUNTS`, `_REGIONS`, `_SERVICES`, `_DESCRIBES`: see {@link concurrency}
   * - `REGION_SCAN_TIMEOUT_SECONDS`: how long a Region may take, 60 (10–300)
   * - `CELL_SCAN_TIMEOUT_SECONDS`: how long a cell may take; by default as long as its Region (1–300)
   * - `MULTI_REGION_ENABLED`, `ALLOWED_REGIONS`: see `RegionSelection.bounds`
   */
  static readonly layerNoDeps = Layer.effect(
    Scan,
    Effect.gen(function*() {
      const estate = yield* Estate
      const aws = yield* Aws.Aws
      const registry = yield* ScannerRegistry
      const regions = yield* Regions
      const journals = yield* Journal
      const cache = yield* CellCache.CellCache
      const { endpointUrl } = yield* AwsSettings
      const endpoint = endpointUrl ?? (yield* Config.String("AWS_ENDPOINT_URL").pipe(Config.withDefault("")))
      const bounds = yield* RegionSelection.bounds
      const limits = yield* Config.all({
        atOnce: concurrency,
        regionSeconds: Setting.number("REGION_SCAN_TIMEOUT_SECONDS", 60, { minimum: 10, maximum: 300 }),
        cellSeconds: Setting.number("CELL_SCAN_TIMEOUT_SECONDS", 300, { minimum: 1, maximum: 300 })
      })
      const { atOnce } = limits
      const settings = { bounds, accountsAtOnce: atOnce.accounts, endpoint, made: new PlansMade() }

      const plan = Effect.fn("Scan.plan")(
        (request: ScanRequest) => ScanPlan.make(request, settings),
        Effect.provideService(ScannerRegistry, registry),
        Effect.provideService(Regions, regions),
        Effect.provideService(Estate, estate)
      )

      const runRegion = Effect.fnUntraced(function*(
        run: Run,
        planned: ScanPlan.PlannedRegion,
        taskOf: CellTasks,
        joining: Joining | undefined
      ) {
        const now = yield* Clock.currentTimeMillis
        const limit = earlier(run.limit, limitOf(now, limits.regionSeconds, "the Region's time limit"))
        yield* Effect.forEach(
          planned.services,
          (entries) =>
            // Limits are kept for each operation, so the types of one service do not hold each other up.
            Effect.forEach(entries.map((entry) => taskOf(planned.region, entry)), (task) =>
              Effect.flatMap(Clock.currentTimeMillis, (now) =>
                runCell(run, planned, task, earlier(limit, limitOf(now, limits.cellSeconds, "the cell's time limit")), joining)), {
              concurrency: "unbounded",
              discard: true
            }),
          { concurrency: atOnce.services, discard: true }
        )
      }, (effect, _run, { accountId, region }) =>
        effect.pipe(
          Effect.withSpan("Scan.region", { attributes: { "aws.region": region, "aws.account": accountId } })
        ))

      const runSweep = Effect.fnUntraced(function*(
        run: Run,
        planned: ScanPlan.PlannedSweep,
        joining: Joining
      ) {
        const now = yield* Clock.currentTimeMillis
        const limit = earlier(run.limit, limitOf(now, limits.regionSeconds, "the Region's time limit"))
        yield* runCell(run, planned, { _tag: "Scan", entry: planned.entry }, limit, joining)
      })

      /** Reads the sources of one account, Resource Explorer first; what only it lists is told last. */
      const runSweeps = Effect.fnUntraced(function*(
        run: Run,
        sweeps: ReadonlyArray<ScanPlan.PlannedSweep>,
        join: SourceJoin
      ) {
        const [explorer, tagging] = [
          sweeps.filter(({ source }) => source === "resource-explorer"),
          sweeps.filter(({ source }) => source === "tagging-api")
        ]
        const isRead = yield* Deferred.make<void>()
        const isTagged = yield* Deferred.make<void>()
        const beforeEnd = Effect.andThen(Deferred.succeed(isRead, undefined), Deferred.await(isTagged))
        if (explorer.length === 0) yield* Deferred.succeed(isRead, undefined)
        yield* Effect.all([
          Effect.forEach(explorer, (one) => runSweep(run, one, { join, beforeEnd }), { discard: true }),
          Deferred.await(isRead).pipe(
            Effect.andThen(Effect.forEach(tagging, (one) => runSweep(run, one, { join }), {
              concurrency: atOnce.regions,
              discard: true
            })),
            Effect.andThen(Deferred.succeed(isTagged, undefined))
          )
        ], { concurrency: "unbounded", discard: true })
      })

      const runPlan = Effect.fnUntraced(function*(
        plan: ScanPlan.ScanPlan,
        emit: Run["emit"],
        stop: Effect.Effect<void>,
        cells: CellCache.CellCacheUse | undefined,
        closing: Closing
      ) {
        const startedAt = yield* Clock.currentTimeMillis
        const inScope = new Set<Location>(["global", ...plan.scope.regions])
        const { key, request, resume, timeoutSeconds } = plan
        const begun = yield* journals.begin({ key, request, resume })
        const run: Run = {
          emit,
          stop,
          isWanted: plan.narrowed ? (region) => inScope.has(region) : () => true,
          breakers: makeCircuitBreakers(),
          journal: begun?.journal,
          caching: plan.mode === "full" && !resume && plan.sweeps.length === 0
            ? CellCache.open(cache, cells, { estate: key.estate, regions: plan.narrowed ? plan.scope.regions : "all" })
            : undefined,
          limit: timeoutSeconds === undefined
            ? { at: Number.POSITIVE_INFINITY, words: "" }
            : limitOf(startedAt, timeoutSeconds, "the scan's time limit"),
          describes: atOnce.describes,
          cells: plan.cells.length,
          startedAt,
          isStopped: false,
          ended: 0,
          unseen: 0,
          resources: 0,
          calls: 0,
          throttles: 0
        }
        closing.close = (isTaken) =>
          begun?.journal.close(isTaken && run.ended === run.cells && run.unseen === 0) ?? Effect.void
        if (resume && begun?.resumed !== true) yield* Effect.logWarning(nothingToResume)
        yield* Effect.forkChild(Effect.andThen(stop, Effect.sync(() => {
          run.isStopped = true
        })))
        yield* emit({
          _tag: "ScanStarted",
          scope: plan.scope,
          cells: plan.cells,
          startedAt: DateTime.formatIso(DateTime.makeUnsafe(startedAt))
        })
        yield* Effect.forEach(
          Map.groupBy(plan.regions, ({ accountId }) => accountId).values(),
          Effect.fnUntraced(function*(planned) {
            const accountId = planned[0]?.accountId
            const sweeps = plan.sweeps.filter((one) => one.accountId === accountId)
            const join = joinOf(plan, sweeps)
            if (join !== undefined) yield* runSweeps(run, sweeps, join)
            const taskOf = yield* tasksOf(run, plan, planned, join)
            const joining = join === undefined ? undefined : { join }
            yield* Effect.forEach(planned, (region) => runRegion(run, region, taskOf, joining), {
              // The global types of an account are one more Region's worth of work, not one Region less.
              concurrency: atOnce.regions + (planned.some(({ region }) => region === "global") ? 1 : 0),
              discard: true
            })
          }),
          { concurrency: atOnce.accounts, discard: true }
        ).pipe(Effect.provideService(Aws.Aws, aws))
      }, Effect.withSpan("Scan.run"))

      /** Loaded when somebody asks. */
      const creators: Scan["Service"]["creators"] = Effect.fnUntraced(function*(plan, resources) {
        const accounts = new Map(
          plan.regions.flatMap(({ access }) => access._tag === "Reachable" ? [[access.account.id, access.account] as const] : [])
        )
        const { of } = yield* Effect.promise(() => import("./Creators.ts"))
        return yield* Effect.provideService(of([...accounts.values()], resources), Aws.Aws, aws)
      })

      return Scan.of({
        plan,
        creators,
        run: (plan, options) =>
          Stream.suspend(() => {
            const closing: Closing = { close: () => Effect.void }
            let isTaken = false
            return Stream.callback<ScanEvent>(
              (queue) => {
                const emit: Run["emit"] = (...events) => Effect.asVoid(Queue.offerAll(queue, events))
                return Effect.andThen(runPlan(plan, emit, options?.stop ?? Effect.never, options?.cells, closing), Queue.end(queue))
              },
              // Pages that wait for a slow consumer are held by the cells that found them, not here.
              { bufferSize: 8, strategy: "suspend" }
            ).pipe(
              Stream.onEnd(Effect.sync(() => {
                isTaken = true
              })),
              Stream.ensuring(Effect.suspend(() => closing.close(isTaken)))
            )
          })
      })
    })
  )
}

/** Closes the journal. A scan is complete when its last event was taken: whoever dies before must be able to go on. */
interface Closing {
  close: (isTaken: boolean) => Effect.Effect<void>
}

/** The join of one account, where other sources than the services are asked. */
const joinOf = (
  { cells, isOpen, narrowed, scope }: ScanPlan.ScanPlan,
  [first, ...others]: ReadonlyArray<ScanPlan.PlannedSweep>
): SourceJoin | undefined => {
  if (first === undefined) return undefined
  const { accountId, home } = first
  const account = scope.accounts.find((one) => one.accountId === accountId)
  return new SourceJoin({
    accountId,
    home,
    regions: account?.regions ?? [],
    cells: cells.filter((cell) => cell.accountId === accountId && sweptSourceOf(cell.type) === undefined),
    isOpen,
    filter: scope.tags,
    isExhaustive: narrowed || account?.discovery.exhaustive === true,
    sources: [...new Set([first, ...others].map(({ source }) => source))]
  })
}

const limitOf = (now: number, seconds: number, name: string): TimeLimit => ({
  at: now + seconds * 1000,
  words: `${name} of ${seconds} s`
})

const nothingToResume = "There is no unfinished scan of the same accounts, Regions and types to go on with: this one starts anew"
