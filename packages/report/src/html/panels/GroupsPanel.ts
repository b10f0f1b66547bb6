/**
 * Scores by Region and by type: a bar beside each figure, the worst first, and the
 * pattern of what is unknown where nothing was seen.
 *
 * @since 0.1.0
 */
import type { Figures, ScoreBounds, Summary } from "@cadastre/aggregation"
import { breakdowns, byRule, isJudged } from "../../Breakdowns.ts"
import * as CostText from "../../CostText.ts"
import { count, grouped } from "../../CoverageText.ts"
import type { Report } from "../../Report.ts"
import * as ScoreText from "../../ScoreText.ts"
import * as SourceText from "../../SourceText.ts"
import * as Bar from "../Bar.ts"
import * as DataTable from "../DataTable.ts"
import * as GroupBounds from "../GroupBounds.ts"
import { html, type Markup, type Part } from "../Markup.ts"
import * as Pages from "../Pages.ts"
import type { PageView } from "../PageView.ts"

const most = 12

/** @since 0.1.0 */
export function* groups(view: PageView): Iterable<Markup> {
  const { summary } = view.report
  if (!isJudged(summary)) {
    yield* counts(view)
    return
  }
  yield html`<div class="grid">\n`
  yield* scores(view, summary, "region")
  yield* scores(view, summary, "type")
  yield html`</div>\n`
}

/** One Region or type. */
interface Group {
  readonly key: string
  readonly figures: Figures | undefined
  readonly sight: GroupBounds.Sight
}

const names = {
  region: { id: "regions", column: "Region", one: "Region", field: "byRegion" },
  type: { id: "types", column: "Type", one: "resource type", field: "byType" }
} as const

function* scores(view: PageView, summary: Summary, by: "region" | "type"): Iterable<Markup> {
  const { coverage } = view.report
  const { column, field, id, one } = names[by]
  const known = new Map(Object.entries(summary[field]))
  const seen = GroupBounds.sights(coverage, by, known.keys())
  const boundsOf = GroupBounds.bounds(summary)
  const keys = [...new Set([...known.keys(), ...[...seen].flatMap(([key, sight]) => sight === "none" ? [key] : [])])]
  const all = keys
    .map((key): Group => {
      const [figures, sight = "all"] = [known.get(key), seen.get(key)]
      // Of a Region that was not seen, buckets may have been seen from elsewhere.
      return { key, figures, sight: sight === "none" && figures !== undefined ? "part" : sight }
    })
    // What has nothing to score comes last. Infinity less itself is no number.
    .toSorted((a, b) =>
      Number(isEmpty(a)) - Number(isEmpty(b)) || (failing(a) === failing(b) ? 0 : failing(b) - failing(a)) || (a.key < b.key ? -1 : 1))
  const first = Math.min(most, Math.max(1, all.filter((group) => !isEmpty(group)).length))
  // Where everything was seen there is no range.
  const isOpen = all.some(({ figures, sight }) => sight !== "all" || (figures?.unknownTags ?? 0) > 0)
  const columns: ReadonlyArray<DataTable.DataColumn> = [
    { title: column, kind: "head" },
    { title: "", kind: "bar" },
    { title: "Score", kind: "number" },
    { title: "Compliant", kind: "number" },
    { title: "Violations", kind: "number" }
  ]
  const row = (group: Group): ReadonlyArray<Part> => {
    const bounds = group.figures === undefined ? undefined : boundsOf(group.figures, group.sight)
    const [key, bar, score, ...rest] = rowOf(group, bounds)
    const range = rangeOf(group, bounds)
    return [key, bar, range === undefined ? score : [score, html`<small>${range}</small>`], ...rest]
  }
  yield html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">Score by ${one}</h2>\n`
  if (isOpen) {
    yield html`<p class="soft">A score is that of what was seen; below it stands what it can be at least and at most with what was not${
      coverage.discovery.exhaustive && coverage.unnamedAccounts.length === 0 ? "" : ", but for Regions and accounts that nobody could name"
    }.</p>\n`
  }
  yield* DataTable.pieces(view, { id, caption: `Score by ${one}`, isQuiet: true, columns, items: all.slice(0, first), row })
  if (all.length > first) {
    yield html`${Pages.folded(view.pages, id)}<summary>${count(all.length - first, `${one} more`, `${one}s more`)}</summary>\n`
    yield* DataTable.pieces(view, { id, caption: `Score by ${one}, the others`, isQuiet: true, columns, items: all.slice(first), row })
    yield html`</details>\n`
  }
  yield html`</section>\n`
}

