/**
 * The summaries by Region, account, service, type and owner, as rows for a table.
 *
 * @since 0.1.0
 */
import type { Figures, Inventory, Summary } from "@cadastre/aggregation"
import { ResourceType } from "@cadastre/model"
import type { Column } from "./TextTable.ts"
import { grouped } from "./CoverageText.ts"
import { money, short } from "./ScoreText.ts"

/** @since 0.1.0 */
export interface Breakdown {
  /** What is told apart: `Region`, `service`. */
  readonly by: string
  readonly columns: ReadonlyArray<Column>
  readonly rows: ReadonlyArray<readonly [key: string, ...ReadonlyArray<string>]>
}

/**
 * Whether it is the summary of a check.
 *
 * @since 0.1.0
 */
export const isJudged = (summary: Summary | Inventory): summary is Summary => "compliantResources" in summary

/**
 * By Region, service and resource type; by account where there are several, by
 * owner where there are any. Money is in US dollars, or in `currency`.
 *
 * @since 0.1.0
 */
export const breakdowns = (summary: Summary | Inventory, currency?: string): ReadonlyArray<Breakdown> => {
  const all = isJudged(summary)
    ? [
      ofFigures("account", summary.byAccount, currency),
      ofFigures("Region", summary.byRegion, currency),
      ofFigures("service", byService(summary.byType, addFigures), currency),
      ofFigures("resource type", summary.byType, currency),
      ofFigures("owner", summary.byOwner, currency, "(no owner)")
    ]
    : [
      ofCounts("account", summary.byAccount),
      ofCounts("Region", summary.byRegion),
      ofCounts("service", byService(summary.byType, (a, b) => a + b)),
      ofCounts("resource type", summary.byType)
    ]
  return all.filter(({ by, rows }) => rows.length > (by === "account" ? 1 : 0))
}

/**
 * Violations by rule, most first.
 *
 * @since 0.1.0
 */
export const byRule = ({ byRule }: Summary): Breakdown => ({
  by: "rule",
  columns: [{ title: "Rule" }, { title: "Violations", number: true }],
  rows: sorted(byRule)
    .toSorted(([, a], [, b]) => b - a)
    .map(([rule, violations]) => [rule, grouped(violations)] as const)
})

const ofCounts = (by: string, counts: Readonly<Record<string, number>>): Breakdown => ({
  by,
  columns: [keyColumn(by), { title: "Resources", number: true }],
  rows: sorted(counts).map(([key, resources]) => [key, grouped(resources)] as const)
})

/** - `unnamed`: what the group without a name is called */
const ofFigures = (
  by: string,
  groups: Readonly<Record<string, Figures>>,
  currency: string | undefined,
  unnamed = ""
): Breakdown => {
  const rows = sorted(groups)
  const priced = rows.some(([, figures]) => figures.costAttributionGap !== null && figures.costAttributionGap > 0)
  return {
    by,
    columns: [
      keyColumn(by),
      { title: "Score", number: true },
      { title: "Compliant", number: true },
      { title: "Scored", number: true },
      { title: "Found", number: true },
      { title: "Violations", number: true },
      ...(priced ? [{ title: "Cost gap", number: true }] : [])
    ],
    rows: rows.map(([key, figures]) =>
      [
        key === "" ? unnamed : key,
        short(figures),
        grouped(figures.compliantResources),
        grouped(figures.totalResources),
        grouped(figures.resourcesFound),
        grouped(figures.violationCount),
        ...(priced ? [money(figures.costAttributionGap, currency)] : [])
      ] as const
    )
  }
}

const keyColumn = (by: string): Column => ({
  title: by === "resource type" ? "Resource Type" : by.slice(0, 1).toUpperCase() + by.slice(1),
  ...(by === "Region" ? { color: "blue" as const } : by === "resource type" ? { color: "yellow" as const } : {})
})

const byService = <A>(
  byType: Readonly<Record<string, A>>,
  add: (a: A, b: A) => A
): Readonly<Record<string, A>> => {
  const services = new Map<string, A>()
  for (const [type, value] of Object.entries(byType)) {
    const service = ResourceType.serviceOf(type)
    const known = services.get(service)
    services.set(service, known === undefined ? value : add(known, value))
  }
  return Object.fromEntries(services)
}

const addFigures = (a: Figures, b: Figures): Figures => {
  const totalResources = a.totalResources + b.totalResources
  const compliantResources = a.compliantResources + b.compliantResources
  return {
    complianceScore: totalResources === 0 ? 1 : compliantResources / totalResources,
    totalResources,
    compliantResources,
    notApplicable: a.notApplicable + b.notApplicable,
    notApplicableByReason: addCounts(a.notApplicableByReason, b.notApplicableByReason),
    unknownTags: a.unknownTags + b.unknownTags,
    resourcesFound: a.resourcesFound + b.resourcesFound,
    violationCount: a.violationCount + b.violationCount,
    costAttributionGap: a.costAttributionGap === null || b.costAttributionGap === null
      ? null
      : a.costAttributionGap + b.costAttributionGap
  }
}

type Counts = Readonly<Record<string, number>>

const addCounts = (a: Counts, b: Counts): Counts => {
  const sums = new Map(Object.entries(a))
  for (const [key, count] of Object.entries(b)) sums.set(key, (sums.get(key) ?? 0) + count)
  return Object.fromEntries(sums)
}

/** By code unit, so that every machine sorts alike. */
const sorted = <A>(record: Readonly<Record<string, A>>): ReadonlyArray<readonly [key: string, value: A]> =>
  Object.entries(record).toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
