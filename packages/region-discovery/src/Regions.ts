/**
 * Which Regions an account has enabled.
 *
 * @since 0.1.0
 */
import { type Account, Aws, CurrentAccount, Deadline, defaultRegion } from "@cadastre/client-factory"
import { AwsError, type Discovery, Partition, type RegionId, RegionStanding, Setting, TimedOut } from "@cadastre/model"
import * as Cache from "effect/Cache"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as RegionQuery from "./RegionQuery.ts"

/**
 * The Regions of one account, by code, and how the list was come by.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegionList {
  readonly regions: ReadonlyArray<{ readonly id: RegionId; readonly state: RegionStanding.RegionState }>
  readonly discovery: Discovery
}

/**
 * What {@link RegionList} holds, seen from close up. `warnings` say what could
 * not be found out as usual.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegionInspection {
  readonly regions: ReadonlyArray<InspectedRegion>
  readonly discovery: Discovery
  readonly warnings: ReadonlyArray<string>
}

/**
 * A Region seen from close up. `reason` says why a call failed, where one was
 * made and did.
 *
 * @category models
 * @since 0.1.0
 */
export interface InspectedRegion {
  readonly id: RegionId
  readonly state: RegionStanding.RegionState
  readonly standing: RegionStanding.RegionStanding
  readonly reason?: string
}

/**
 * @category services
 * @since 0.1.0
 */
export class Regions extends Context.Service<Regions, {
  /** The Region for calls that have none of their own. */
  readonly home: RegionId
  /** The same for an account of any partition: {@link home} where that is in it, else the partition's own. */
  readonly homeOf: (partition: Partition.Partition) => RegionId
  /**
   * The Regions of an account, from AWS or from the cache. However many ask at
   * the same time, AWS is asked once.
   *
   * Fails only when the credentials are invalid or expired: everything else
   * falls back, with a warning and a label in the answer, in this order:
   * `account:ListRegions`, `ec2:DescribeRegions` in other Regions that every
   * account has, an older answer, the default Region alone. Where AWS does not
   * answer at all, an older answer comes first.
   *
   * Each step ends within 10 s, the whole within 30 s.
   */
  readonly discover: (account: Account) => Effect.Effect<RegionList, AwsError>
  /**
   * The Regions of an account more closely than a scan needs them: which are
   * being switched on or off (`account:ListRegions`, where that may be asked),
   * and with `probe` whether the enabled ones can be called (one
   * `ec2:DescribeInstances` in each, 16 at once, 10 s at most).
   *
   * Fails as {@link discover} does.
   */
  readonly inspect: (
    account: Account,
    options?: { readonly probe?: boolean }
  ) => Effect.Effect<RegionInspection, AwsError>
  /** Forgets what is known of an account. */
  readonly invalidate: (account: Account) => Effect.Effect<void>
}>()("@cadastre/region-discovery/Regions") {
  /** Reads `REGION_CACHE_TTL_SECONDS`: 3600 by default, at least 60. */
  static readonly layerNoDeps = Layer.effect(
    Regions,
    Effect.gen(function*() {
      const aws = yield* Aws.Aws
      const home = yield* defaultRegion
      const ttlMs = 1000 * (yield* cacheTtlSeconds)
      const older = new Map<string, RegionList>()

      const homeOf = (partition: Partition.Partition) =>
        Partition.ofRegion(home) === partition ? home : Partition.homeRegion(partition)

      const asAccount = (account: Account) => <A>(effect: Effect.Effect<A, AwsError, Aws.Aws | CurrentAccount>) =>
        effect.pipe(Effect.provideService(CurrentAccount, account), Effect.provideService(Aws.Aws, aws))

      const ask = Effect.fnUntraced(function*(
        account: Account
      ): Effect.fn.Return<RegionList, AwsError, Aws.Aws | CurrentAccount> {
        const here = homeOf(account.partition)
        const everywhere = Partition.defaultRegions(account.partition)
        const chainEnd = (yield* Clock.currentTimeMillis) + chainMs
        const usual = limited(RegionQuery.describeRegions(here), describeOperation, here, chainEnd)
        const first = yield* Effect.result(usual)
        if (first._tag === "Success") return { regions: first.success, discovery: fromAws }
        // A Region that is off refuses good credentials, too; one that every account has is never off.
        if (isCredentialsError(first.failure) && everywhere.includes(here)) return yield* first.failure

        const failures = [first.failure]
        const known = older.get(keyOf(account))
        const fromOlder = () => fallback("cache", known?.discovery.exhaustive ?? false, failures)
        if (known !== undefined && first.failure.reason._tag === "TimedOut") {
          return { regions: known.regions, discovery: fromOlder() }
        }
        const global = Partition.homeRegion(account.partition)
        const steps = [
          [listOperation, global, RegionQuery.listRegions(global), listOperation] as const,
          ...everywhere.filter((region) => region !== here).map((region) =>
            [describeOperation, region, RegionQuery.describeRegions(region), elsewhere] as const
          )
        ]
        for (const [operation, region, query, source] of steps) {
          const answer = yield* Effect.result(limited(query, operation, region, chainEnd))
          if (answer._tag === "Success") {
            return { regions: answer.success, discovery: fallback(source, true, failures) }
          }
          // Credentials that are refused a permission are known.
          const areKnown = failures.some(({ reason }) => reason._tag === "AccessDenied")
          if (isCredentialsError(answer.failure) && !areKnown) return yield* answer.failure
          failures.push(answer.failure)
        }
        return known === undefined
          ? { regions: [{ id: here, state: "enabled" }], discovery: fallback("default Region", false, failures) }
          : { regions: known.regions, discovery: fromOlder() }
      })

      const cache = yield* Cache.makeWith(
        Effect.fnUntraced(function*({ account }: CacheKey) {
          const list = yield* asAccount(account)(ask(account))
          const { discovery } = list
          if (isFresh(list)) older.set(keyOf(account), list)
          if (discovery.status === "fallback") {
            yield* Effect.logWarning(`Account ${account.id}: ${warningOf(list)}`)
          }
          return list
        }),
        {
          capacity: Number.POSITIVE_INFINITY,
          // What AWS itself said is worth keeping; a guess is not.
          timeToLive: (exit) => Exit.isSuccess(exit) && isFresh(exit.value) ? ttlMs : 0
        }
      )

      const discover = Effect.fn("Regions.discover")(function*(account: Account) {
        return yield* Cache.get(cache, new CacheKey(account))
      })

      const probe = Effect.fnUntraced(function*(region: InspectedRegion) {
        if (region.state !== "enabled") return region
        const end = (yield* Clock.currentTimeMillis) + stepMs
        const called = yield* Effect.result(limited(RegionQuery.callRegion(region.id), callOperation, region.id, end))
        if (called._tag === "Success") return region
        const { message, reason } = called.failure
        return { ...region, standing: RegionStanding.ofReason(reason) ?? region.state, reason: oneLine(message) }
      })

      const inspect = Effect.fn("Regions.inspect")(function*(account: Account, options?: { readonly probe?: boolean }) {
        const { discovery, regions } = yield* discover(account)
        const warnings = discovery.status === "fallback" ? [warningOf({ discovery, regions })] : []
        const changing = new Map<RegionId, RegionStanding.RegionState>()
        if (discovery.source !== listOperation && regions.some(({ state }) => state !== "enabled")) {
          const global = Partition.homeRegion(account.partition)
          const end = (yield* Clock.currentTimeMillis) + stepMs
          const listed = yield* Effect.result(
            asAccount(account)(limited(RegionQuery.listRegions(global), listOperation, global, end))
          )
          if (listed._tag === "Failure") {
            const why = oneLine(listed.failure.message)
            warnings.push(`Regions that are being enabled or disabled are shown as off: ${why}`)
          } else {
            for (const { id, state } of listed.success) {
              if (state === "enabling" || state === "disabling") changing.set(id, state)
            }
          }
        }
        const known = regions.map(({ id, state }): InspectedRegion => {
          const now = changing.get(id) ?? state
          return { id, state: now, standing: now }
        })
        const inspected = options?.probe === true
          ? yield* asAccount(account)(Effect.forEach(known, probe, { concurrency: 16 }))
          : known
        return { regions: inspected, discovery, warnings }
      })

      return Regions.of({
        home,
        homeOf,
        discover,
        inspect,
        invalidate: (account) =>
          Effect.andThen(
            Effect.sync(() => void older.delete(keyOf(account))),
            Cache.invalidate(cache, new CacheKey(account))
          )
      })
    })
  )
}

