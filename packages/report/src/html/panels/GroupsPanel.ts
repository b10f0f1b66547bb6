/**
 * Scores by Region and by type: a bar beside each figure, the worst first, and the
 * pattern of what is unknown where nothing was seen.
 *
 * @since 0.1.0
 */
import type { Figures } from "@cadastre/aggregation"
import { breakdowns, byRule, isJudged } from "../../Breakdowns.ts"
import * as CostText from "../../CostText.ts"
import { count, grouped } from "../../CoverageText.ts"
import type { Report } from "../../Report.ts"
import * as ScoreText from "../../ScoreText.ts"
import * as SourceText from "../../SourceText.ts"
import * as Bar from "../Bar.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup, type Part } from "../Markup.ts"
import type { PageView } from "../PageView.ts"
import { type Sight, sights } from "./CoveragePanel.ts"

const most = 12

/** @since 0.1.0 */
export function* groups({ report }: PageView): Iterable<Markup> {
  const { coverage, summary } = report
  if (!isJudged(summary)) {
    yield* counts(report)
    return
  }
  yield html`<div class="grid">\n`
  yield* scores("Region", "regions", summary.byRegion, sights(coverage, ({ region }) => region))
  yield* scores("resource type", "types", summary.byType, sights(coverage, ({ type }) => type))
  yield html`</div>\n`
}

function* scores(
  by: string,
  id: string,
  figures: Readonly<Record<string, Figures>>,
  seen: ReadonlyMap<string, Sight>
): Iterable<Markup> {
  const known = new Map(Object.entries(figures))
  const keys = [...new Set([...known.keys(), ...[...seen].flatMap(([key, sight]) => sight === "none" ? [key] : [])])]
  const failing = (key: string): number => {
    const of = known.get(key)
    return of === undefined ? Number.POSITIVE_INFINITY : of.totalResources - of.compliantResources
  }
  const isEmpty = (key: string): boolean => known.get(key)?.totalResources === 0
  const first = Math.min(most, Math.max(1, keys.filter((key) => !isEmpty(key)).length))
  const rows = keys
    // What has nothing to score comes last. Infinity less itself is no number.
    .toSorted((a, b) => Number(isEmpty(a)) - Number(isEmpty(b)) || (failing(a) === failing(b) ? 0 : failing(b) - failing(a)) || (a < b ? -1 : 1))
    .map((key) => rowOf(key, known.get(key), seen.get(key)))
  yield html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">Score by ${by}</h2>\n`
  const columns: ReadonlyArray<DataTable.DataColumn> = [
    { title: by === "Region" ? "Region" : "Type", kind: "head" },
    { title: "", kind: "bar" },
    { title: "Score", kind: "number" },
    { title: "Compliant", kind: "number" },
    { title: "Violations", kind: "number" }
  ]
  yield* DataTable.pieces({ caption: `Score by ${by}`, isQuiet: true, columns, rows: rows.slice(0, first) })
  if (rows.length > first) {
    yield html`<details><summary>${count(rows.length - first, `${by} more`, `${by}s more`)}</summary>\n`
    yield* DataTable.pieces({ caption: `Score by ${by}, the others`, isQuiet: true, columns, rows: rows.slice(first) })
    yield html`</details>\n`
  }
  yield html`</section>\n`
}

const rowOf = (key: string, figures: Figures | undefined, sight: Sight | undefined): ReadonlyArray<Part> => {
  if (figures === undefined) return [key, Bar.share(undefined), "not seen", "–", "–"]
  const { complianceScore, compliantResources, totalResources, violationCount } = figures
  return [
    sight === "part" ? [key, html`<small>seen in part</small>`] : key,
    totalResources === 0 || complianceScore === undefined ? "" : Bar.share(complianceScore),
    ScoreText.short(figures),
    `${grouped(compliantResources)} of ${grouped(totalResources)}`,
    grouped(violationCount)
  ]
}

/** What a scan without a policy found. */
function* counts({ summary }: Report): Iterable<Markup> {
  for (const { by, columns, rows } of breakdowns(summary)) {
    yield html`<section class="card"><h2>By ${by}</h2>\n`
    yield* DataTable.pieces({
      caption: `By ${by}`,
      isQuiet: true,
      columns: columns.map(({ number, title }, at) => at === 0 ? { title, kind: "head" } : number === true ? { title, kind: "number" } : { title }),
      rows
    })
    yield html`</section>\n`
  }
}

/** By account, service and owner, by rule, and who saw what. */
export function* others({ report }: PageView): Iterable<Markup> {
  const { costs, coverage, summary } = report
  const seenBy = SourceText.seenBy(coverage)
  const tables = [
    ...isJudged(summary)
      ? [...breakdowns(summary, CostText.currencyOf(costs)).filter(({ by }) => by !== "Region" && by !== "resource type"), byRule(summary)]
      : [],
    ...seenBy.length === 0 ? [] : [{ by: "source", columns: SourceText.columns, rows: seenBy.map(SourceText.row) }]
  ].filter(({ rows }) => rows.length > 0)
  if (tables.length === 0) return
  yield html`<section class="card" aria-labelledby="others"><h2 id="others">Other breakdowns</h2>\n`
  for (const { by, columns, rows } of tables) {
    yield html`<details><summary>By ${by} (${grouped(rows.length)})</summary>\n`
    yield* DataTable.pieces({
      caption: `By ${by}`,
      isQuiet: true,
      columns: columns.map(({ title, ...column }, at) =>
        "number" in column && column.number ? { title, kind: "number" } : at === 0 ? { title, kind: "long" } : { title }),
      rows
    })
    yield html`</details>\n`
  }
  yield html`</section>\n`
}
