/**
 * The ways of asking AWS for an account's Regions, and whether one can be called.
 *
 * @since 0.1.0
 */
import { AccountClient, ListRegionsCommand } from "@aws-sdk/client-account"
import { DescribeInstancesCommand, DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws, type CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { AwsError, RegionId, type RegionStanding, Unexpected } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/** A Region and what AWS says of it. */
export interface KnownRegion {
  readonly id: RegionId
  readonly state: RegionStanding.RegionState
}

type Asking<A> = Effect.Effect<A, AwsError, Aws.Aws | CurrentAccount>

/**
 * `ec2:DescribeRegions`, asked in one Region. It does not tell a Region that is
 * off from one that is being switched on or off.
 *
 * Property 1: enabled are exactly those whose opt-in status is
 * `opt-in-not-required` or `opted-in`.
 */
export const describeRegions = (region: RegionId): Asking<ReadonlyArray<KnownRegion>> =>
  Aws.send(EC2Client, new DescribeRegionsCommand({ AllRegions: true })).pipe(
    Effect.flatMap(({ Regions = [] }) =>
      knownRegions(
        "ec2:DescribeRegions",
        region,
        Regions.map(({ OptInStatus, RegionName }) => ({
          id: RegionName,
          state: OptInStatus === "opt-in-not-required" || OptInStatus === "opted-in" ? "enabled" : "not-opted-in"
        }))
      )
    ),
    Effect.provideService(CurrentRegion, region)
  )

const states: Readonly<Record<string, RegionStanding.RegionState>> = {
  ENABLED: "enabled",
  ENABLED_BY_DEFAULT: "enabled",
  ENABLING: "enabling",
  DISABLING: "disabling"
}

/** `account:ListRegions`, which one endpoint of the partition answers for all Regions. */
export const listRegions = (region: RegionId): Asking<ReadonlyArray<KnownRegion>> =>
  Stream.runCollect(Aws.list(AccountClient, ListRegionsCommand, { MaxResults: 50 }, (page) => page.Regions)).pipe(
    Effect.flatMap((pages) =>
      knownRegions(
        "account:ListRegions",
        region,
        pages.flat().map(({ RegionName, RegionOptStatus = "" }) => ({
          id: RegionName,
          state: (Object.hasOwn(states, RegionOptStatus) && states[RegionOptStatus]) || "not-opted-in"
        }))
      )
    ),
    Effect.provideService(CurrentRegion, region)
  )

/**
 * Calls a Region for what every scan calls it for, and takes the smallest page.
 * `ec2:DescribeRegions` would not do: policies that close Regions often leave
 * it open.
 */
export const callRegion = (region: RegionId): Asking<void> =>
  Aws.send(EC2Client, new DescribeInstancesCommand({ MaxResults: 5 })).pipe(
    Effect.asVoid,
    Effect.provideService(CurrentRegion, region),
    // Whoever could list the Regions has credentials that work.
    Effect.mapError(Aws.asRegionDisabled)
  )

const isRegionId = Schema.is(RegionId)

/** Each Region once, by code. An answer without a single enabled Region is no answer. */
const knownRegions = (
  operation: string,
  region: RegionId,
  regions: ReadonlyArray<{ readonly id: string | undefined; readonly state: RegionStanding.RegionState }>
): Effect.Effect<ReadonlyArray<KnownRegion>, AwsError> => {
  const known = new Map<string, KnownRegion>()
  for (const { id, state } of regions) if (isRegionId(id)) known.set(id, { id, state })
  return regions.some(({ id, state }) => state === "enabled" && isRegionId(id))
    ? Effect.succeed([...known.values()].toSorted((a, b) => a.id < b.id ? -1 : 1))
    : Effect.fail(
      new AwsError({
        operation,
        region,
        reason: new Unexpected({ message: "the answer names no enabled Region", code: "MalformedAnswer", status: 200 })
      })
    )
}
