/**
 * Which Regions an account has enabled.
 *
 * @since 0.1.0
 */
import { AccountClient, ListRegionsCommand } from "@aws-sdk/client-account"
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { type Account, Aws, CurrentAccount, CurrentRegion, defaultRegion } from "@cadastre/client-factory"
import { AwsError, type Discovery, Partition, RegionId, Setting, Unexpected } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/**
 * A Region's standing in an account.
 *
 * @category models
 * @since 0.1.0
 */
export type RegionState = "enabled" | "enabling" | "disabling" | "not-opted-in"

/**
 * The Regions of one account, by code, and how the list was come by.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegionList {
  readonly regions: ReadonlyArray<{ readonly id: RegionId; readonly state: RegionState }>
  readonly discovery: Discovery
}

/**
 * @category services
 * @since 0.1.0
 */
export class Regions extends Context.Service<Regions, {
  /** The Region for calls that have none of their own. */
  readonly home: RegionId
  /**
   * The Regions of an account, from AWS or from the cache.
   *
   * Fails only when the credentials are invalid or expired: everything else
   * falls back, with a warning and a label in the answer, in this order:
   * `account:ListRegions`, `ec2:DescribeRegions` in other default Regions, an
   * older answer, the default Region alone.
   */
  readonly discover: (account: Account) => Effect.Effect<RegionList, AwsError>
  /** Forgets the cached answer for an account. */
  readonly invalidate: (account: Account) => Effect.Effect<void>
}>()("@cadastre/region-discovery/Regions") {
  /** Reads `REGION_CACHE_TTL_SECONDS`: 3600 by default, at least 60. */
  static readonly layerNoDeps = Layer.effect(
    Regions,
    Effect.gen(function*() {
      const aws = yield* Aws.Aws
      const home = yield* defaultRegion
      const ttlMs = 1000 * (yield* cacheTtlSeconds)
      const cache = new Map<string, { readonly list: RegionList; readonly at: number }>()
      const keyOf = (account: Account) => `${account.partition}/${account.id}`

      const ask = Effect.fnUntraced(function*(
        account: Account
      ): Effect.fn.Return<RegionList, AwsError, Aws.Aws | CurrentAccount | CurrentRegion> {
        const first = yield* Effect.result(describeRegions(home))
        if (first._tag === "Success") return { regions: first.success, discovery: fromAws }
        if (isCredentialsError(first.failure)) return yield* first.failure
        const reason = first.failure.message
        yield* Effect.logWarning(`Regions could not be listed as usual (${reason}); trying other ways`)

        const listed = yield* Effect.option(listRegions)
        if (listed._tag === "Some") {
          return { regions: listed.value, discovery: fallback("account:ListRegions", true, reason) }
        }
        for (const region of elsewhere(account.partition, home)) {
          const described = yield* Effect.option(describeRegions(region))
          if (described._tag === "Some") {
            return {
              regions: described.value,
              discovery: fallback("ec2:DescribeRegions in another Region", true, reason)
            }
          }
        }
        const old = cache.get(keyOf(account))
        if (old !== undefined) {
          return { regions: old.list.regions, discovery: fallback("cache", old.list.discovery.exhaustive, reason) }
        }
        yield* Effect.logWarning(`No way to list the Regions worked: only ${home} will be scanned`)
        return { regions: [{ id: home, state: "enabled" }], discovery: fallback("default Region", false, reason) }
      }, (effect, account) =>
        effect.pipe(
          Effect.provideService(CurrentAccount, account),
          Effect.provideService(CurrentRegion, home),
          Effect.provideService(Aws.Aws, aws)
        ))

      const discover = Effect.fn("Regions.discover")(function*(account: Account) {
        const now = yield* Clock.currentTimeMillis
        const known = cache.get(keyOf(account))
        if (known !== undefined && now - known.at < ttlMs) return known.list
        const list = yield* ask(account)
        // What AWS itself said is worth keeping; a guess is not.
        if (list.discovery.exhaustive && list.discovery.source !== "cache") cache.set(keyOf(account), { list, at: now })
        return list
      })

      return Regions.of({
        home,
        discover,
        invalidate: (account) => Effect.sync(() => void cache.delete(keyOf(account)))
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

const fromAws: Discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true }

const fallback = (source: Discovery["source"], exhaustive: boolean, reason: string): Discovery => ({
  status: "fallback",
  source,
  exhaustive,
  reason
})

const isCredentialsError = ({ reason }: AwsError): boolean =>
  reason._tag === "InvalidCredentials" || reason._tag === "ExpiredToken"

const isRegionId = Schema.is(RegionId)

/** Property 1: enabled are exactly those whose opt-in status is `opt-in-not-required` or `opted-in`. */
const describeRegions = (region: RegionId) =>
  Aws.send(EC2Client, new DescribeRegionsCommand({ AllRegions: true })).pipe(
    Effect.provideService(CurrentRegion, region),
    Effect.flatMap(({ Regions = [] }) =>
      knownRegions(
        "ec2:DescribeRegions",
        region,
        Regions.map(({ OptInStatus, RegionName }) => ({
          id: RegionName,
          state: OptInStatus === "opt-in-not-required" || OptInStatus === "opted-in" ? "enabled" : "not-opted-in"
        }))
      )
    )
  )

const listRegionsStates: Readonly<Record<string, RegionState>> = {
  ENABLED: "enabled",
  ENABLED_BY_DEFAULT: "enabled",
  ENABLING: "enabling",
  DISABLING: "disabling"
}

const listRegions = Effect.gen(function*() {
  const region = yield* CurrentRegion
  const pages = yield* Stream.runCollect(
    Aws.list(AccountClient, ListRegionsCommand, { MaxResults: 50 }, (page) => page.Regions)
  )
  return yield* knownRegions(
    "account:ListRegions",
    region,
    pages.flat().map(({ RegionName, RegionOptStatus = "" }) => ({
      id: RegionName,
      state: (Object.hasOwn(listRegionsStates, RegionOptStatus) && listRegionsStates[RegionOptStatus]) || "not-opted-in"
    }))
  )
})

/** An answer without a single enabled Region is no answer. */
const knownRegions = (
  operation: string,
  region: RegionId,
  regions: ReadonlyArray<{ readonly id: string | undefined; readonly state: RegionState }>
): Effect.Effect<RegionList["regions"], AwsError> => {
  const known = regions.flatMap(({ id, state }) => isRegionId(id) ? [{ id, state }] : [])
  return known.some(({ state }) => state === "enabled")
    ? Effect.succeed(known.toSorted((a, b) => a.id < b.id ? -1 : 1))
    : Effect.fail(
      new AwsError({
        operation,
        region,
        reason: new Unexpected({ message: "the answer names no enabled Region", code: "MalformedAnswer", status: 200 })
      })
    )
}

/** Regions that every account of the partition has, other than the one already asked. */
const elsewhere = (partition: Partition.Partition, asked: RegionId): ReadonlyArray<RegionId> => {
  const others = partition === "aws" ? ["us-east-1", "us-west-2", "eu-west-1"] : [Partition.homeRegion(partition)]
  return others.filter((region) => region !== asked).map((region) => RegionId.make(region))
}
