/**
 * How the score went: a curve, and the same as a table.
 *
 * @since 0.1.0
 */
import type { Trend } from "@cadastre/aggregation"
import { count, grouped } from "../../CoverageText.ts"
import * as ScoreText from "../../ScoreText.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import * as Pages from "../Pages.ts"
import type { PageView } from "../PageView.ts"

/** @since 0.1.0 */
export function* trend(view: PageView): Iterable<Markup> {
  const { trend } = view
  if (trend === undefined) return
  yield html`<section class="card" aria-labelledby="trend"><h2 id="trend">Trend</h2>\n`
  if (trend._tag === "Unknown") yield html`<p class="soft">${trend.why}</p>\n`
  else yield* known(view, trend.trend)
  yield html`</section>\n`
}

function* known(view: PageView, trend: Trend.Trend): Iterable<Markup> {
  const { leftOut, note, points } = trend
  const scored = points.flatMap(({ complete, complianceScore, period, takenAt, totalResources }) =>
    // A day with nothing to score has no score, whatever an empty sum is.
    complianceScore === undefined || totalResources === 0 ? [] : [{ at: Date.parse(takenAt), complete, period, score: complianceScore }]
  )
  yield html`<p>${points.length > 0 && scored.length === 0 ? "No score in this time: there was nothing to score." : summaryOf(trend)}</p>\n`
  if (note !== undefined) yield html`<p class="soft">${note}</p>\n`
  if (leftOut > 0) yield html`<p class="soft">${count(leftOut, "snapshot")} saw other cells and cannot be compared: left out.</p>\n`
  if (scored.length > 0) yield curveOf(scored)
  if (points.length === 0) return
  yield html`${Pages.folded(view.pages, "trend")}<summary>The same as numbers</summary>\n`
  yield* DataTable.pieces(view, {
    id: "trend",
    caption: `Score by ${trend.groupBy}`,
    isQuiet: true,
    columns: [
      { title: "Period", kind: "head" },
      { title: "Score", kind: "number" },
      { title: "Compliant", kind: "number" },
      { title: "Violations", kind: "number" },
      { title: "Snapshots", kind: "number" },
      { title: "Seen" }
    ],
    items: points,
    row: ({ complete, complianceScore, compliantResources, period, snapshots, totalResources, violationCount }) => [
      period,
      complianceScore === undefined || totalResources === 0 ? "no score" : ScoreText.percent(complianceScore),
      `${grouped(compliantResources)} of ${grouped(totalResources)}`,
      grouped(violationCount),
      grouped(snapshots),
      complete ? "all" : "in part"
    ]
  })
  yield html`</details>\n`
}

const summaryOf = ({ changePoints, direction, points }: Trend.Trend): string => {
  if (direction === "unknown" || changePoints === undefined) {
    return points.length === 0 ? "No snapshot in this time." : "One score so far: there is no trend yet."
  }
  const change = direction === "stable" ? "" : ` by ${Math.abs(changePoints).toFixed(1)} points`
  return `${{ improving: "Up", declining: "Down", stable: "Stable" }[direction]}${change} since ${points[0]?.period ?? ""}.`
}

interface Point {
  readonly at: number
  readonly score: number
  readonly period: string
  readonly complete: boolean
}

const width = 400
const height = 170
const left = 40
const right = 12
const top = 22
const bottom = 24

const curveOf = (points: ReadonlyArray<Point>): Markup => {
  const scores = points.map(({ score }) => score)
  // At least ten points of percent, so that a small change does not look like a large one.
  const high = Math.min(1, Math.max(0.1, Math.ceil(Math.max(...scores) * 20 + 0.3) / 20))
  const low = Math.max(0, Math.min(high - 0.1, Math.floor(Math.min(...scores) * 20 - 0.3) / 20))
  const first = points[0]!
  const last = points.at(-1)!
  const x = ({ at }: Point): number =>
    last.at === first.at ? (left + width - right) / 2 : left + (at - first.at) / (last.at - first.at) * (width - left - right)
  const y = (score: number): number => height - bottom - (score - low) / (high - low) * (height - top - bottom)
  const path = points.map((point, at) => `${at === 0 ? "M" : "L"}${fixed(x(point))} ${fixed(y(point.score))}`).join("")
  const floor = fixed(y(low))
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
    `Score from ${first.period} (${ScoreText.percent(first.score)}) to ${last.period} (${ScoreText.percent(last.score)})`
  }">${
    [low, (low + high) / 2, high].map((tick) =>
      html`<line class="tick" x1="${left}" x2="${width - right}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}"></line>
<text x="${left - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${label(tick)}</text>`
    )
  }
<path class="area" d="${`${path}L${fixed(x(last))} ${floor}L${fixed(x(first))} ${floor}Z`}"></path><path class="curve" d="${path}"></path>${
    points.map((point) => html`<circle class="dot${point.complete ? "" : " open"}" cx="${fixed(x(point))}" cy="${fixed(y(point.score))}" r="4"></circle>`)
  }
<text x="${left}" y="${height - 6}">${first.period}</text>${
    points.length === 1 ? undefined : html`<text x="${width - right}" y="${height - 6}" text-anchor="end">${last.period}</text>`
  }
<text class="strong" x="${fixed(x(last))}" y="${fixed(y(last.score) - 9)}" text-anchor="${points.length === 1 ? "middle" : "end"}">${ScoreText.percent(last.score)}</text></svg>
${points.every(({ complete }) => complete) ? undefined : html`<p class="soft">Open dots: not everything was seen.</p>\n`}`
}

const label = (tick: number): string => `${Number((tick * 100).toFixed(1))}%`

const fixed = (value: number): string => value.toFixed(1)
