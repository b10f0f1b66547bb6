/**
 * What a scan will cost: calls, time and money, before any call is made.
 *
 * @since 0.1.0
 */
import { rateLimitShare } from "@cadastre/client-factory"
import { type Cell, cellKey, Partition, priceOf, rateLimitOf, ResourceType, Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { type CallsOfCell, callsOf } from "./CellCalls.ts"
import { concurrency } from "./Concurrency.ts"
import { Journal } from "./Journal.ts"
import { iamPrefixOf, type ScanPlan } from "./ScanPlan.ts"
import { ScannerRegistry } from "./ScannerRegistry.ts"

/**
 * What the last scan of a cell found and how many calls it took, as
 * `Journal.lastCounts` tells it.
 *
 * @category models
 * @since 0.1.0
 */
export interface LastCount {
  readonly resources: number
  readonly calls: number
}

/**
 * How a scan works, as far as its time depends on it.
 *
 * - `share`: of AWS's rate limits, 0 to 1
 * - `accounts`, `regions`, `services`, `describes`, `calls`: how many are worked on at once
 * - `latencyMs`: from a call to its answer, milliseconds. Assumed: nobody knows before
 *
 * @category models
 * @since 0.1.0
 */
export interface EstimateSettings {
  readonly share: number
  readonly accounts: number
  readonly regions: number
  readonly services: number
  readonly describes: number
  readonly calls: number
  readonly latencyMs: number
}

/**
 * How long a call is taken to last, milliseconds: a guess between the next
 * Region's short answer and a large page from across an ocean.
 *
 * @category configuration
 * @since 0.1.0
 */
export const assumedLatencyMs = 150

/**
 * The settings that a scan in this environment would have: `RATE_LIMIT_SHARE`,
 * `MAX_CONCURRENT_ACCOUNTS`, `_REGIONS`, `_SERVICES`, `_DESCRIBES` and `_CALLS`.
 *
 * @category configuration
 * @since 0.1.0
 */
export const settings: Config.Config<EstimateSettings> = Config.all({
  share: rateLimitShare,
  concurrency,
  calls: Setting.number("MAX_CONCURRENT_CALLS", 256, { minimum: 1, maximum: 1024 }),
  latencyMs: Config.succeed(assumedLatencyMs)
}).pipe(Config.map(({ concurrency, ...settings }) => ({ ...settings, ...concurrency })))

/**
 * What a scan is expected to cost.
 *
 * - `cells`, and how many of them were `counted` by an earlier scan; the others are taken for one page
 * - `calls`, and of which service and operation; operations by the name that IAM has for them
 * - `seconds`: from the first call to the last answer, with `boundBy` what decides it: AWS's rate limits, or the
 *   time that answers take
 * - `usd`: list price of the calls that AWS charges for, US dollars
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanEstimate {
  readonly cells: number
  readonly counted: number
  readonly calls: number
  readonly byAction: ReadonlyArray<{ readonly action: string; readonly calls: number; readonly usd: number }>
  readonly seconds: number
  readonly boundBy: "rate limits" | "latency"
  readonly usd: number
}

/**
 * Estimates a scan of `cells`. Pure: it makes no call.
 *
 * A cell that an earlier scan has counted takes the calls that it took then:
 * exactly as many, if nothing has changed meanwhile and nothing had to be
 * repeated. Any other cell is taken for one page: one call of each of its
 * actions. Most cells of a wide scan are empty and take one call in all, so a
 * first estimate is rather too high than too low, until a type has more than a page.
 *
 * The time is that of the slowest: a token bucket from which more is wanted than it
 * gives at once, or the calls that have to wait for each other or for a free place.
 * Cells of types without a Region are called in the home Region of the account's
 * partition. S3 reads tags where each bucket is; that is counted, but all at home.
 *
 * Cells of types that `entries` does not have are left out.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  cells: ReadonlyArray<Cell>,
  entries: ReadonlyArray<ResourceType.ResourceTypeInfo>,
  options: {
    readonly settings: EstimateSettings
    /** By `cellKey`. */
    readonly lastCounts?: ReadonlyMap<string, LastCount>
    /** Of accounts that have no cell in a Region; `aws` by default. */
    readonly partition?: Partition.Partition
  }
): ScanEstimate => {
  const { lastCounts = new Map<string, LastCount>(), settings } = options
  const known = new Map(entries.map((entry) => [entry.type, entry]))
  const homes = new Map<string, string>()
  for (const { accountId, region } of cells) {
    if (region !== "global" && !homes.has(accountId)) {
      homes.set(accountId, Partition.homeRegion(Partition.ofRegion(region)))
    }
  }
  const actions = new Map<string, { calls: number; usd: number }>()
  const buckets = new Map<string, Bucket>()
  const places = new Map<string, Map<string, PlaceWork>>()
  let counted = 0
  let planned = 0
  let calls = 0

  for (const cell of cells) {
    const entry = known.get(cell.type)
    if (entry === undefined) continue
    planned++
    const last = lastCounts.get(cellKey(cell))
    if (last !== undefined) counted++
    const work = callsOf(entry, last)
    const service = ResourceType.serviceOf(cell.type)
    const account = places.get(cell.accountId) ?? new Map<string, PlaceWork>()
    places.set(cell.accountId, account)
    const place = account.get(cell.region) ?? { services: new Map<string, number>(), buckets: new Set<Bucket>() }
    account.set(cell.region, place)
    for (const step of work) {
      calls += step.calls
      const action = actions.get(step.action) ?? { calls: 0, usd: 0 }
      actions.set(step.action, action)
      action.calls += step.calls
      action.usd += step.calls * priceOf(step.service, step.operation)
      const region = cell.region === "global"
        ? homes.get(cell.accountId) ?? Partition.homeRegion(options.partition ?? "aws")
        : cell.region
      place.buckets.add(draw(buckets, cell.accountId, region, step, settings))
    }
    const chain = chainOf(work, settings) * settings.latencyMs / 1000
    place.services.set(service, Math.max(place.services.get(service) ?? 0, chain))
  }

  const secondsWith = (wait: (bucket: Bucket) => number) => {
    const waits = Math.max(0, ...[...buckets.values()].map(wait))
    return Math.max(
      // The last call has its token, and then its answer.
      waits > 0 ? waits + settings.latencyMs / 1000 : 0,
      makespan([...places.values()].map((account) => secondsOfAccount(account, wait, settings)), settings.accounts),
      calls * settings.latencyMs / 1000 / settings.calls
    )
  }
  const seconds = secondsWith(drained)
  const byAction = [...actions].map(([action, { calls, usd }]) => ({ action, calls, usd }))
    .toSorted((a, b) => b.calls - a.calls || (a.action < b.action ? -1 : 1))
  return {
    cells: planned,
    counted,
    calls,
    byAction,
    seconds,
    boundBy: seconds > secondsWith(() => 0) ? "rate limits" : "latency",
    usd: byAction.reduce((sum, { usd }) => sum + usd, 0)
  }
}

