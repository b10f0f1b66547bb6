/**
 * The use-cases of tag compliance, one service for the CLI, the MCP adapter and
 * everybody else: one scan feeds them all.
 *
 * @since 0.1.0
 */
import type { SnapshotSummary } from "@cadastre/aggregation"
import { type CostError, type CostPeriod, CostSource } from "@cadastre/cost"
import type { ScanEvent } from "@cadastre/model"
import type { TagPolicy } from "@cadastre/policy"
import { Journal, Scan, type ScanPlan, type ScanPlanError, ScannerRegistry, type ScanRequest } from "@cadastre/scanner-core"
import type { CipherError } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { aged } from "./CacheAge.ts"
import type * as AttributionGap from "./AttributionGap.ts"
import { cacheKey } from "./CacheKey.ts"
import * as CompiledPolicy from "./CompiledPolicy.ts"
import * as ComplianceReport from "./ComplianceReport.ts"
import type { ComplianceResult, SeverityFilter } from "./ComplianceResult.ts"
import type { CostRequest } from "./EstateCosts.ts"
import type * as Drift from "./Drift.ts"
import { EstateMemory } from "./EstateMemory.ts"
import * as Export from "./Export.ts"
import type * as History from "./History.ts"
import type * as InventorySearch from "./InventorySearch.ts"
import * as JudgedScan from "./JudgedScan.ts"
import type { MultiRegionScanError } from "./MultiRegionScanError.ts"
import * as PricedUseCases from "./PricedUseCases.ts"
import * as RememberedUseCases from "./RememberedUseCases.ts"
import { ResultCache } from "./ResultCache.ts"
import * as ScanRecording from "./ScanRecording.ts"
import * as ScoreScope from "./ScoreScope.ts"
import type * as SnapshotComparison from "./SnapshotComparison.ts"
import * as SingleFlight from "./SingleFlight.ts"
import { creatorsOf, suggestionsOf, type SuggestionsResult } from "./Suggestions.ts"
import type { UntaggedResult } from "./Untagged.ts"
import * as ValidateResources from "./ValidateResources.ts"
import type { ArnCountError, ValidateRequest, ValidationResult } from "./Validation.ts"
import * as WhatIf from "./WhatIf.ts"

/**
 * What to check.
 *
 * - `severity`: which violations are listed, all by default
 * - `include`: what is scored although it is left out by default, see `ScoreScope.Includable`
 * - `forceRefresh`: scans even where a fresh enough result is cached
 * - `withResources`: whether the result holds the resources themselves
 * - `storeSnapshot`: stores what is seen in the history, where there is an `EstateMemory`. What was seen before is not
 *   used for it: it scans, unless the result at hand is of a scan that is in the history already
 * - `costs`: whether to say what the resources cost, and of which days: off by default, since each page of Cost Explorer
 *   costs money
 *
 * @category models
 * @since 0.1.0
 */
export interface CheckRequest extends ScanRequest {
  readonly policy: TagPolicy
  readonly severity?: SeverityFilter
  readonly include?: ReadonlyArray<ScoreScope.Includable>
  readonly forceRefresh?: boolean
  readonly withResources?: boolean
  readonly costs?: boolean | CostRequest
  readonly storeSnapshot?: boolean
}

/**
 * The same of use-cases that list resources of their own.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListRequest extends Omit<CheckRequest, "severity" | "withResources" | "costs" | "storeSnapshot"> {}

/**
 * What is untagged, and what that costs.
 *
 * - `costs`: whether to say what each resource costs, and of which days: off by default
 * - `minMonthlyCost`: only resources that cost as much a month, or more, are listed; those of unknown cost are kept
 *   apart. It asks for costs by itself
 *
 * @category models
 * @since 0.1.0
 */
export interface UntaggedRequest extends ListRequest {
  readonly costs?: boolean | CostRequest
  readonly minMonthlyCost?: number
}

