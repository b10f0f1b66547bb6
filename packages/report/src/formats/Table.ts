/** @since 0.1.0 */
import type { Violation } from "@cadastre/policy"
import { adviceRows, topTables } from "../AdviceText.ts"
import { breakdowns, byRule, isJudged } from "../Breakdowns.ts"
import * as CostText from "../CostText.ts"
import { count, grouped, headline, remarks, some, unseen, whereOf } from "../CoverageText.ts"
import type { RenderOptions, Report, ReportFormat } from "../Report.ts"
import * as ScoreText from "../ScoreText.ts"
import * as SourceText from "../SourceText.ts"
import { line, paragraph, table, type Terminal } from "../TextTable.ts"

/** Two lines each. */
const mostReasons = 6
const mostViolations = 50
const mostResources = 200
const mostCostly = 10

/**
 * For people at a terminal: what was not seen first, then the figures, then the
 * worst violations or the first resources.
 *
 * Fits `width` (100 by default, 40 at least).
 *
 * @category formats
 * @since 0.1.0
 */
export const Table: ReportFormat = {
  names: ["table"],
  extension: "txt",
  *render(report: Report, { color = false, width = 100 }: RenderOptions = {}) {
    const terminal: Terminal = { color, width: Math.max(40, Math.floor(width)) }
    yield* coverageOf(report, terminal)
    yield* figuresOf(report, terminal)
    if (report.snapshotId !== undefined) yield* paragraph(terminal, `Stored in the history as ${report.snapshotId}`)
    yield* adviceOf(report, terminal)
    yield* costsOf(report, terminal)
    for (const { by, columns, rows } of breakdowns(report.summary, CostText.currencyOf(report.costs))) {
      // The type says the service already, and owners are as many as people like.
      if (by === "service" || by === "owner") continue
      yield "\n"
      yield* table(terminal, columns, rows)
    }
    yield* sourcesOf(report, terminal)
    if (isJudged(report.summary)) yield* violationsOf(report, terminal)
    yield* resourcesOf(report, terminal)
  }
}

function* coverageOf({ coverage, scope }: Report, terminal: Terminal): Iterable<string> {
  yield* paragraph(terminal, headline(coverage), coverage.complete ? "green" : "red")
  for (const remark of remarks(coverage)) yield* paragraph(terminal, remark, "yellow")
  const reasons = unseen(coverage)
  if (reasons.length > 0) yield "\n"
  for (const reason of reasons.slice(0, mostReasons)) {
    const { cells, error, message, operation, outcome } = reason
    const what = operation === "" ? error : `${error} in ${operation}`
    const why = [what, message].filter((part) => part !== "").join(": ")
    yield line(terminal, `${grouped(cells)} ${outcome}${why === "" ? "" : `: ${why}`}`, "yellow")
    yield line(terminal, `  ${whereOf(reason, scope.accountIds.length > 1)}`)
  }
  const rest = reasons.slice(mostReasons)
  if (rest.length > 0) {
    const cells = rest.reduce((sum, group) => sum + group.cells, 0)
    yield line(terminal, `and ${grouped(rest.length)} more reasons (${count(cells, "cell")}): use --format json`)
  }
}

function* figuresOf(report: Report, terminal: Terminal): Iterable<string> {
  const { ageSeconds, coverage, fromCache, generatedAt, policy, scope, summary } = report
  yield "\n"
  const { accountIds } = scope
  const accounts = accountIds.length === 1
    ? `account ${accountIds[0]}`
    : `${count(accountIds.length, "account")} (${some(accountIds, 5)})`
  const filter = SourceText.tagFilter(scope)
  if (filter !== undefined) yield* paragraph(terminal, `Only resources with the tags ${filter}`, "yellow")
  yield* paragraph(
    terminal,
    `${report.kind === "check" ? "Check" : "Scan"} of ${accounts}, ${count(scope.types.length, "resource type")}, ` +
      `${generatedAt}${fromCache ? `, from the cache, ${count(ageSeconds, "second")} old` : ""}` +
      (policy === undefined ? "" : `, by ${policy.source}`)
  )
  if (!isJudged(summary)) {
    yield* paragraph(terminal, `Resources: ${grouped(summary.totalResources)}`, "bold")
    return
  }
  const { complianceScore, compliantResources, totalResources } = summary
  const isPerfect = coverage.complete && complianceScore !== undefined && compliantResources === totalResources
  yield* paragraph(terminal, `Score: ${ScoreText.long(summary, coverage)}`, isPerfect ? "green" : "bold")
  yield* paragraph(
    terminal,
    [
      `Compliant: ${grouped(compliantResources)} of ${grouped(totalResources)}`,
      `Not applicable: ${ScoreText.notApplicable(summary)}`,
      `Tags unknown: ${grouped(summary.unknownTags)}`,
      `Found: ${grouped(summary.resourcesFound)}`,
      `Violations: ${grouped(summary.violationCount)}`,
      `Cost gap: ${ScoreText.money(summary.costAttributionGap, CostText.currencyOf(report.costs))}`
    ].join("; ")
  )
}

