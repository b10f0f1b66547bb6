/**
 * Scores and sums of money, in words.
 *
 * @since 0.1.0
 */
import type { Figures, Summary } from "@cadastre/aggregation"
import type { Coverage } from "@cadastre/model"
import { amount } from "./CostText.ts"
import { count, grouped } from "./CoverageText.ts"

/**
 * A share with one decimal. What is not all is never rounded up to 100 %, what is not nothing never down to 0 %.
 *
 * @category getters
 * @since 0.1.0
 */
export const percent = (share: number): string => {
  const text = (share * 100).toFixed(1)
  return `${share < 1 && text === "100.0" ? "99.9" : share > 0 && text === "0.0" ? "0.1" : text}%`
}

/**
 * An amount that may not be known, see `CostText.amount`; `unknown` is not 0.
 *
 * @since 0.1.0
 */
export const money = (value: number | null, currency = "USD"): string => value === null ? "unknown" : amount(value, currency)

/**
 * How many resources are seen and not scored, and why.
 *
 * @since 0.1.0
 */
export const notApplicable = (figures: Figures): string => {
  const reasons = Object.entries(figures.notApplicableByReason).toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([reason, count]) => `${grouped(count)} ${Object.hasOwn(inWords, reason) ? inWords[reason] : reason}`)
  return `${grouped(figures.notApplicable)}${reasons.length === 0 ? "" : ` (${reasons.join(", ")})`}`
}

const inWords: Readonly<Record<string, string>> = {
  "aws-created": "made by AWS",
  "nothing-required": "of types that need no tags",
  unconfirmed: "that no service has confirmed",
  untaggable: "that cannot have tags"
}

/**
 * The score of a group, for a table: `–` where there is nothing to score.
 *
 * @since 0.1.0
 */
export const short = ({ complianceScore, totalResources }: Figures): string =>
  complianceScore === undefined || totalResources === 0 ? "–" : percent(complianceScore)

/**
 * The score of the whole, with what it leaves open.
 *
 * @since 0.1.0
 */
export const long = (summary: Summary, coverage: Coverage.Coverage): string => {
  const { complianceScore, resourcesFound, scoreBounds: bounds, totalResources } = summary
  if (complianceScore === undefined) return "no score: nothing was seen"
  const range = bounds !== undefined && bounds.lowest !== bounds.highest
    ? `, between ${percent(bounds.lowest)} and ${percent(bounds.highest)} with what was not seen`
    : ""
  if (totalResources === 0) {
    const none = resourcesFound === 0
      ? "0 resources in scope"
      : `none of the ${count(resourcesFound, "resource")} found can be judged`
    return `no score: ${none}${range}`
  }
  // A scan that is incomplete for its list of Regions has bounds, which do not speak of Regions that nobody knows of.
  const open = coverage.complete ? "" : " of what was seen"
  const unknown = coverage.complete || bounds !== undefined ? "" : "; nobody knows how much was not seen"
  return `${percent(complianceScore)}${open}${range}${unknown}`
}
