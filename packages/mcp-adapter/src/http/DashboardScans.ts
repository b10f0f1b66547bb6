/**
 * What the dashboard shows: the last result of each scope that somebody looked at, and the scans that are under way for it.
 *
 * @since 0.1.0
 */
import { cacheTtlSeconds, Compliance, MultiRegionScanError, reportOf } from "@cadastre/compliance"
import { type Resource, Tags } from "@cadastre/model"
import { KeyCase } from "@cadastre/policy"
import { DashboardPage, type PageView, type Report } from "@cadastre/report"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { safe } from "../ErrorSanitiser.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import { choicesOf } from "./DashboardList.ts"
import type { DashboardSettings } from "./DashboardSettings.ts"

/** What the scans call. */
export type DashboardServices = Compliance | PolicyInForce

interface Seen {
  readonly report: Report
  readonly owners: ReadonlyMap<string, string>
}

/** One scope. */
interface Kept {
  seen: Seen & { readonly checkedAt: number } | undefined
  problem: { readonly why: string; readonly isRequest: boolean; readonly at: number } | undefined
  running: { readonly startedAt: number; readonly fiber: Fiber.Fiber<void> } | undefined
  cells: { readonly ended: number; readonly total: number } | undefined
}

/**
 * What is known of a scope now.
 *
 * - `report`, `age`: the last result that there is, and how old it is in seconds
 * - `owners`: of the resources that have violations, by ARN; `""` where none is known. Only where they are asked for
 * - `isWrong`: whether what was asked for does not exist
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  readonly report: Report | undefined
  readonly owners: ReadonlyMap<string, string>
  readonly age: number
  readonly status: DashboardPage.ScanStatus
  readonly isWrong: boolean
}

/**
 * - `look`: what is known. It begins a scan where nothing is, or where that is too old, and waits a moment for its end;
 *   whoever looks again meanwhile begins none
 * - `renew`: begins a scan that uses nothing that was seen before, unless one is under way
 * - `choices`: what there is to choose from, as the widest result has it
 *
 * @category models
 * @since 0.1.0
 */
export interface DashboardScans {
  readonly look: (filters: DashboardPage.Filters) => Effect.Effect<Known>
  readonly renew: (filters: DashboardPage.Filters) => Effect.Effect<void>
  readonly choices: () => DashboardPage.Choices
}

/** So many are kept, and with so many violations in all; those that nobody has looked at for longest go first. */
const mostScopes = 16
const mostViolations = 200_000
const mostRunning = 4
const retryAfterMs = 60_000

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<R, E>(
  runtime: ManagedRuntime.ManagedRuntime<R | DashboardServices, E>,
  { costs }: DashboardSettings
): Effect.fn.Return<DashboardScans, Config.ConfigError, Scope.Scope> {
  const scope = yield* Effect.scope
  // What is too old for the cache is too old to be looked at.
  const maxAgeSeconds = yield* cacheTtlSeconds
  const scopes = new Map<string, Kept>()
  let choices = DashboardPage.noChoices
  let isWhole = false

  const keptOf = (filters: DashboardPage.Filters): Kept => {
    // What is listed changes nothing of what is seen.
    const key = `${DashboardPage.queryOf({ filters: DashboardPage.scopeOf(filters) })}${isOwned(filters) ? " owners" : ""}`
    const kept = scopes.get(key) ?? { seen: undefined, problem: undefined, running: undefined, cells: undefined }
    scopes.delete(key)
    scopes.set(key, kept)
    let violations = [...scopes.values()].reduce((sum, { seen }) => sum + (seen?.report.violations.length ?? 0), 0)
    for (const [other, { running, seen }] of scopes) {
      if (scopes.size <= mostScopes && violations <= mostViolations) break
      if (running !== undefined || other === key) continue
      scopes.delete(other)
      violations -= seen?.report.violations.length ?? 0
    }
    return kept
  }

  const begin = Effect.fnUntraced(function*(kept: Kept, filters: DashboardPage.Filters, isForced: boolean) {
    const startedAt = yield* Clock.currentTimeMillis
    const running = [...scopes.values()].filter((one) => one.running !== undefined).length
    if (running >= mostRunning) {
      kept.problem = { why: "Too many scans are under way: look again when one has ended.", isRequest: false, at: 0 }
      return
    }
    const work = checkOf(filters, { costs, isForced, onProgress: (cells) => kept.cells = cells })
    const fiber = yield* Effect.promise((signal) => runtime.runPromiseExit(work, { signal })).pipe(
      Effect.flatMap((exit) => Effect.map(Clock.currentTimeMillis, (now) => {
        kept.running = undefined
        kept.cells = undefined
        if (Exit.isFailure(exit)) {
          kept.problem = { why: problemOf(exit.cause), isRequest: isRequestError(exit.cause), at: now }
          return
        }
        kept.seen = { ...exit.value, checkedAt: now }
        kept.problem = undefined
        const isAll = DashboardPage.queryOf({ filters: DashboardPage.scopeOf(filters) }) === ""
        if (isAll || !isWhole) choices = choicesOf(exit.value.report)
        isWhole ||= isAll
      })),
      Effect.forkIn(scope)
    )
    // It may have ended already.
    if (fiber.pollUnsafe() === undefined) kept.running = { startedAt, fiber }
  })

  const look = Effect.fnUntraced(function*(filters: DashboardPage.Filters) {
    const kept = keptOf(filters)
    const now = yield* Clock.currentTimeMillis
    const { problem, seen } = kept
    const isDue = seen === undefined
      ? problem === undefined || problem.isRequest || now - problem.at > retryAfterMs
      : ageOf(seen, now) > maxAgeSeconds && (problem === undefined || now - problem.at > retryAfterMs)
    if (kept.running === undefined && isDue) yield* begin(kept, filters, false)
    if (kept.running !== undefined && kept.seen === undefined) {
      yield* Fiber.await(kept.running.fiber).pipe(Effect.timeoutOption(waitMs))
    }
    return knownOf(kept, yield* Clock.currentTimeMillis)
  })

  return {
    choices: () => choices,
    look,
    renew: Effect.fnUntraced(function*(filters) {
      const kept = keptOf(filters)
      if (kept.running === undefined) yield* begin(kept, filters, true)
    })
  }
})

