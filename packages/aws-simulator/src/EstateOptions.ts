/**
 * What an estate is made of.
 *
 * @since 0.1.0
 */
import type * as CellSizes from "./CellSizes.ts"
import type { CostOptions } from "./Ledger.ts"
import type { ExplorerOptions } from "./Explorer.ts"
import type { OrganizationOptions } from "./Organization.ts"
import type { Partition, Region, RegionState } from "./Region.ts"
import type { RoleOptions } from "./Role.ts"
import type { TagProfile } from "./TagProfile.ts"

/**
 * What an estate is made of.
 *
 * @since 0.1.0
 */
export interface EstateOptions {
  /** The same seed gives the same estate (default 1). */
  readonly seed?: number
  /** Account ids of 12 digits (default one: `"111122223333"`). */
  readonly accounts?: ReadonlyArray<string>
  /** The account that may ask about the others (default the first). */
  readonly management?: string
  /** Regions, by name (then enabled) or with their state (default all of the accounts' partitions). */
  readonly regions?: ReadonlyArray<string | Region>
  /** The partition of accounts, by id (default that of the Regions, where these are of one; else `"aws"`). */
  readonly partitions?: Readonly<Record<string, Partition>>
  /** What accounts have chosen for Regions to opt in to: by account id, then by Region (default as `regions`). */
  readonly regionStates?: Readonly<Record<string, Readonly<Record<string, RegionState>>>>
  /**
   * How many resources of the types that `counts` does not name, spread over
   * accounts, Regions and types as in a real estate (default 1,000, or none
   * when `counts` is given).
   */
  readonly resources?: number
  readonly counts?: CellSizes.Counts
  /** The types that `resources` are spread over: those that most estates have, all, or these (default `"core"`). */
  readonly types?: CellSizes.SpreadTypes
  readonly tags?: Partial<TagProfile>
  /** Deleted resources that the tagging API goes on listing, relative to the living (default 0.02). */
  readonly ghosts?: number
  /** Seconds until the tagging API has what was tagged or made (default 0). */
  readonly taggingLag?: number
  /** Resources of each of some types that no service of the simulator lists, in each Region of each account (default 0). */
  readonly others?: number
  /** VPCs, subnets and transit gateways of another account that each place lists besides its own (default 0). */
  readonly shared?: number
  /** How Resource Explorer is set up in all accounts (default not at all). */
  readonly explorer?: ExplorerOptions
  /** How accounts have set up what is told of their costs. */
  readonly costs?: CostOptions
  /** The organization that the accounts are in (default one drawn from the seed), or that there is none. */
  readonly organization?: OrganizationOptions | "none"
  /** The roles that may be assumed in accounts, by id; accounts that are not named have whatever role is asked for. */
  readonly roles?: Readonly<Record<string, ReadonlyArray<RoleOptions>>>
}
