/** @since 0.1.0 */
import { adviceRows, topTables } from "../AdviceText.ts"
import { type Breakdown, breakdowns, byRule, isJudged } from "../Breakdowns.ts"
import * as CostText from "../CostText.ts"
import { count, grouped, headline, remarks, unseen, whereOf } from "../CoverageText.ts"
import type { Report, ReportFormat } from "../Report.ts"
import * as ScoreText from "../ScoreText.ts"
import * as SourceText from "../SourceText.ts"
import { visible } from "../Untrusted.ts"

/**
 * A page that needs nothing but itself: no script, no style sheet, no picture
 * from elsewhere. What was not seen comes first; scores have a bar beside the
 * figure that it draws. Light or dark as the reader's system is.
 *
 * @category formats
 * @since 0.1.0
 */
export const Html: ReportFormat = {
  names: ["html"],
  extension: "html",
  *render(report: Report) {
    const title = report.kind === "check" ? "Tag compliance report" : "Resource inventory"
    yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
      `<meta name="viewport" content="width=device-width, initial-scale=1">\n` +
      // Even if something of AWS's were taken for a part of the page, nothing would be loaded or run.
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n` +
      `<title>${title}</title>\n<style>${style}</style>\n</head>\n<body>\n<h1>${title}</h1>\n`
    yield* coverageOf(report)
    yield* summaryOf(report)
    yield* adviceOf(report)
    yield* costsOf(report)
    for (const { by, columns, rows } of breakdowns(report.summary, CostText.currencyOf(report.costs))) yield* table(`By ${by}`, columns, rows, sharesOf(report, by))
    const seenBy = SourceText.seenBy(report.coverage)
    if (seenBy.length > 0) yield* table("Seen by", SourceText.columns, seenBy.map(SourceText.row))
    if (isJudged(report.summary)) yield* violationsOf(report, byRule(report.summary))
    yield* resourcesOf(report)
    yield "</body>\n</html>\n"
  }
}

const style = ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:75rem;margin:2rem auto;padding:0 1rem}" +
  "table{border-collapse:collapse;width:100%;margin:.5rem 0}caption{text-align:left;font-weight:600;font-size:1.25rem;padding:1rem 0 .25rem}" +
  "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8886;vertical-align:top;overflow-wrap:anywhere}" +
  ".n{text-align:right;font-variant-numeric:tabular-nums}.all{border-left:.4rem solid #1a7f37;padding-left:.75rem}" +
  ".part{border-left:.4rem solid #b35900;padding-left:.75rem}dt{font-weight:600}dd{margin:0 0 .5rem}svg{display:block}"

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" }

/** Text as text, whatever is in it. */
const text = (value: string): string => visible(value).replace(/[&<>"']/gu, (one) => entities[one]!)

interface HtmlColumn {
  readonly title: string
  readonly number?: boolean
}

function* table(
  title: string,
  columns: ReadonlyArray<HtmlColumn>,
  rows: Iterable<ReadonlyArray<string>>,
  shares?: ReadonlyMap<string, number>
): Iterable<string> {
  const head = columns.map(({ number, title }) => `<th scope="col"${number === true ? " class=\"n\"" : ""}>${text(title)}</th>`).join("")
  yield `<table>\n<caption>${text(title)}</caption>\n<thead><tr>${head}${shares === undefined ? "" : "<td></td>"}</tr></thead>\n<tbody>\n`
  for (const cells of rows) {
    const row = cells.map((cell, at) => `<td${columns[at]?.number === true ? " class=\"n\"" : ""}>${text(cell)}</td>`).join("")
    yield `<tr>${row}${shares === undefined ? "" : `<td>${bar(shares.get(cells[0] ?? ""))}</td>`}</tr>\n`
  }
  yield "</tbody>\n</table>\n"
}

/** The figure stands beside it: whoever cannot see the bar misses nothing. */
const bar = (share: number | undefined): string =>
  share === undefined
    ? ""
    : "<svg width=\"120\" height=\"14\" aria-hidden=\"true\"><rect width=\"120\" height=\"14\" fill=\"#8884\"/>" +
      `<rect width="${(120 * share).toFixed(1)}" height="14" fill="#2f6fde"/></svg>`

/** Scores by Region and type, where there is anything to score. */
const sharesOf = ({ summary }: Report, by: string): ReadonlyMap<string, number> | undefined => {
  if (!isJudged(summary) || (by !== "Region" && by !== "resource type")) return undefined
  return new Map(Object.entries(by === "Region" ? summary.byRegion : summary.byType).flatMap(([key, { complianceScore, totalResources }]) =>
    complianceScore === undefined || totalResources === 0 ? [] : [[key, complianceScore] as const]
  ))
}

function* coverageOf({ coverage, scope }: Report): Iterable<string> {
  yield `<section class="${coverage.complete ? "all" : "part"}">\n<p><strong>${text(headline(coverage))}</strong></p>\n`
  for (const remark of remarks(coverage)) yield `<p>${text(remark)}</p>\n`
  yield "</section>\n"
  const groups = unseen(coverage)
  if (groups.length === 0) return
  yield* table(
    "Not seen",
    [{ title: "Cells", number: true }, ...["Outcome", "Error", "Operation", "Message", "Where"].map((title) => ({ title }))],
    groups.map((group) => {
      const { cells, error, message, operation, outcome } = group
      return [grouped(cells), outcome, error, operation, message, whereOf(group, scope.accountIds.length > 1)]
    })
  )
}

function* summaryOf(report: Report): Iterable<string> {
  const { ageSeconds, coverage, fromCache, generatedAt, policy, scope, snapshotId, summary } = report
  const filter = SourceText.tagFilter(scope)
  const facts: ReadonlyArray<readonly [name: string, value: string]> = [
    ...(isJudged(summary)
      ? [
        ["Score", ScoreText.long(summary, coverage)],
        ["Compliant resources", `${grouped(summary.compliantResources)} of ${grouped(summary.totalResources)}`],
        ["Violations", grouped(summary.violationCount)],
        ["Cost attribution gap", ScoreText.money(summary.costAttributionGap, CostText.currencyOf(report.costs))],
        ["Not applicable", ScoreText.notApplicable(summary)],
        ["Tags unknown", grouped(summary.unknownTags)],
        ["Resources found", grouped(summary.resourcesFound)]
      ] as const
      : [["Resources found", grouped(summary.totalResources)], ["Tags unknown", grouped(summary.unknownTags)]] as const),
    ["Accounts", scope.accountIds.join(", ")],
    ["Regions", grouped(scope.regions.length)],
    ["Resource types", grouped(scope.types.length)],
    ...(filter === undefined ? [] : [["Only resources with the tags", filter] as const]),
    ...(policy === undefined ? [] : [["Policy", `${policy.source} (${policy.hash})`] as const]),
    ...(snapshotId === undefined ? [] : [["Stored in the history as", snapshotId] as const]),
    ["Generated at", `${generatedAt}${fromCache ? `, from the cache, ${count(ageSeconds, "second")} old` : ""}`]
  ]
  yield* listed("Summary", facts)
}

function* listed(title: string, facts: ReadonlyArray<readonly [name: string, value: string]>): Iterable<string> {
  yield `<h2>${text(title)}</h2>\n<dl>\n`
  for (const [name, value] of facts) yield `<dt>${text(name)}</dt><dd>${text(value)}</dd>\n`
  yield "</dl>\n"
}

function* costsOf({ costs }: Report): Iterable<string> {
  if (costs === undefined) return
  yield* listed("Costs", CostText.facts(costs))
  const rows = CostText.rows(costs, Number.POSITIVE_INFINITY)
  if (rows.length > 0) yield* table("What costs most and does not comply", CostText.columns, rows)
}

function* adviceOf(report: Report): Iterable<string> {
  const { recommendations = [] } = report
  if (recommendations.length > 0) {
    yield "<h2>What to do first</h2>\n<ol>\n"
    for (const [advice, gain] of adviceRows(recommendations)) yield `<li>${text(advice)}${gain === "" ? "" : ` (${text(gain)})`}</li>\n`
    yield "</ol>\n"
  }
  for (const { columns, rows, title } of topTables(report)) yield* table(title, columns, rows)
}

function* violationsOf({ violations }: Report, rules: Breakdown): Iterable<string> {
  if (rules.rows.length > 0) yield* table("By rule", rules.columns, rules.rows)
  if (violations.length === 0) return
  yield* table(
    "Violations",
    ["Severity", "Account", "Region", "Resource type", "Resource", "Tag", "Violation", "ARN"].map((title) => ({ title })),
    (function*() {
      for (const { accountId, arn, message, region, resourceId, resourceType, severity, tag } of violations) {
        yield [severity, accountId, region, resourceType, resourceId, tag, message, arn]
      }
    })()
  )
}

function* resourcesOf({ resources }: Report): Iterable<string> {
  if (resources.length === 0) return
  yield* table(
    "Resources",
    ["Account", "Region", "Resource type", "Resource", "Name", "Tags", "ARN"].map((title) => ({ title })),
    (function*() {
      for (const { accountId, arn, id, name = "", region, tags, type } of resources) {
        const listed = tags === null
          ? "unknown"
          : Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => `${key}=${value}`).join(" ") || "none"
        yield [accountId, region, type, id, name, listed, arn]
      }
    })()
  )
}
