/**
 * One scan, and what the policy says of it.
 *
 * @since 0.1.0
 */
import { Aggregate, coverageOf, type ResourceState, resourcesOf, stateOf, summaryOf, violationsOf } from "@cadastre/aggregation"
import { type Cell, cellKey, type Resource } from "@cadastre/model"
import { policyHash, type Validator } from "@cadastre/policy"
import type { Journal, Scan, ScanPlan } from "@cadastre/scanner-core"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { aged } from "./CacheAge.ts"
import type { CheckOptions, CheckRequest } from "./Compliance.ts"
import type { ComplianceResult, SeverityFilter } from "./ComplianceResult.ts"
import type { Memory } from "./EstateMemory.ts"
import { MultiRegionScanError } from "./MultiRegionScanError.ts"
import { keyOf } from "./RememberedUseCases.ts"
import * as ScanRecording from "./ScanRecording.ts"
import * as ScoreScope from "./ScoreScope.ts"

/** What a scan needs to be judged and remembered. */
interface Parts {
  readonly scan: Pick<Scan["Service"], "run">
  readonly journal: Context.Service.Shape<typeof Journal>
  readonly memory: Memory
}

/**
 * Scans by a plan, judges, and remembers what was seen; where a snapshot was
 * asked for, it is stored when the scan is over. Of a scan that saw nothing there is none.
 *
 * - `onStates`: is told what the policy says of the resources, as they are found
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ journal, memory, scan }: Parts) =>
  Effect.fnUntraced(function*(
    plan: ScanPlan,
    request: CheckRequest,
    validator: Validator,
    options: CheckOptions,
    onStates?: (states: ReadonlyArray<ResourceState>) => void
  ): Effect.fn.Return<ComplianceResult, MultiRegionScanError, Scope.Scope> {
    const freeTypes = freeTypesOf(plan)
    const { include = [] } = request
    const scored = ScoreScope.validator(validator, { freeTypes, include })
    const fold = Aggregate.fold({ validator: scored, keepResources: request.withResources ?? false })
    const wantsSnapshot = request.storeSnapshot === true
    const recording = yield* ScanRecording.begin(memory, plan, wantsSnapshot ? keyOf(plan, request) : undefined)
    const statesIn = ({ cell, resources }: { readonly cell: Cell; readonly resources: ReadonlyArray<Resource> }) =>
      resources.map((resource) => stateOf(cell, resource, scored.check(resource)))
    const { onBegin, onEvent } = options
    onBegin?.(() => {
      const aggregate = fold.aggregate()
      if (aggregate.scope === undefined) return undefined
      const result = resultOf(aggregate, request, policyHash(request.policy), () => undefined)
      return isCacheable(plan) ? aged(result) : result
    })
    yield* Stream.runForEach(
      scan.run(plan, {
        ...options.stop === undefined ? {} : { stop: options.stop },
        ...isCacheable(plan) ? { cells: isOfNow(request) ? "renew" : "reuse" } : {}
      }),
      (event) => {
        fold.add(event)
        const told = onEvent === undefined ? recording.add(event) : Effect.andThen(recording.add(event), onEvent(event))
        if (event._tag !== "ResourcesFound" || (!wantsSnapshot && onStates === undefined)) return told
        const states = statesIn(event)
        onStates?.(states)
        return Effect.andThen(told, recording.append(states))
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
    if (nothingSeen && result.coverage.cells.skipped === 0) {
      return yield* new MultiRegionScanError({ failedRegions, partialResult: result })
    }
    const stored = yield* recording.finish({
      takenAt: result.scanTimestamp,
      summary: ScanRecording.summaryIn(result),
      coverage: result.coverage
    })
    return stored === undefined ? result : { ...result, ...stored }
  }, Effect.scoped)

/** A snapshot is of the time that it says: nothing older goes into it. */
const isOfNow = ({ forceRefresh, storeSnapshot }: CheckRequest): boolean => forceRefresh === true || storeSnapshot === true

/**
 * Whether what a plan finds may be kept: what is made of the journal's cells has
 * its own age, and a quick scan sees less of a resource.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isCacheable = ({ mode, resume }: ScanPlan): boolean => mode === "full" && !resume

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

/**
 * Those of a severity.
 *
 * @category getters
 * @since 0.1.0
 */
export const listed = (violations: ComplianceResult["violations"], filter: SeverityFilter): ComplianceResult["violations"] =>
  filter === "all"
    ? violations
    : violations.filter(({ severity }) => severity === (filter === "errors_only" ? "error" : "warning"))
