/**
 * What is broken most and what to do first, as rows.
 *
 * @since 0.1.0
 */
import type { Recommendation, TopViolation } from "@cadastre/aggregation"
import { grouped } from "./CoverageText.ts"
import * as CostText from "./CostText.ts"
import type { Report } from "./Report.ts"
import * as ScoreText from "./ScoreText.ts"
import type { Column } from "./TextTable.ts"

interface AdviceTable {
  readonly title: string
  readonly columns: ReadonlyArray<Column>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** Rules by number, and by money where any of it is known. */
export const topTables = ({ costs, topViolations }: Report): ReadonlyArray<AdviceTable> => {
  if (topViolations === undefined) return []
  const { byCost, byCount } = topViolations
  const currency = CostText.currencyOf(costs)
  const isPriced = byCost.length > 0
  return [
    { title: "Most frequent violations", columns: columnsOf(isPriced), rows: byCount.map((top) => rowOf(top, isPriced, currency)) },
    { title: "Most expensive violations", columns: columnsOf(true), rows: byCost.map((top) => rowOf(top, true, currency)) }
  ].filter(({ rows }) => rows.length > 0)
}

const columnsOf = (isPriced: boolean): ReadonlyArray<Column> => [
  { title: "Tag" },
  { title: "Rule" },
  { title: "Severity" },
  { title: "Resources", number: true },
  ...isPriced ? [{ title: "Cost", number: true }] : []
]

const rowOf = (
  { cost, resources, rule, severity, tag, unpriced }: TopViolation,
  isPriced: boolean,
  currency: string | undefined
): ReadonlyArray<string> => [
  tag,
  rule,
  severity,
  grouped(resources),
  ...isPriced ? [`${ScoreText.money(cost, currency)}${unpriced > 0 && cost !== null ? ` (of ${grouped(unpriced)} unknown)` : ""}`] : []
]

/** What to do, one sentence each, and by how much the score would rise. */
export const adviceRows = (recommendations: ReadonlyArray<Recommendation>): ReadonlyArray<readonly [text: string, gain: string]> =>
  recommendations.map(({ scoreGain = 0, text }) => [text, scoreGain > 0 ? `+${(scoreGain * 100).toFixed(1)} points` : ""])