/**
 * What to suggest tags for, and the scope to learn from: the wider, the more there is to learn.
 *
 * - `arns`: for these resources only; all of the scope by default
 * - `backtest`: whether to say how good suggestions are in this estate
 * - `creators`: whether to ask CloudTrail who made what, as evidence; it takes up to a minute
 *
 * @category models
 * @since 0.1.0
 */
export interface SuggestRequest extends ListRequest {
  readonly arns?: ReadonlyArray<string>
  readonly backtest?: boolean
  readonly creators?: boolean
}

/**
 * What would be if another policy were in force.
 *
 * - `policy`: the policy in question; `against`: the one to compare with, none by default
 * - `over`: what was seen: see `WhatIf.ofResult` and `WhatIf.ofStates`; or the id of a snapshot
 * - `include`: what is scored although it is left out by default, see `ScoreScope.Includable`
 *
 * @category models
 * @since 0.1.0
 */
export interface WhatIfRequest {
  readonly policy: TagPolicy
  readonly against?: TagPolicy
  readonly over: WhatIf.SeenEstate | string
  readonly include?: ReadonlyArray<ScoreScope.Includable>
}

/**
 * - `onEvent`: sees the events of the scan, where one is made for this request; for progress
 * - `onBegin`: is given, where a scan is made for this request, what tells what its cells that have ended by then
 *   amount to; the others are `skipped`. There are no bounds of the score before the end
 * - `stop`: completes when the scan is to end early, with what it has
 *
 * @category models
 * @since 0.1.0
 */
export interface CheckOptions {
  readonly onEvent?: (event: ScanEvent) => Effect.Effect<void>
  readonly onBegin?: (soFar: () => ComplianceResult | undefined) => void
  readonly stop?: Effect.Effect<void>
}

/**
 * @category services
 * @since 0.1.0
 */
