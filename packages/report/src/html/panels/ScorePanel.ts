/**
 * The figures that everybody asks for first.
 *
 * @since 0.1.0
 */
import type { Summary } from "@cadastre/aggregation"
import { isJudged } from "../../Breakdowns.ts"
import * as CostText from "../../CostText.ts"
import { count, grouped } from "../../CoverageText.ts"
import type { Report } from "../../Report.ts"
import * as ScoreText from "../../ScoreText.ts"
import * as Bar from "../Bar.ts"
import { html, type Markup, type Part } from "../Markup.ts"
import type { PageView } from "../PageView.ts"

/** @since 0.1.0 */
export function* tiles({ report, whyNoCosts }: PageView): Iterable<Markup> {
  const { coverage, summary } = report
  const { cells } = coverage
  const all = coverage.table.length
  const seen = tile(
    "Cells seen",
    grouped(cells.scanned + cells.unsupported),
    html`<p class="soft">of ${grouped(all)}${coverage.complete ? "" : ": the figures speak of these only"}</p>`
  )
  if (!isJudged(summary)) {
    yield html`<div class="tiles">${tile("Resources found", grouped(summary.totalResources))}${
      tile("Tags unknown", grouped(summary.unknownTags), html`<p class="soft">could not be read</p>`)
    }${seen}</div>\n`
    return
  }
  if (summary.complianceScore === undefined) {
    // No figure stands for what nobody has seen.
    const nothing = html`<p class="soft">nothing was seen</p>`
    yield html`<div class="tiles">${scoreOf(report, summary)}${tile("Compliant resources", "Unknown", nothing)}${tile("Violations", "Unknown", nothing)}${
      costTile(report, summary, whyNoCosts)
    }${seen}</div>\n`
    return
  }
  yield html`<div class="tiles">${scoreOf(report, summary)}${
    tile(
      "Compliant resources",
      grouped(summary.compliantResources),
      html`<p class="soft">of ${grouped(summary.totalResources)} that are scored; ${grouped(summary.resourcesFound)} found</p>
<p class="soft">Not applicable: ${ScoreText.notApplicable(summary)}</p>${
        summary.unknownTags === 0 ? undefined : html`<p>Tags unknown: ${grouped(summary.unknownTags)}</p>`
      }`
    )
  }${
    tile("Violations", grouped(summary.violationCount), html`<p class="soft">${severities(report)}${coverage.complete ? "" : ", in what was seen"}</p>`)
  }${costTile(report, summary, whyNoCosts)}${seen}</div>\n`
}

const scoreOf = (report: Report, summary: Summary): Markup => {
  const { coverage } = report
  const { scoreBounds } = summary
  const isOpen = !coverage.complete || summary.complianceScore === undefined
  const isScored = summary.complianceScore !== undefined && summary.totalResources > 0
  return html`<section class="tile lead" aria-labelledby="score"><h2 id="score">Compliance score${isOpen && isScored ? " of what was seen" : ""}</h2>
<p class="big${isScored ? "" : " words"}">${isScored ? ScoreText.short(summary) : "No score"}</p>
${Bar.gauge(isScored ? summary.complianceScore : undefined, scoreBounds, !isOpen)}<p>${wordsOf(report, summary)}</p></section>`
}

/** More than the figure says already. */
const wordsOf = ({ coverage }: Report, summary: Summary): string => {
  const long = ScoreText.long(summary, coverage)
  return long === ScoreText.short(summary) ? "Everything in scope was seen." : long
}

const severities = ({ summary, violations }: Report): string => {
  const errors = violations.filter(({ severity }) => severity === "error").length
  const warnings = violations.length - errors
  const isAll = isJudged(summary) && violations.length === summary.violationCount
  return `${isAll ? "" : "listed: "}${count(errors, "error")}, ${count(warnings, "warning")}`
}

const costTile = ({ costs }: Report, summary: Summary, whyNoCosts: string | undefined): Markup => {
  const title = "Cost attribution gap"
  if (costs === undefined) {
    return summary.costAttributionGap === null
      ? tile(title, "Unknown", html`<p class="soft">${whyNoCosts ?? "No costs were asked for"}</p>`)
      : tile(title, ScoreText.money(summary.costAttributionGap))
  }
  if (costs.status === "unknown") return tile(title, "Unknown", html`<p class="soft">${costs.reason}</p>`)
  const { currency, gap, gapPercent, total } = costs
  return tile(
    title,
    ScoreText.money(gap, currency),
    html`<p class="soft">${gapPercent === null ? "" : `${gapPercent.toFixed(1)}% `}of ${ScoreText.money(total, currency)}${
      costs.unknownAccounts.length === 0 ? "" : `; the cost of ${count(costs.unknownAccounts.length, "account")} is unknown`
    }</p><p class="soft">${CostText.facts(costs).flatMap(([name, value]) => name === "Score by spend" ? [`${name}: ${value}`] : [])}</p>`
  )
}

const tile = (title: string, figure: string, more?: Part): Markup =>
  html`<section class="tile"><h2>${title}</h2><p class="big${/\d/u.test(figure) && figure.length < 10 ? "" : " words"}">${figure}</p>${more}</section>`
