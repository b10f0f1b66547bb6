/** What untagged resources cost, in words. */
import type { Untagged } from "@cadastre/compliance"
import { CostText, type Listing } from "@cadastre/report"

type Costs = Untagged.UntaggedCosts
type Listed = Untagged.UntaggedResource & { readonly reason?: Untagged.UnpricedResource["reason"] }

const reasons: Readonly<Record<Untagged.UnpricedResource["reason"], string>> = {
  "unknown-account": "unknown: its account's cost is not known",
  "not-scanned": "unknown: not all that shares its bill was seen",
  "unknown-type": "unknown: how AWS bills its type is not known",
  "no-cost": "unknown"
}

/** A month's cost, and how exact that is; or why it is not known. */
export const monthly = ({ cost, reason = "no-cost" }: Listed, costs: Costs): string =>
  cost === undefined
    ? reasons[reason]
    : `${cost.basis === "estimated" && cost.monthly > 0 ? "about " : ""}${CostText.amount(cost.monthly, currencyOf(costs))}`

/** The same for CSV: amount, currency, basis; without an amount where it is not known, since that is not 0. */
export const record = ({ cost, reason = "no-cost" }: Listed, costs: Costs): readonly [string, string, string] =>
  cost === undefined ? ["", "", reasons[reason]] : [String(cost.monthly), currencyOf(costs), cost.basis]

const currencyOf = (costs: Costs): string => costs.status === "known" ? costs.currency : ""

/** What the costs come to, and what they do not say. */
export const lines = ({ costUnknown = [], costs, resources }: Untagged.UntaggedResult): Listing.Listing["lines"] => {
  if (costs === undefined) return []
  if (costs.status === "unknown") return [{ text: costs.reason, color: "yellow" }]
  const { belowMinimum, currency, minMonthlyCost, notes, notUsed, paid, period, unknownAccounts } = costs
  const least = minMonthlyCost === undefined ? "" : ` of at least ${CostText.amount(minMonthlyCost, currency)} each; ${belowMinimum} cost less`
  return [
    {
      text: `${resources.length} of them cost ${CostText.amount(costs.monthly, currency)} a month${least} ` +
        `(by ${CostText.sourceName(costs.source)}, ${period.start} to ${period.end}, not included)`
    },
    ...costUnknown.length === 0
      ? []
      : [{ text: `The cost of ${costUnknown.length} is not known: they are listed apart`, color: "yellow" as const }],
    ...notes.map((text) => ({ text })),
    ...notUsed.map(({ reason, source }) => ({ text: `Not used, ${CostText.sourceName(source)}: ${reason}` })),
    ...unknownAccounts.map(({ accountId = "", reason }) => ({
      text: `Cost of ${accountId} unknown: ${reason}`,
      color: "yellow" as const
    })),
    ...paid.calls === 0 ? [] : [{ text: `Asking cost ${CostText.amount(paid.usd, "USD")}: ${paid.calls} calls of Cost Explorer` }]
  ]
}
