/**
 * The use-cases of tag compliance, one service for the CLI, the MCP adapter and
 * everybody else: one scan feeds them all.
 *
 * @since 0.1.0
 */
import { Aggregate, coverageOf, resourcesOf, summaryOf, violationsOf } from "@cadastre/aggregation"
import { type Cell, cellKey, RegionId, type ScanEvent } from "@cadastre/model"
import { compile, policyHash, type TagPolicy, type Validator } from "@cadastre/policy"
import { Journal, Scan, type ScanPlan, type ScanPlanError, type ScanRequest } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { cacheKey } from "./CacheKey.ts"
import { ComplianceResult, type SeverityFilter } from "./ComplianceResult.ts"
import { ResultCache } from "./ResultCache.ts"
import * as SingleFlight from "./SingleFlight.ts"

/**
 * What to check.
 *
 * - `severity`: which violations are listed, all by default
 * - `forceRefresh`: scans even where a fresh enough result is cached
 * - `withResources`: whether the result holds the resources themselves
 *
 * @category models
 * @since 0.1.0
 */
export interface CheckRequest extends ScanRequest {
  readonly policy: TagPolicy
  readonly severity?: SeverityFilter
  readonly forceRefresh?: boolean
  readonly withResources?: boolean
}

/**
 * - `onEvent`: sees the events of the scan, where one is made for this request; for progress
 * - `stop`: completes when the scan is to end early, with what it has
 *
 * @category models
 * @since 0.1.0
 */
export interface CheckOptions {
  readonly onEvent?: (event: ScanEvent) => Effect.Effect<void>
  readonly stop?: Effect.Effect<void>
}

/**
 * Not one cell of any Region could be seen. `partialResult` says of each why; it
 * has no score unless global types were seen, which have no Region.
 *
 * @category errors
 * @since 0.1.0
 */
export class MultiRegionScanError extends Schema.TaggedError<MultiRegionScanError>()("MultiRegionScanError", {
  failedRegions: Schema.Array(RegionId),
  partialResult: ComplianceResult
}) {
  override get message(): string {
    const reasons = new Set(
      this.partialResult.coverage.table.flatMap(({ reason }) => reason === undefined ? [] : [`${reason.error}: ${reason.message}`])
    )
    const [first = "no reason given", ...others] = reasons
    return `Nothing could be seen in any of the ${this.failedRegions.length} Regions (${this.failedRegions.join(", ")}). ` +
      `${first}${others.length > 0 ? ` (and ${others.length} other reasons)` : ""}`
  }
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
   * not be seen today may be seen in a minute.
   */
  readonly check: (
    request: CheckRequest,
    options?: CheckOptions
  ) => Effect.Effect<ComplianceResult, ScanPlanError | MultiRegionScanError>
}>()("@cadastre/compliance/Compliance") {
  static readonly layerNoDeps = Layer.effect(
    Compliance,
    Effect.gen(function*() {
      const scan = yield* Scan
      const cache = yield* ResultCache
      const journal = yield* Journal
      const together = yield* SingleFlight.make<ComplianceResult, MultiRegionScanError>()

      const scanAndJudge = Effect.fnUntraced(function*(
        plan: ScanPlan,
        request: CheckRequest,
        validator: Validator,
        options: CheckOptions
      ): Effect.fn.Return<ComplianceResult, MultiRegionScanError> {
        const fold = Aggregate.fold({ validator, keepResources: request.withResources ?? false })
        const { onEvent } = options
        yield* Stream.runForEach(
          scan.run(plan, options.stop === undefined ? {} : { stop: options.stop }),
          (event) => {
            fold.add(event)
            return onEvent === undefined ? Effect.void : onEvent(event)
          }
        )
        const aggregate = fold.aggregate()
        const known = yield* journal.lastCounts(plan.key.estate, unseenCells(aggregate))
        const result = resultOf(aggregate, request, policyHash(request.policy), (cell) =>
          known.get(cellKey(cell))?.resources)
        const { failedRegions, incompleteRegions, successfulRegions } = result.regionMetadata
        const nothingSeen = failedRegions.length > 0 && incompleteRegions.length === 0 && successfulRegions.length === 0
        // A scan that was stopped has not failed.
        return nothingSeen && result.coverage.cells.skipped === 0
          ? yield* new MultiRegionScanError({ failedRegions, partialResult: result })
          : result
      })

      const check = Effect.fn("Compliance.check")(function*(request: CheckRequest, options: CheckOptions = {}) {
        const plan = yield* scan.plan(request)
        const validator = compile(request.policy, { now: yield* Clock.currentTimeMillis })
        const key = cacheKey({
          accountIds: plan.scope.accountIds,
          partition: plan.scope.partition,
          estate: plan.key.estate,
          types: plan.scope.types,
          regions: plan.scope.accounts.flatMap(({ accountId, regions }) => regions.map((region) => `${accountId}/${region}`)),
          narrowed: plan.narrowed,
          severity: request.severity ?? "all",
          withResources: request.withResources ?? false,
          // A waiver that has expired since makes it another policy.
          policyHash: `${policyHash(request.policy)}-${validator.expiredWaivers.length}`
        })
        // What is made of earlier scans' cells has its own age, and a quick scan sees less of a resource.
        const isCacheable = plan.mode === "full" && !plan.resume
        if (isCacheable && request.forceRefresh !== true) {
          const cached = yield* cache.get(key)
          if (Option.isSome(cached)) return { ...cached.value.result, fromCache: true, ageSeconds: cached.value.ageSeconds }
        }
        const work = Effect.tap(
          scanAndJudge(plan, request, validator, options),
          (result) => isCacheable && result.coverage.complete ? cache.set(key, result) : Effect.void
        )
        // Whoever may stop the scan stops only their own.
        return yield* isCacheable && options.stop === undefined ? together(key, work) : work
      })

      return Compliance.of({ check })
    })
  )
}

const resultOf = (
  aggregate: Aggregate.Aggregate,
  request: CheckRequest,
  hash: string,
  lastKnown: (cell: Cell) => number | undefined
): ComplianceResult => {
  const coverage = coverageOf(aggregate)
  const { failedRegions, incompleteRegions, skippedRegions, successfulRegions } = coverage
  const scope = aggregate.scope!
  return {
    ...summaryOf(aggregate, { lastKnown }),
    policyHash: hash,
    scope,
    accountIds: scope.accountIds,
    scanTimestamp: aggregate.startedAt!,
    coverage,
    regionMetadata: {
      totalRegions: scope.regions.length,
      successfulRegions,
      incompleteRegions,
      failedRegions,
      skippedRegions
    },
    violations: listed(violationsOf(aggregate), request.severity ?? "all"),
    resources: resourcesOf(aggregate),
    storedInHistory: false,
    fromCache: false,
    ageSeconds: 0
  }
}

const unseenCells = ({ cells }: Aggregate.Aggregate): ReadonlyArray<Cell> =>
  [...cells.values()].flatMap(({ cell, result }) =>
    result?.outcome === "scanned" || result?.outcome === "unsupported" ? [] : [cell]
  )

const listed = (violations: ComplianceResult["violations"], filter: SeverityFilter): ComplianceResult["violations"] =>
  filter === "all"
    ? violations
    : violations.filter(({ severity }) => severity === (filter === "errors_only" ? "error" : "warning"))