/**
 * How long a list of Regions is good for, seconds: `REGION_CACHE_TTL_SECONDS`.
 *
 * @category configuration
 * @since 0.1.0
 */
export const cacheTtlSeconds = Setting.number("REGION_CACHE_TTL_SECONDS", 3600, {
  minimum: 60,
  maximum: Number.MAX_SAFE_INTEGER
})

/** Of an account and its partition; the credentials with which it is asked are not part of the key. */
class CacheKey implements Equal.Equal {
  readonly account: Account
  constructor(account: Account) {
    this.account = account
  }
  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof CacheKey && keyOf(that.account) === keyOf(this.account)
  }
  [Hash.symbol](): number {
    return Hash.string(keyOf(this.account))
  }
}

const keyOf = ({ id, partition }: Account): string => `${partition}/${id}`

const stepMs = 10_000
const chainMs = 30_000

const describeOperation = "ec2:DescribeRegions"
const listOperation = "account:ListRegions"
const elsewhere = "ec2:DescribeRegions in another Region"
const callOperation = "ec2:DescribeInstances"

/** Ends a step in time, whatever it waits for: an answer, its turn, credentials. */
const limited = <A>(
  query: Effect.Effect<A, AwsError, Aws.Aws | CurrentAccount>,
  operation: string,
  region: RegionId,
  end: number
): Effect.Effect<A, AwsError, Aws.Aws | CurrentAccount> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const until = Math.min(now + stepMs, end)
    return query.pipe(
      Effect.provideService(Deadline, until),
      Effect.timeoutOrElse({
        duration: Math.max(0, until - now),
        orElse: () =>
          Effect.fail(new AwsError({ operation, region, reason: new TimedOut({ message: "it took too long" }) }))
      })
    )
  })

const fromAws: Discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true }

/** The reason is the first failure's; what else was tried is named after it. */
const fallback = (source: Discovery["source"], exhaustive: boolean, failures: ReadonlyArray<AwsError>): Discovery => {
  const [first, ...rest] = failures
  const tried = rest.map(({ operation, reason, region }) => `${operation} in ${region}: ${reason._tag}`)
  const reason = `${oneLine(first?.message ?? "")}${tried.length === 0 ? "" : ` (also tried: ${tried.join(", ")})`}`
  return { status: "fallback", source, exhaustive, reason }
}

const oneLine = (text: string): string => text.replace(/\s+/gu, " ")

const warningOf = ({ discovery, regions }: RegionList): string =>
  `The list of Regions comes from ${discovery.source}` +
  `${discovery.exhaustive ? "" : `, and there may be more than ${regions.map(({ id }) => id).join(", ")}`}: ` +
  `${discovery.reason}`

const isFresh = ({ discovery }: RegionList): boolean => discovery.exhaustive && discovery.source !== "cache"

const isCredentialsError = ({ reason }: AwsError): boolean =>
  reason._tag === "InvalidCredentials" || reason._tag === "ExpiredToken"
