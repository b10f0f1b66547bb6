/**
 * The use-cases that ask about money, over the one check that all share.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import { BillingServices, type CostError, CostPeriod, type CostSource } from "@cadastre/cost"
import type { TagPolicy, Validator } from "@cadastre/policy"
import type { ScannerRegistry, ScanPlan, ScanPlanError } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as AttributionGap from "./AttributionGap.ts"
import * as BillSiblings from "./BillSiblings.ts"
import * as CheckCosts from "./CheckCosts.ts"
import type { CheckOptions, CheckRequest, UntaggedRequest } from "./Compliance.ts"
import * as CompiledPolicy from "./CompiledPolicy.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import { type CostRequest, price } from "./EstateCosts.ts"
import type { Memory } from "./EstateMemory.ts"
import type { MultiRegionScanError } from "./MultiRegionScanError.ts"
import * as NarrowedResult from "./NarrowedResult.ts"
import { keyOf } from "./RememberedUseCases.ts"
import * as ScanRecording from "./ScanRecording.ts"
import type * as ScoreScope from "./ScoreScope.ts"
import * as Untagged from "./Untagged.ts"

/**
 * What they are made of.
 *
 * - `checkOf`: the check without costs, and the plan that it was made by
 * - `judgeOf`: what judges as it does
 * - `source`: where costs are asked for, if anywhere
 */
interface Parts {
  readonly checkOf: (
    request: CheckRequest,
    options?: CheckOptions
  ) => Effect.Effect<{ readonly plan: ScanPlan; readonly result: ComplianceResult }, ScanPlanError | MultiRegionScanError>
  readonly judgeOf: (
    policy: TagPolicy,
    include?: ReadonlyArray<ScoreScope.Includable>
  ) => Effect.Effect<{ readonly validator: Pick<Validator, "check"> }>
  readonly memory: Memory
  readonly registry: ScannerRegistry["Service"]
  readonly source: Option.Option<CostSource["Service"]>
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ checkOf, judgeOf, memory, registry, source }: Parts) => {
  /** The types that are meant, `undefined` for all. */
  const typesOf = Effect.fnUntraced(function*(named: ReadonlyArray<string> = []) {
    const all = named.length === 0 || named.some((name) => name.trim().toLowerCase() === "all")
    return all ? undefined : (yield* registry.resolve(named)).map(({ type }) => type)
  })

  /**
   * A check with its resources, laid over what was spent. Of some types alone, what shares their bill is scanned as
   * well, since nobody could say otherwise what is theirs of it; but for the history only what was asked for is scanned.
   */
  const priced = Effect.fnUntraced(function*(
    request: Omit<CheckRequest, "costs">,
    asked: CostRequest & { readonly byTag?: string },
    options: CheckOptions | undefined
  ) {
    // A period that is none is told before anything is scanned.
    const period = yield* CostPeriod.make(asked.period)
    const types = yield* typesOf(request.types)
    const scanned = types === undefined || request.storeSnapshot === true ? types : BillingServices.withSiblings(types)
    const { plan, result } = yield* checkOf(
      { ...request, ...scanned === undefined ? {} : { types: scanned }, withResources: true },
      options
    )
    const { validator } = yield* judgeOf(request.policy, request.include)
    const compiled = CompiledPolicy.at(request.policy, yield* Clock.currentTimeMillis)
    const estate = {
      result,
      reach: reachOf(plan),
      regions: request.regions ?? [],
      policy: request.policy,
      compiled,
      validator
    }
    return {
      period,
      plan: scanned === undefined || scanned.length === types?.length ? plan : narrowedTo(plan, types ?? []),
      types,
      validator,
      result,
      asAsked: scanned === undefined || scanned.length === types?.length ? result : NarrowedResult.make(result, types ?? [], validator),
      priced: yield* Effect.result(price(source, estate, { ...asked, period }))
    }
  })

  const check = Effect.fnUntraced(function*(
    request: CheckRequest,
    options?: CheckOptions
  ): Effect.fn.Return<ComplianceResult, ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError> {
    const { costs, ...all } = request
    if (costs === undefined || costs === false) return (yield* checkOf(all, options)).result
    // What was scanned besides is no part of the snapshot, and what it costs is: it is stored afterwards.
    const { storeSnapshot = false, ...rest } = all
    const laid = yield* priced(
      storeSnapshot ? { ...rest, forceRefresh: true } : rest,
      costs === true ? {} : costs,
      options
    )
    const { asAsked, period, plan, types, validator } = laid
    const whole = laid.priced._tag === "Success"
      ? CheckCosts.withCosts(asAsked, laid.result, laid.priced.success, validator, types)
      : { ...asAsked, costs: CheckCosts.unknown(laid.priced.failure, period) }
    const stored = storeSnapshot ? yield* ScanRecording.store(memory, keyOf(plan, request), whole, validator) : undefined
    const result = stored === undefined ? whole : { ...whole, ...stored }
    return request.withResources === true ? result : { ...result, resources: [] }
  })

  const findUntagged = Effect.fn("Compliance.findUntagged")(function*(
    request: UntaggedRequest,
    options?: CheckOptions
  ): Effect.fn.Return<Untagged.UntaggedResult, ScanPlanError | MultiRegionScanError | CostPeriod.CostPeriodError> {
    const { costs = false, minMonthlyCost: minimum, ...rest } = request
    const asked = { ...rest, severity: "all" as const, withResources: true }
    if (costs === false && minimum === undefined) {
      const { validator } = yield* judgeOf(request.policy, request.include)
      return Untagged.untaggedOf((yield* checkOf(asked, options)).result, request.policy, validator)
    }
    const laid = yield* priced(asked, typeof costs === "boolean" ? {} : costs, options)
    return Untagged.withCosts(
      Untagged.untaggedOf(laid.asAsked, request.policy, laid.validator),
      laid.priced._tag === "Success"
        ? laid.priced.success
        : { status: "unknown", reason: laid.priced.failure.message, period: laid.period },
      BillSiblings.unseen(laid.result, laid.asAsked),
      minimum
    )
  })

  const attributionGap = Effect.fn("Compliance.attributionGap")(function*(
    request: AttributionGap.GapRequest,
    options?: CheckOptions
  ): Effect.fn.Return<
    AttributionGap.GapResult,
    ScanPlanError | MultiRegionScanError | CostError | CostPeriod.CostPeriodError
  > {
    const { currency, groupBy, period, tagKey: _, ...rest } = request
    const byTag = groupBy === "tag" ? AttributionGap.tagKeyOf(request) : undefined
    const laid = yield* priced({ ...rest, severity: "all" }, {
      ...period === undefined ? {} : { period },
      ...currency === undefined ? {} : { currency },
      ...byTag === undefined ? {} : { byTag }
    }, options)
    return AttributionGap.gapOf(yield* Effect.fromResult(laid.priced), laid, request)
  })

  return { check, findUntagged, attributionGap }
}

/** The accounts of a plan that can be called. */
const reachOf = ({ regions, sweeps }: ScanPlan): ReadonlyArray<Account> => [
  ...new Map(
    [...regions, ...sweeps].flatMap(({ access }) => access._tag === "Reachable" ? [[access.account.id, access.account]] : [])
  ).values()
]

/** The plan of some of its types. */
const narrowedTo = (plan: ScanPlan, types: ScanPlan["scope"]["types"]): ScanPlan =>
  ({ ...plan, isOpen: false, scope: { ...plan.scope, types } })
