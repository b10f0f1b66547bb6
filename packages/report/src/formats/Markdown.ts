/** @since 0.1.0 */
import type { Resource } from "@cadastre/model"
import { adviceRows, topTables } from "../AdviceText.ts"
import { type Breakdown, breakdowns, byRule, isJudged } from "../Breakdowns.ts"
import * as CostText from "../CostText.ts"
import { count, grouped, headline, remarks, unseen, whereOf } from "../CoverageText.ts"
import type { Report, ReportFormat } from "../Report.ts"
import * as ScoreText from "../ScoreText.ts"
import * as SourceText from "../SourceText.ts"
import { code } from "../Untrusted.ts"

/**
 * A report to keep or to send round: what was not seen first, then summaries,
 * violations, and every resource by type. GitHub's Markdown; all that comes
 * from AWS stands in code spans.
 *
 * @category formats
 * @since 0.1.0
 */
export const Markdown: ReportFormat = {
  names: ["markdown", "md"],
  extension: "md",
  *render(report: Report) {
    yield `# ${report.kind === "check" ? "Tag compliance report" : "Resource inventory"}\n\n`
    yield `Generated at ${code(report.generatedAt)}`
    yield report.fromCache ? `, from the cache, ${count(report.ageSeconds, "second")} old.\n` : ".\n"
    yield* coverageOf(report)
    yield* executiveSummary(report)
    yield* adviceOf(report)
    yield* costsOf(report)
    for (const breakdown of breakdowns(report.summary, CostText.currencyOf(report.costs))) yield* summaryBy(breakdown)
    yield* sourcesOf(report)
    if (isJudged(report.summary)) yield* violationsOf(report, byRule(report.summary))
    yield* resourcesOf(report)
  }
}

/** Cells are Markdown already: {@link code} for all that comes from AWS. */
function* table(
  columns: ReadonlyArray<{ readonly title: string; readonly number?: boolean }>,
  rows: Iterable<ReadonlyArray<string>>
): Iterable<string> {
  yield "\n"
  yield row(columns.map(({ title }) => title))
  yield row(columns.map(({ number }) => number === true ? "---:" : "---"))
  for (const cells of rows) yield row(cells)
}

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |\n`

const titles = (...titles: ReadonlyArray<string>) => titles.map((title) => ({ title }))

const optional = (text: string | undefined): string => text === undefined || text === "" ? "" : code(text)

function* coverageOf({ coverage, scope }: Report): Iterable<string> {
  yield "\n## Coverage\n\n"
  const [first = "", ...rest] = headline(coverage).split(": ")
  yield `**${first}**${rest.length === 0 ? "" : `: ${rest.join(": ")}`}\n`
  const noted = remarks(coverage)
  if (noted.length > 0) yield "\n"
  // A remark may quote what AWS answered.
  for (const remark of noted) {
    const at = remark.indexOf(": ")
    yield at < 0 ? `- ${remark}\n` : `- ${remark.slice(0, at)}: ${code(remark.slice(at + 2))}\n`
  }
  const groups = unseen(coverage)
  if (groups.length === 0) return
  const severalAccounts = scope.accountIds.length > 1
  yield* table(
    [{ title: "Cells", number: true }, ...titles("Outcome", "Error", "Operation", "Message", "Where")],
    groups.map((group) => [
      grouped(group.cells),
      group.outcome,
      optional(group.error),
      optional(group.operation),
      optional(group.message),
      code(whereOf(group, severalAccounts))
    ])
  )
}

function* executiveSummary({ costs, coverage, policy, scope, snapshotId, summary }: Report): Iterable<string> {
  yield "\n## Executive summary\n\n"
  const filter = SourceText.tagFilter(scope)
  const facts: ReadonlyArray<readonly [name: string, value: string]> = [
    ...(isJudged(summary)
      ? [
        ["Score", ScoreText.long(summary, coverage)],
        ["Compliant resources", `${grouped(summary.compliantResources)} of ${grouped(summary.totalResources)}`],
        ["Violations", grouped(summary.violationCount)],
        ["Cost attribution gap", ScoreText.money(summary.costAttributionGap, CostText.currencyOf(costs))],
        ["Not applicable", ScoreText.notApplicable(summary)],
        ["Tags unknown", grouped(summary.unknownTags)],
        ["Resources found", grouped(summary.resourcesFound)]
      ] as const
      : [
        ["Resources found", grouped(summary.totalResources)],
        ["Tags unknown", grouped(summary.unknownTags)]
      ] as const),
    ["Accounts", scope.accountIds.map(code).join(", ")],
    ["Regions", grouped(scope.regions.length)],
    ["Resource types", grouped(scope.types.length)],
    ...(filter === undefined ? [] : [["Only resources with the tags", code(filter)] as const]),
    ...(snapshotId === undefined ? [] : [["Stored in the history as", code(snapshotId)] as const]),
    ...(policy === undefined ? [] : [["Policy", `${code(policy.source)} (${code(policy.hash)})`] as const])
  ]
  for (const [name, value] of facts) yield `- **${name}**: ${value}\n`
}

function* costsOf({ costs }: Report): Iterable<string> {
  if (costs === undefined) return
  yield "\n## Cost\n\n"
  for (const [name, value] of CostText.facts(costs)) yield `- **${name}**: ${code(value)}\n`
  const rows = CostText.rows(costs, Number.POSITIVE_INFINITY)
  if (rows.length === 0) return
  yield* table(
    CostText.columns,
    rows.map(([monthly, basis, accountId, region, violations, arn]) =>
      [monthly, basis, code(accountId), code(region), violations, code(arn)])
  )
}

function* adviceOf(report: Report): Iterable<string> {
  const { recommendations = [] } = report
  if (recommendations.length > 0) yield "\n## Recommendations\n\n"
  for (const [at, [text, gain]] of adviceRows(recommendations).entries()) {
    yield `${at + 1}. ${code(text)}${gain === "" ? "" : ` (${gain})`}\n`
  }
  for (const { columns, rows, title } of topTables(report)) {
    yield `\n## ${title}\n`
    yield* table(columns, rows.map((cells) => cells.map((cell, at) => columns[at]?.number === true ? cell : code(cell))))
  }
}