/**
 * Estimates a plan as it would be carried out now: by the last counts of the
 * journal, under the settings of this environment. Cells that no call will be
 * made for are left out: of services that the Region does not have, of accounts
 * that cannot be entered. What an incremental or resumed scan will not have to
 * look at again is not known before, and so is counted in.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofPlan = Effect.fn("ScanEstimate.ofPlan")(function*(plan: ScanPlan) {
  const journal = yield* Journal
  const registry = yield* ScannerRegistry
  const sweeps = new Map(plan.sweeps.map(({ entry }) => [entry.type, entry]))
  const entries = [...yield* registry.entries, ...sweeps.values()]
  const known = new Map(entries.map((entry) => [entry.type, entry]))
  const unreachable = new Set(
    plan.regions.filter(({ access }) => access._tag === "Unreachable").map(({ accountId }) => accountId)
  )
  const cells = plan.cells.filter(({ accountId, region, type }) => {
    const entry = known.get(type)
    return entry !== undefined && !unreachable.has(accountId) && plan.absent(iamPrefixOf(entry), region) === undefined
  })
  return of(cells, entries, {
    settings: yield* settings,
    lastCounts: yield* journal.lastCounts(plan.key.estate, cells),
    partition: plan.scope.partition
  })
})

/** What is done in one Region of one account: how long each service takes to answer, seconds, and its buckets. */
interface PlaceWork {
  readonly services: Map<string, number>
  readonly buckets: Set<Bucket>
}

/** A token bucket of AWS, and how much is wanted of it. */
interface Bucket {
  readonly capacity: number
  readonly perSecond: number
  calls: number
}

/** The bucket as the pacer fills it: our share, and never less than one call at once. */
const draw = (
  buckets: Map<string, Bucket>,
  accountId: string,
  region: string,
  { calls, operation, service }: CallsOfCell,
  { share }: EstimateSettings
): Bucket => {
  const limit = rateLimitOf(service, operation)
  const key = `${accountId}/${limit.scope === "account" ? "global" : region}/${service}/${limit.bucket}`
  const bucket = buckets.get(key) ??
    { capacity: Math.max(1, limit.capacity * share), perSecond: limit.refillPerSecond * share, calls: 0 }
  buckets.set(key, bucket)
  bucket.calls += calls
  return bucket
}

/** When the bucket has given the last token that is wanted, seconds. */
const drained = ({ calls, capacity, perSecond }: Bucket): number => Math.max(0, calls - capacity) / perSecond

/**
 * Calls of one cell that wait for each other: the pages, then the last page's
 * details, then its tags.
 */
const chainOf = (work: ReadonlyArray<CallsOfCell>, { describes }: EstimateSettings): number =>
  work.reduce((sum, { atOnce, calls }) => sum + Math.ceil(calls / Math.min(atOnce, describes)), 0)

const secondsOfAccount = (
  places: ReadonlyMap<string, PlaceWork>,
  wait: (bucket: Bucket) => number,
  { regions, services }: EstimateSettings
): number => {
  const seconds = [...places].map(([, place]) =>
    Math.max(makespan([...place.services.values()], services), ...[...place.buckets].map(wait))
  )
  // The global types of an account have a place of their own beside its Regions.
  return makespan(seconds, regions + (places.has("global") ? 1 : 0))
}

/** How long `atOnce` workers take at least: for all the work together, and for its largest piece. */
const makespan = (pieces: ReadonlyArray<number>, atOnce: number): number =>
  Math.max(0, ...pieces, pieces.reduce((sum, piece) => sum + piece, 0) / atOnce)
