/**
 * What was spent, as a source tells it.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import type { ChargeKind } from "./ChargeKind.ts"
import type { CostPeriod } from "./CostPeriod.ts"
import type { Money } from "./Money.ts"

/**
 * Where amounts come from, best first.
 *
 * - `focus`, `cur`: the bill itself, line by line
 * - `cost-explorer-resources`: Cost Explorer, for single resources of the services that it knows them of
 * - `cost-explorer-services`: Cost Explorer, by service and Region
 *
 * @category models
 * @since 0.1.0
 */
export type SourceName = "focus" | "cur" | "cost-explorer-resources" | "cost-explorer-services"

/**
 * One sum of a bill.
 *
 * - `region`: `"global"` where the bill names none
 * - `service`: as the source names it
 * - `resourceId`: an ARN or a service's own id, where the bill names one
 * - `amount`: without credits and refunds; those are lines of their own
 * - `currency`: `USD`, `CNY`, …: sums of different ones are never added
 * - `keys`: which of the tag keys asked for the bill shows on it, as a bit for each in their order; `undefined` where
 *   the source does not tell
 *
 * @category models
 * @since 0.1.0
 */
export interface SpendLine {
  readonly accountId: string
  readonly region: string
  readonly service: string
  readonly resourceId?: string
  readonly kind: ChargeKind
  readonly amount: Money
  readonly currency: string
  readonly keys?: number
}

/**
 * Whether the bill shows a tag key.
 *
 * - `active`: it is activated as a cost allocation tag; shown from `since` on (the whole period where it is absent)
 * - `inactive`: it is not, and costs cannot be told by it
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyStanding {
  readonly status: "active" | "inactive"
  readonly since?: string
}

/**
 * Why a source, or an account of it, could not be used.
 *
 * @category models
 * @since 0.1.0
 */
export interface NotUsed {
  readonly source: SourceName | "none"
  readonly accountId?: string
  readonly reason: string
}

/**
 * Calls that were paid for, and what they cost at list price, in US dollars.
 *
 * @category models
 * @since 0.1.0
 */
export interface Paid {
  readonly calls: number
  readonly usd: number
}

/**
 * What the bill itself shows under the values of one tag key, by service.
 *
 * - `value`: `null` for spend that the bill shows without the tag
 *
 * @category models
 * @since 0.1.0
 */
export interface TagSpend {
  readonly tagKey: string
  readonly lines: ReadonlyArray<{
    readonly accountId: string
    readonly service: string
    readonly value: string | null
    readonly amount: Money
    readonly currency: string
  }>
}

/**
 * What accounts spent in a period.
 *
 * - `covered`: the days that the source has lines of, where those may be fewer than were asked for
 * - `shares`: whether lines that name no resource may be shared out over a service's resources, as estimates
 * - `keyStandings`: by tag key, where the source was told
 * - `byTag`: where it was asked for, and is known of all accounts that are known
 * - `unknownAccounts`: accounts that were asked for and whose cost is not known: nothing here speaks of them
 * - `notUsed`: better sources that were tried, and why they were not used
 * - `paid`: what asking cost
 *
 * @category models
 * @since 0.1.0
 */
export interface Spend {
  readonly source: SourceName
  readonly period: CostPeriod
  readonly covered?: CostPeriod
  readonly shares: boolean
  readonly lines: ReadonlyArray<SpendLine>
  readonly tagKeys: ReadonlyArray<string>
  readonly keyStandings: ReadonlyMap<string, KeyStanding>
  readonly byTag?: TagSpend
  readonly unknownAccounts: ReadonlyArray<NotUsed>
  readonly notUsed: ReadonlyArray<NotUsed>
  readonly notes: ReadonlyArray<string>
  readonly paid: Paid
}

/**
 * - `accounts`: whose cost; Cost Explorer is asked with each one's own credentials
 * - `tagKeys`: which keys' standing in the bill is wanted, at most 30
 * - `byTag`: a key by whose values the bill is wanted as well, and of which Regions (all by default). Cost Explorer is
 *   paid for one question more an account; sources that name resources have no need of it, and do not tell
 *
 * @category models
 * @since 0.1.0
 */
export interface SpendRequest {
  readonly accounts: ReadonlyArray<Pick<Account, "id" | "partition" | "credentials" | "arn">>
  readonly period: CostPeriod
  readonly tagKeys?: ReadonlyArray<string>
  readonly byTag?: { readonly tagKey: string; readonly regions?: ReadonlyArray<string> }
}