function* sourcesOf({ coverage }: Report): Iterable<string> {
  const rows = SourceText.seenBy(coverage)
  if (rows.length === 0) return
  yield "\n## Seen by\n"
  yield* table(SourceText.columns, rows.map(SourceText.row).map(([type, ...figures]) => [code(type), ...figures]))
}

function* summaryBy({ by, columns, rows }: Breakdown): Iterable<string> {
  yield `\n## Summary by ${by}\n`
  yield* table(columns, rows.map(([key, ...figures]) => [code(key), ...figures]))
}

function* violationsOf({ violations }: Report, rules: Breakdown): Iterable<string> {
  if (rules.rows.length > 0) yield* summaryBy(rules)
  yield "\n## Violations\n"
  if (violations.length === 0) {
    yield "\nNone to list.\n"
    return
  }
  yield* table(
    titles("Severity", "Account", "Region", "Resource Type", "Resource ID", "Tag", "Rule", "Violation", "Resource ARN"),
    (function*() {
      for (const violation of violations) {
        yield [
          violation.severity,
          code(violation.accountId),
          code(violation.region),
          code(violation.resourceType),
          code(violation.resourceId),
          code(violation.tag),
          code(violation.rule),
          code(violation.message),
          code(violation.arn)
        ]
      }
    })()
  )
}

function* resourcesOf({ resources }: Report): Iterable<string> {
  if (resources.length === 0) return
  const byType = Map.groupBy(resources, ({ type }) => type)
  yield "\n## Resources\n"
  for (const type of [...byType.keys()].toSorted()) {
    const listed = byType.get(type) ?? []
    yield `\n### ${code(type)} (${grouped(listed.length)})\n`
    yield* table(
      titles("Account", "Region", "Resource ID", "Name", "State", "Tags", "Seen by", "Resource ARN"),
      rowsOf(listed)
    )
  }
}

function* rowsOf(resources: ReadonlyArray<Resource>): Iterable<ReadonlyArray<string>> {
  for (const { accountId, arn, id, name, region, sources, state, tags } of resources) {
    const seenBy = sources.join(", ")
    yield [code(accountId), code(region), code(id), optional(name), optional(state), tagsOf(tags), seenBy, code(arn)]
  }
}

/** No tags, known to be none, are another thing than tags that could not be read. */
const tagsOf = (tags: Resource["tags"]): string =>
  tags === null
    ? "unknown"
    : Object.entries(tags)
      .toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
      .map(([key, value]) => code(`${key}=${value}`))
      .join(" ") || "none"