function* costsOf({ costs }: Report, terminal: Terminal): Iterable<string> {
  if (costs === undefined) return
  yield "\n"
  for (const [name, value] of CostText.facts(costs)) {
    yield* paragraph(terminal, `${name}: ${value}`, costs.status === "unknown" ? "yellow" : undefined)
  }
  const rows = CostText.rows(costs, mostCostly)
  if (rows.length === 0) return
  yield "\n"
  yield* table(terminal, CostText.columns, rows)
}

function* adviceOf(report: Report, terminal: Terminal): Iterable<string> {
  const { recommendations = [] } = report
  if (recommendations.length > 0) {
    yield "\n"
    yield line(terminal, "What to do first", "bold")
  }
  for (const [at, [text, gain]] of adviceRows(recommendations).entries()) {
    yield* paragraph(terminal, `${at + 1}. ${text}${gain === "" ? "" : ` (${gain})`}`)
  }
  for (const { columns, rows, title } of topTables(report)) {
    yield "\n"
    yield line(terminal, title, "bold")
    yield* table(terminal, columns, rows)
  }
}

/** Only where the sources do not say the same: the remarks have the sums. */
function* sourcesOf({ coverage }: Report, terminal: Terminal): Iterable<string> {
  const rows = SourceText.seenBy(coverage).filter(SourceText.isRemarkable)
  if (rows.length === 0) return
  yield "\n"
  yield* table(terminal, SourceText.columns, rows.map(SourceText.row))
}

function* violationsOf({ summary, violations }: Report, terminal: Terminal): Iterable<string> {
  if (isJudged(summary)) {
    const { columns, rows } = byRule(summary)
    if (rows.length > 0) {
      yield "\n"
      yield* table(terminal, columns, rows)
    }
  }
  if (violations.length === 0) return
  yield "\n"
  yield* table(
    terminal,
    [
      { title: "Severity", color: "red" },
      { title: "Region", color: "blue" },
      { title: "Resource Type", color: "yellow" },
      { title: "Resource ID", color: "green" },
      { title: "Tag" },
      { title: "Violation" }
    ],
    worst(violations).map(({ message, region, resourceId, resourceType, severity, tag }) =>
      [severity, region, resourceType, resourceId, tag, message]
    )
  )
  if (violations.length > mostViolations) yield more(terminal, violations.length - mostViolations)
}

/** Errors before warnings; there may be millions, so they are not sorted. */
const worst = (violations: ReadonlyArray<Violation>): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  for (const severity of ["error", "warning"]) {
    for (const violation of violations) {
      if (found.length === mostViolations) return found
      if (violation.severity === severity) found.push(violation)
    }
  }
  return found
}

function* resourcesOf({ resources }: Report, terminal: Terminal): Iterable<string> {
  if (resources.length === 0) return
  yield "\n"
  yield* table(
    terminal,
    [
      { title: "Region", color: "blue" },
      { title: "Resource Type", color: "yellow" },
      { title: "Resource ID", color: "green" },
      { title: "Resource ARN" }
    ],
    resources.slice(0, mostResources).map(({ arn, id, region, type }) => [region, type, id, arn])
  )
  if (resources.length > mostResources) yield more(terminal, resources.length - mostResources)
}

const more = (terminal: Terminal, rest: number): string =>
  line(terminal, `and ${grouped(rest)} more: use --format json`, "dim")
