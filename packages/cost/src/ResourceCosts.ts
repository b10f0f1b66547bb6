/**
 * What each resource costs, as far as it is known.
 *
 * @since 0.1.0
 */
import { allocate, type Basis, type Bearer, engineOf, weightOf } from "./Allocation.ts"
import { currenciesOf } from "./AttributionGap.ts"
import { billedAs, servicesNamed, unbilledTypes } from "./BillingServices.ts"
import { type CostPeriod, daysOf } from "./CostPeriod.ts"
import type * as Money from "./Money.ts"
import type { Spend, SpendLine } from "./Spend.ts"

/**
 * Why it is not known what a resource costs.
 *
 * - `unknown-account`: the cost of its account is not known
 * - `not-scanned`: not all that shares its service's bill was seen, so that its share is not known
 * - `unknown-type`: it is not known how AWS bills its type
 *
 * @category models
 * @since 0.1.0
 */
export type CostUnknown = "unknown-account" | "not-scanned" | "unknown-type"

/**
 * - `Known`: the cost in the period, which may be nothing; of amounts of several kinds, `basis` is the least certain
 * - `Unknown`: which is not nothing
 *
 * @category models
 * @since 0.1.0
 */
export type ResourceCost =
  | { readonly _tag: "Known"; readonly amount: Money.Money; readonly basis: Basis }
  | { readonly _tag: "Unknown"; readonly reason: CostUnknown }

/**
 * - `costs`: of each resource that was given, by ARN. The known ones come to no more than was spent
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceCosts {
  readonly currency: string
  readonly costs: ReadonlyMap<string, ResourceCost>
}

/**
 * What each resource costs, in one currency: the one asked for, or that of the most lines.
 *
 * A resource that the bill could name and does not costs nothing in the period. Of what is told by service, one that
 * bears no share costs nothing either, unless something that may be its own could not be shared out.
 *
 * - `isSeen`: see `AttributionGap.GapRequest`
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <B extends Bearer>(
  spend: Spend,
  resources: ReadonlyArray<B>,
  isSeen: (accountId: string, region: string, type: string) => boolean,
  asked?: string
): ResourceCosts => {
  const currency = asked ?? currenciesOf(spend)[0] ?? "USD"
  const unknownAccounts = new Set(spend.unknownAccounts.flatMap(({ accountId }) => accountId === undefined ? [] : [accountId]))
  const sums = new Map<string, { amount: Money.Money; basis: Basis }>()
  const doubtful = new Set<string>()
  const lines = spend.lines.filter((line) => line.currency === currency)
  for (const { amount, basis, bearer, line, unseen } of allocate({ lines, shares: spend.shares }, resources, isSeen)) {
    if (bearer !== undefined && basis !== undefined) {
      const sum = sums.get(bearer.arn)
      if (sum === undefined) sums.set(bearer.arn, { amount, basis })
      else {
        sum.amount += amount
        if (certainty[basis] < certainty[sum.basis]) sum.basis = basis
      }
    } else if (unseen !== undefined && line.resourceId === undefined) {
      for (const place of placesOf(line)) doubtful.add(place)
    }
  }
  const costs = new Map<string, ResourceCost>()
  for (const resource of resources) {
    if (costs.has(resource.arn)) continue
    costs.set(
      resource.arn,
      unknownAccounts.has(resource.accountId)
        ? { _tag: "Unknown", reason: "unknown-account" }
        : costOf(resource, sums.get(resource.arn), spend.shares, doubtful)
    )
  }
  return { currency, costs }
}

/** The less, the less certain. */
const certainty: Readonly<Record<Basis, number>> = { actual: 2, allocated: 1, estimated: 0 }

const costOf = (
  resource: Bearer,
  sum: { readonly amount: Money.Money; readonly basis: Basis } | undefined,
  shares: boolean,
  doubtful: ReadonlySet<string>
): ResourceCost => {
  if (sum?.basis === "actual") return { _tag: "Known", ...sum }
  const billed = billedAs(resource.type, engineOf(resource))
  if (billed === undefined && !unbilledTypes.has(resource.type)) {
    return sum === undefined ? { _tag: "Unknown", reason: "unknown-type" } : { _tag: "Known", ...sum }
  }
  if (billed === undefined || !shares) return { _tag: "Known", ...sum ?? { amount: 0n, basis: shares ? "allocated" : "actual" } }
  const weight = weightOf(resource)
  const { accountId, region } = resource
  if (weight > 0n && doubtful.has(`${accountId} ${region} ${billed.service.name}`)) {
    return { _tag: "Unknown", reason: "not-scanned" }
  }
  return { _tag: "Known", ...sum ?? { amount: 0n, basis: weight > 0n ? "allocated" : "estimated" } }
}

/** Whose resources may bear a line: those of its Region, and those that have none. */
const placesOf = ({ accountId, region, service }: SpendLine): ReadonlyArray<string> =>
  servicesNamed(service).flatMap(({ name }) => [`${accountId} ${region} ${name}`, `${accountId} global ${name}`])

const monthDays = 365 / 12

/**
 * An amount of some days as that of a month, which has 365 ÷ 12 of them.
 *
 * @since 0.1.0
 */
export const monthly = (amount: number, period: CostPeriod): number => amount * monthDays / daysOf(period)