export class Compliance extends Context.Service<Compliance, {
  /**
   * Scans the estate and judges it by the policy.
   *
   * Identical requests at the same time share one scan, save those that may be
   * stopped. A result is cached only when its coverage is complete: what could
   * not be seen today may be seen in a minute. Cells that were seen whole are
   * cached one by one, and another scope that has them uses them; such a result
   * is `fromCache`, and as old as the oldest of them.
   *
   * With `costs` it says what the resources cost as well. The `CostSource` that the
   * layer was given is asked, once an account and period; without one, or where it
   * does not know, the cost is unknown, and nothing else of the result changes.
   */
  readonly check: (
    request: CheckRequest,
    options?: CheckOptions
  ) => Effect.Effect<ComplianceResult, ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError>
  /** The resources that lack a required tag or have no tag at all: those of a {@link check} of the same request. */
  readonly findUntagged: (
    request: UntaggedRequest,
    options?: CheckOptions
  ) => Effect.Effect<UntaggedResult, ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError>
  /**
   * What of the spend nobody can be asked about: a {@link check} of the same request, laid over the bill. Fails with
   * `CostError` where the cost is not known, which is never 0.
   */
  readonly attributionGap: (
    request: AttributionGap.GapRequest,
    options?: CheckOptions
  ) => Effect.Effect<
    AttributionGap.GapResult,
    ScanPlanError | MultiRegionScanError | CostError | CostPeriod.CostPeriodError
  >
  /** What missing and wrong tags should be, by a {@link check} of the same request. */
  readonly suggest: (
    request: SuggestRequest,
    options?: CheckOptions
  ) => Effect.Effect<SuggestionsResult, ScanPlanError | MultiRegionScanError>
  /** Whether these resources follow the policy; only the cells where they would be are looked at, and nothing is cached. */
  readonly validateResources: (
    request: ValidateRequest,
    options?: CheckOptions
  ) => Effect.Effect<ValidationResult, ScanPlanError | ArnCountError>
  /** What a policy would say of what was seen before. Makes no call. */
  readonly whatIf: (
    request: WhatIfRequest
  ) => Effect.Effect<WhatIf.WhatIfResult, WhatIf.ResourcesMissingError | RememberedUseCases.MemoryError>
  /** How the score went, and what was broken most. Scans nothing. */
  readonly history: (
    request: History.HistoryRequest
  ) => Effect.Effect<History.HistoryResult, ScanPlanError | RememberedUseCases.MemoryError>
  /** What changed since a stored snapshot, by a scan of now. */
  readonly drift: (
    request: Drift.DriftRequest,
    options?: CheckOptions
  ) => Effect.Effect<Drift.DriftResult, ScanPlanError | MultiRegionScanError | RememberedUseCases.MemoryError>
  /** What changed from one stored snapshot to another. Makes no call. */
  readonly diff: (
    request: SnapshotComparison.DiffRequest
  ) => Effect.Effect<SnapshotComparison.DiffResult, RememberedUseCases.MemoryError>
  /** The snapshot that is meant by a name, see `SnapshotName.find`. Makes no call. */
  readonly findSnapshot: (
    name: string,
    beside?: string
  ) => Effect.Effect<SnapshotSummary, RememberedUseCases.MemoryError>
  /** The newest snapshot of a check of the same request; `undefined` before the first. Scans nothing. */
  readonly latestSnapshot: (
    request: RememberedUseCases.LatestRequest
  ) => Effect.Effect<SnapshotSummary | undefined, ScanPlanError | RememberedUseCases.MemoryError>
  /** What there is, as the last scans saw it. Makes no call. */
  readonly inventory: (
    request: InventorySearch.InventoryRequest
  ) => Effect.Effect<InventorySearch.InventoryResult, RememberedUseCases.MemoryError | CipherError>
  /** A {@link check} as a report in a format of one's choice, with what to do first. */
  readonly report: (
    request: CheckRequest,
    how: ComplianceReport.ReportOptions,
    options?: CheckOptions
  ) => Effect.Effect<
    ComplianceReport.ReportAnswer,
    ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError | ComplianceReport.ReportFormatError
  >
  /** The violations or the resources of a {@link check} as data. */
  readonly export: (
    request: CheckRequest,
    how: Export.ExportOptions,
    options?: CheckOptions
  ) => Effect.Effect<Export.ExportAnswer, ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError>
}>()("@cadastre/compliance/Compliance") {
  static readonly layerNoDeps = Layer.effect(
    Compliance,
    Effect.gen(function*() {
      const scan = yield* Scan
      const cache = yield* ResultCache
      const journal = yield* Journal
      const registry = yield* ScannerRegistry
      const memory = yield* EstateMemory
      const scanAndJudge = JudgedScan.make({ journal, memory, scan })
      const together = yield* SingleFlight.make<ComplianceResult, MultiRegionScanError>()

      const checkBy = Effect.fnUntraced(function*(plan: ScanPlan, request: CheckRequest, options: CheckOptions) {
        const validator = CompiledPolicy.at(request.policy, yield* Clock.currentTimeMillis)
        const key = cacheKey({
          accountIds: plan.scope.accountIds,
          partition: plan.scope.partition,
          estate: plan.key.estate,
          types: [...plan.scope.types, ...plan.scope.sources ?? [], ...request.explorerView === undefined ? [] : [request.explorerView]],
          regions: plan.scope.accounts.flatMap(({ accountId, regions }) => regions.map((region) => `${accountId}/${region}`)),
          narrowed: plan.narrowed,
          severity: request.severity ?? "all",
          withResources: request.withResources ?? false,
          include: request.include ?? [],
          // A waiver that has expired since makes it another policy.
          policyHash: `${CompiledPolicy.hashOf(request.policy)}-${validator.expiredWaivers.length}`
        })
        const cacheable = JudgedScan.isCacheable(plan)
        if (cacheable && request.forceRefresh !== true) {
          const cached = yield* cache.get(key)
          const known = Option.isNone(cached) ? undefined : yield* ScanRecording.ofCached(memory, cached.value.result, request.storeSnapshot)
          if (Option.isSome(cached) && known !== undefined) return { ...known, fromCache: true, ageSeconds: cached.value.ageSeconds }
        }
        const scanned = scanAndJudge(plan, request, validator, options)
        if (!cacheable) return yield* scanned
        const work = scanned.pipe(
          Effect.flatMap((result) => Effect.map(Clock.currentTimeMillis, (now) => aged(result, now))),
          Effect.tap((result) => result.coverage.complete ? cache.set(key, result) : Effect.void)
        )
        // Whoever may stop the scan stops only their own, and whoever wants a new one joins none that may use old cells.
        return yield* options.stop === undefined ? together(flightOf(key, request), work) : work
      })

      const checkOf = Effect.fn("Compliance.check")(function*(request: CheckRequest, options: CheckOptions = {}) {
        const plan = yield* scan.plan(request)
        return { plan, result: yield* checkBy(plan, request, options) }
      })

      /** What judges as a check does. */
      const judgeOf = Effect.fnUntraced(function*(policy: TagPolicy, include: ReadonlyArray<ScoreScope.Includable> = []) {
        const entries = yield* registry.entries
        const compiled = CompiledPolicy.at(policy, yield* Clock.currentTimeMillis)
        const freeTypes = entries.flatMap(({ free, type }) => free ? [type] : [])
        return { policyHash: CompiledPolicy.hashOf(policy), validator: ScoreScope.validator(compiled, { freeTypes, include }) }
      })

      const source = yield* Effect.serviceOption(CostSource)
      const { attributionGap, check: checkWithCosts, findUntagged } = PricedUseCases.make({ checkOf, judgeOf, memory, registry, source })
      const { seenIn, ...remembered } = RememberedUseCases.make({
        memory,
        scan,
        scanNow: Effect.fnUntraced(function*(plan, request, options, onStates) {
          const validator = CompiledPolicy.at(request.policy, yield* Clock.currentTimeMillis)
          return yield* scanAndJudge(plan, { ...request, forceRefresh: true }, validator, options, onStates)
        })
      })

      const suggest = Effect.fn("Compliance.suggest")(function*(request: SuggestRequest, options?: CheckOptions) {
        const { arns, backtest = false, creators: isCreatorWanted = false, ...rest } = request
        const { validator } = yield* judgeOf(request.policy, request.include)
        const { plan, result } = yield* checkOf({ ...rest, severity: "all", withResources: true }, options)
        const creators = isCreatorWanted ? yield* creatorsOf(scan, plan, result.resources, options?.stop) : undefined
        return suggestionsOf(result, request.policy, validator, {
          ...arns === undefined ? {} : { arns },
          backtest,
          ...creators === undefined ? {} : { creators }
        })
      })

      const validateResources = Effect.fn("Compliance.validateResources")(
        (request: ValidateRequest, options?: CheckOptions) =>
          ValidateResources.run({ scan, registry }, request, options)
      )

      const whatIf = Effect.fn("Compliance.whatIf")(function*({ against, include, over, policy }: WhatIfRequest) {
        return yield* WhatIf.judge(
          typeof over === "string" ? yield* seenIn(over) : over,
          yield* judgeOf(policy, include),
          against === undefined ? undefined : yield* judgeOf(against, include)
        )
      })

      return Compliance.of({
        ...remembered,
        attributionGap,
        check: checkWithCosts,
        export: (request, how, options) => Export.make(checkWithCosts, request, how, options),
        findUntagged,
        report: (request, how, options) => ComplianceReport.make(checkWithCosts, request, how, options),
        suggest,
        validateResources,
        whatIf
      })
    })
  )
}

/** Whoever wants a new scan, or a snapshot, joins none that has no need of either. */
const flightOf = (key: string, { forceRefresh, storeSnapshot }: CheckRequest): string =>
  `${key}${forceRefresh === true ? "-renew" : ""}${storeSnapshot === true ? "-stored" : ""}`