/** Long enough for what is in the caches. */
const waitMs = 1500

const ageOf = ({ checkedAt, report }: NonNullable<Kept["seen"]>, now: number): number =>
  report.ageSeconds + Math.max(0, Math.floor((now - checkedAt) / 1000))

const knownOf = ({ cells, problem, running, seen }: Kept, now: number): Known => ({
  report: seen?.report,
  owners: seen?.owners ?? new Map(),
  age: seen === undefined ? 0 : ageOf(seen, now),
  isWrong: problem?.isRequest === true && running === undefined,
  status: running !== undefined
    ? { _tag: "Running", seconds: Math.floor((now - running.startedAt) / 1000), ...cells === undefined ? {} : { cells } }
    : problem !== undefined
    ? { _tag: "Failed", why: problem.why, isRequest: problem.isRequest }
    : { _tag: "Idle" }
})

const checkOf = Effect.fnUntraced(function*(filters: DashboardPage.Filters, how: {
  readonly costs: boolean
  readonly isForced: boolean
  readonly onProgress: (cells: { readonly ended: number; readonly total: number }) => void
}) {
  const compliance = yield* Compliance
  const { policy, source: policySource } = yield* PolicyInForce
  const { report, result } = yield* compliance.report(
    { ...requestOf(filters), policy, costs: how.costs, forceRefresh: how.isForced, withResources: isOwned(filters) },
    { format: "html", policySource },
    {
      onEvent: (event) =>
        Effect.sync(() => {
          if (event._tag === "Progress") how.onProgress({ ended: event.cellsEnded, total: event.cells })
        })
    }
  ).pipe(
    // Nothing could be seen: that is what there is to show.
    Effect.catchIf((error) => error instanceof MultiRegionScanError, ({ partialResult: result }) =>
      Effect.succeed({ result, report: reportOf(result, { generatedAt: result.scanTimestamp, policySource }) }))
  )
  const wanted = new Set(isOwned(filters) ? report.violations.map(({ arn }) => arn) : [])
  const owners = new Map(result.resources.flatMap((resource) => wanted.has(resource.arn) ? [[resource.arn, ownerOf(resource)] as const] : []))
  return { report: { ...report, generatedAt: result.scanTimestamp, resources: [] }, owners }
})

/** Whose a resource is stands in its tags, which take room: they are asked for where somebody asks for owners. */
const isOwned = ({ owners }: DashboardPage.Filters): boolean => owners.length > 0

const ownerTag = "Owner"

/** As the breakdown by owner has it. */
const ownerOf = ({ service, tags }: Resource): string => {
  if (tags === null) return ""
  const folded = () => Object.keys(tags).find((one) => one.toLowerCase() === ownerTag.toLowerCase()) ?? ownerTag
  const value = Tags.get(tags, ownerTag) ?? (KeyCase.isIgnoredBy(service) ? Tags.get(tags, folded()) : undefined)
  return value !== undefined && /\S/u.test(value) ? value : ""
}

const requestOf = ({ accounts, regions, types }: DashboardPage.Filters) => ({
  ...accounts.length === 0 ? {} : { accounts },
  ...regions.length === 0 ? {} : { regions },
  ...types.length === 0 ? {} : { types }
})

/**
 * How the score of a scope went in 90 days, as the store has it now.
 *
 * @category getters
 * @since 0.1.0
 */
export const trendOf = Effect.fnUntraced(function*(filters: DashboardPage.Filters) {
  const compliance = yield* Compliance
  const { policy } = yield* PolicyInForce
  const asked = yield* compliance.history({ ...requestOf(filters), policy, days: 90 }).pipe(
    Effect.timeoutOption("2 seconds"),
    Effect.result
  )
  return asked._tag === "Failure"
    ? { _tag: "Unknown" as const, why: safe(asked.failure.message, 500) }
    : Option.match(asked.success, {
      onNone: () => ({ _tag: "Unknown" as const, why: "The history did not answer in time." }),
      onSome: (trend): NonNullable<PageView["trend"]> => ({ _tag: "Known", trend })
    })
})

const problemOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return safe(error instanceof Error ? error.message : String(error), 1000)
}

/** Whether it was asked for what does not exist: that is no matter of time. */
const isRequestError = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return typeof error === "object" && error !== null && "_tag" in error && requestErrors.has(String(error._tag))
}

const requestErrors: ReadonlySet<string> = new Set(["UnknownTypeError", "RegionFilterError", "AccountFilterError"])
