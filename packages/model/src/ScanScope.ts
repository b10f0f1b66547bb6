/**
 * What a scan looks at: accounts, Regions and types.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccountId } from "./AccountId.ts"
import { CellReason } from "./Cell.ts"
import { Discovery } from "./Discovery.ts"
import { Partition } from "./Partition.ts"
import { RegionId } from "./RegionId.ts"
import { Source } from "./Resource.ts"
import { ResourceType } from "./ResourceType.ts"
import { TagFilter } from "./TagFilter.ts"

/**
 * One account's part of a scope.
 *
 * - `name`: what the organisation, the account file or the profile calls it
 * - `problem`: why the account cannot be called at all; each of its cells ends for this reason
 *
 * @since 0.1.0
 */
export const AccountScope = Schema.Struct({
  accountId: AccountId,
  name: Schema.optionalKey(Schema.String),
  regions: Schema.Array(RegionId),
  skippedRegions: Schema.Array(RegionId),
  discovery: Discovery,
  problem: Schema.optionalKey(CellReason)
})
/** @since 0.1.0 */
export type AccountScope = typeof AccountScope.Type

/**
 * An account of the estate of which nobody can say even its id, such as that of
 * a profile whose session is over. It has no cells, and no scan is complete
 * without it.
 *
 * @since 0.1.0
 */
export const UnnamedAccount = Schema.Struct({ name: Schema.String, reason: CellReason })
/** @since 0.1.0 */
export type UnnamedAccount = typeof UnnamedAccount.Type

/**
 * What a scan was asked to look at, resolved: the accounts, Regions and types
 * themselves.
 *
 * - `partition`: the first account's
 * - `regions`: those that are looked at in any account
 * - `skippedRegions`: known, and looked at in none
 * - `discovery`: the accounts' least certain one
 * - `accounts`: by id; `accountIds` are theirs
 * - `sources`: what is asked besides the services' own APIs; absent for nothing else
 * - `tags`: the scan is about the resources with these tags only; absent for all
 *
 * @since 0.1.0
 */
export const ScanScope = Schema.Struct({
  partition: Partition,
  accountIds: Schema.Array(AccountId),
  regions: Schema.Array(RegionId),
  types: Schema.Array(ResourceType),
  skippedRegions: Schema.Array(RegionId),
  discovery: Discovery,
  accounts: Schema.Array(AccountScope),
  unnamedAccounts: Schema.Array(UnnamedAccount),
  sources: Schema.optionalKey(Schema.Array(Source)),
  tags: Schema.optionalKey(Schema.Array(TagFilter))
})
/** @since 0.1.0 */
export type ScanScope = typeof ScanScope.Type