const isEmpty = ({ figures, sight }: Group): boolean => figures?.totalResources === 0 && sight === "all"

const failing = ({ figures }: Group): number =>
  figures === undefined ? Number.POSITIVE_INFINITY : figures.totalResources - figures.compliantResources

const rowOf = ({ figures, key, sight }: Group, bounds: ScoreBounds | undefined): readonly [Part, Part, Part, Part, Part] => {
  if (figures === undefined) return [key, Bar.share(undefined), "not seen", "–", "–"]
  const { complianceScore, compliantResources, totalResources, unknownTags, violationCount } = figures
  const notes = [
    ...sight === "part" ? ["seen in part"] : [],
    ...unknownTags > 0 ? [`the tags of ${grouped(unknownTags)} unknown`] : []
  ]
  const isScored = totalResources > 0 && complianceScore !== undefined
  return [
    notes.length === 0 ? key : [key, html`<small>${notes.join(", ")}</small>`],
    isScored ? Bar.share(complianceScore, notes.length === 0 ? undefined : bounds ?? { lowest: 0, highest: 1 }) : sight === "all" ? "" : Bar.share(undefined),
    ScoreText.short(figures),
    `${grouped(compliantResources)} of ${grouped(totalResources)}`,
    grouped(violationCount)
  ]
}

/** What the score can be at least and at most. */
const rangeOf = ({ figures, sight }: Group, bounds: ScoreBounds | undefined): string | undefined => {
  if (figures === undefined || (sight === "all" && figures.unknownTags === 0)) return undefined
  if (bounds === undefined) return "range not known"
  const [lowest, highest] = [ScoreText.percent(bounds.lowest), ScoreText.percent(bounds.highest)]
  return lowest === highest ? lowest : `${lowest} – ${highest}`
}

/** What a scan without a policy found. */
function* counts(view: PageView): Iterable<Markup> {
  for (const { by, columns, rows } of breakdowns(view.report.summary)) {
    const id = `by-${by.replaceAll(" ", "-").toLowerCase()}`
    yield html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">By ${by}</h2>\n`
    yield* DataTable.pieces(view, {
      id,
      caption: `By ${by}`,
      isQuiet: true,
      columns: columns.map(({ number, title }, at) => at === 0 ? { title, kind: "head" } : number === true ? { title, kind: "number" } : { title }),
      items: rows,
      row: (row) => row
    })
    yield html`</section>\n`
  }
}

/** By account, service and owner, by rule, and who saw what. */
export function* others(view: PageView): Iterable<Markup> {
  const tables = tablesOf(view.report).filter(({ rows }) => rows.length > 0)
  if (tables.length === 0) return
  yield html`<section class="card" aria-labelledby="others"><h2 id="others">Other breakdowns</h2>\n`
  for (const { by, columns, rows } of tables) {
    yield html`${Pages.folded(view.pages, `by-${by}`)}<summary>By ${by} (${grouped(rows.length)})</summary>\n`
    yield* DataTable.pieces(view, {
      id: `by-${by}`,
      caption: `By ${by}`,
      isQuiet: true,
      columns: columns.map(({ title, ...column }, at) =>
        "number" in column && column.number ? { title, kind: "number" } : at === 0 ? { title, kind: "long" } : { title }),
      items: rows,
      row: (row) => row
    })
    yield html`</details>\n`
  }
  yield html`</section>\n`
}

const tablesOf = ({ costs, coverage, summary }: Report) => {
  const seenBy = SourceText.seenBy(coverage)
  return [
    ...isJudged(summary)
      ? [...breakdowns(summary, CostText.currencyOf(costs)).filter(({ by }) => by !== "Region" && by !== "resource type"), byRule(summary)]
      : [],
    ...seenBy.length === 0 ? [] : [{ by: "source", columns: SourceText.columns, rows: seenBy.map(SourceText.row) }]
  ]
}
