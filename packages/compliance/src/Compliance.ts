/**
 * The use-cases of tag compliance, one service for the CLI, the MCP adapter and
 * everybody else: one scan feeds them all.
 *
 * @since 0.1.0
 */
import { Aggregate, coverageOf, resourcesOf, summaryOf, violationsOf } from "@cadastre/aggregation"
import { type Cell, cellKey, RegionId, type ScanEvent } from "@cadastre/model"
import { compile, policyHash, type TagPolicy, type Validator } from "@cadastre/policy"
import { Journal, Scan, type ScanPlan, type ScanPlanError, ScannerRegistry, type ScanRequest } from "@cadastre/scanner-core"
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
import * as ScoreScope from "./ScoreScope.ts"
import * as SingleFlight from "./SingleFlight.ts"
import { suggestionsOf, type SuggestionsResult } from "./Suggestions.ts"
import { untaggedOf, type UntaggedResult } from "./Untagged.ts"
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
}

/**
 * The same of use-cases that list resources of their own.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListRequest extends Omit<CheckRequest, "severity" | "withResources"> {}

/**
 * What to suggest tags for, and the scope to learn from: the wider, the more there is to learn.
 *
 * - `arns`: for these resources only; all of the scope by default
 * - `backtest`: whether to say how good suggestions are in this estate
 *
 * @category models
 * @since 0.1.0
 */
export interface SuggestRequest extends ListRequest {
  readonly arns?: ReadonlyArray<string>
  readonly backtest?: boolean
}

/**
 * What would be if another policy were in force.
 *
 * - `policy`: the policy in question; `against`: the one to compare with, none by default
 * - `over`: what was seen: see `WhatIf.ofResult` and `WhatIf.ofStates`
 * - `include`: what is scored although it is left out by default, see `ScoreScope.Includable`
 *
 * @category models
 * @since 0.1.0
 */
export interface WhatIfRequest {
  readonly policy: TagPolicy
  readonly against?: TagPolicy
  readonly over: WhatIf.SeenEstate
  readonly include?: ReadonlyArray<ScoreScope.Includable>
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
  /** The resources that lack a required tag or have no tag at all: those of a {@link check} of the same request. */
  readonly findUntagged: (
    request: ListRequest,
    options?: CheckOptions
  ) => Effect.Effect<UntaggedResult, ScanPlanError | MultiRegionScanError>
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
  readonly whatIf: (request: WhatIfRequest) => Effect.Effect<WhatIf.WhatIfResult, WhatIf.ResourcesMissingError>
}>()("@cadastre/compliance/Compliance") {
  static readonly layerNoDeps = Layer.effect(
    Compliance,
    Effect.gen(function*() {
      const scan = yield* Scan
      const cache = yield* ResultCache
      const journal = yield* Journal
      const registry = yield* ScannerRegistry
      const together = yield* SingleFlight.make<ComplianceResult, MultiRegionScanError>()

      const scanAndJudge = Effect.fnUntraced(function*(
        plan: ScanPlan,
        request: CheckRequest,
        validator: Validator,
        options: CheckOptions
      ): Effect.fn.Return<ComplianceResult, MultiRegionScanError> {
        const freeTypes = freeTypesOf(plan)
        const { include = [] } = request
        const scored = ScoreScope.validator(validator, { freeTypes, include })
        const fold = Aggregate.fold({ validator: scored, keepResources: request.withResources ?? false })
        const { onEvent } = options
        yield* Stream.runForEach(
          scan.run(plan, options.stop === undefined ? {} : { stop: options.stop }),
          (event) => {
            fold.add(event)
            return onEvent === undefined ? Effect.void : onEvent(event)
          }
        )
        const aggregate = fold.aggregate()
        const unscored = ScoreScope.freeTypesLeftOut(validator, { freeTypes, include })
        const known = yield* journal.lastCounts(plan.key.estate, unseenCells(aggregate))
        const result = resultOf(aggregate, request, policyHash(request.policy), (cell) =>
          // However many there are, none of them counts.
          unscored.has(cell.type) ? 0 : known.get(cellKey(cell))?.resources)
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
          types: [...plan.scope.types, ...plan.scope.sources ?? [], ...request.explorerView === undefined ? [] : [request.explorerView]],
          regions: plan.scope.accounts.flatMap(({ accountId, regions }) => regions.map((region) => `${accountId}/${region}`)),
          narrowed: plan.narrowed,
          severity: request.severity ?? "all",
          withResources: request.withResources ?? false,
          include: request.include ?? [],
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

      /** What judges as a check does. */
      const judgeOf = Effect.fnUntraced(function*(policy: TagPolicy, include: ReadonlyArray<ScoreScope.Includable> = []) {
        const entries = yield* registry.entries
        const compiled = compile(policy, { now: yield* Clock.currentTimeMillis })
        const freeTypes = entries.flatMap(({ free, type }) => free ? [type] : [])
        return { policyHash: policyHash(policy), validator: ScoreScope.validator(compiled, { freeTypes, include }) }
      })

      const findUntagged = Effect.fn("Compliance.findUntagged")(function*(request: ListRequest, options?: CheckOptions) {
        const { validator } = yield* judgeOf(request.policy, request.include)
        return untaggedOf(yield* check({ ...request, severity: "all", withResources: true }, options), request.policy, validator)
      })

      const suggest = Effect.fn("Compliance.suggest")(function*(request: SuggestRequest, options?: CheckOptions) {
        const { arns, backtest = false, ...rest } = request
        const { validator } = yield* judgeOf(request.policy, request.include)
        const result = yield* check({ ...rest, severity: "all", withResources: true }, options)
        return suggestionsOf(result, request.policy, validator, { ...arns === undefined ? {} : { arns }, backtest })
      })

      const validateResources = Effect.fn("Compliance.validateResources")(
        (request: ValidateRequest, options?: CheckOptions) =>
          ValidateResources.run({ scan, registry }, request, options)
      )

      const whatIf = Effect.fn("Compliance.whatIf")(function*({ against, include, over, policy }: WhatIfRequest) {
        return yield* WhatIf.judge(
          over,
          yield* judgeOf(policy, include),
          against === undefined ? undefined : yield* judgeOf(against, include)
        )
      })

      return Compliance.of({ check, findUntagged, suggest, validateResources, whatIf })
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

const freeTypesOf = ({ regions }: ScanPlan): ReadonlySet<string> =>
  new Set(regions.flatMap(({ services }) => services.flat()).flatMap(({ free, type }) => free ? [type] : []))

const unseenCells = ({ cells }: Aggregate.Aggregate): ReadonlyArray<Cell> =>
  [...cells.values()].flatMap(({ cell, result }) =>
    result?.outcome === "scanned" || result?.outcome === "unsupported" ? [] : [cell]
  )

const listed = (violations: ComplianceResult["violations"], filter: SeverityFilter): ComplianceResult["violations"] =>
  filter === "all"
    ? violations
    : violations.filter(({ severity }) => severity === (filter === "errors_only" ? "error" : "warning"))
