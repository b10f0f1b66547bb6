/**
 * What to do first, and where the most is to do.
 *
 * @since 0.1.0
 */
import { adviceRows, topTables } from "../../AdviceText.ts"
import * as CostText from "../../CostText.ts"
import { count, grouped } from "../../CoverageText.ts"
import type { Report } from "../../Report.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import type { PageView } from "../PageView.ts"

/** @since 0.1.0 */
export function* advice({ report }: PageView): Iterable<Markup> {
  const rows = adviceRows(report.recommendations ?? [])
  if (rows.length === 0) return
  yield html`<section class="card" aria-labelledby="advice"><h2 id="advice">What to do first</h2>\n<ol class="advice">
${rows.map(([text, gain]) => html`<li>${text}${gain === "" ? undefined : html` <span class="gain">${gain}</span>`}</li>\n`)}</ol></section>\n`
}

/** Rules that are broken most, and what that costs. */
export function* rules({ report }: PageView): Iterable<Markup> {
  const tables = topTables(report)
  if (tables.length === 0) return
  for (const [at, { columns, rows, title }] of tables.entries()) {
    yield html`<section class="card" aria-labelledby="${`rules${at}`}"><h2 id="${`rules${at}`}">${title}</h2>\n`
    yield* DataTable.pieces({
      caption: title,
      isQuiet: true,
      columns: columns.map(({ number, title }) => number === true ? { title, kind: "number" } : title === "Tag" ? { title, kind: "long" } : { title }),
      rows: rows.map((row) => row.map((cell, at) => columns[at]?.title === "Severity" ? severity(cell) : cell))
    })
    yield html`</section>\n`
  }
}

const most = 15

/** Resources with the most violations, errors before warnings. */
export function* offenders({ report }: PageView): Iterable<Markup> {
  const all = offendersOf(report)
  if (all.length === 0) return
  const { costs } = report
  const monthly = new Map(costs?.status === "known" ? costs.costliest.map(({ arn, monthly }) => [arn, CostText.amount(monthly, costs.currency)]) : [])
  yield html`<section class="card" aria-labelledby="offenders"><h2 id="offenders">Worst offenders</h2>
<p class="soft">${count(all.length, "resource")} with listed violations${all.length > most ? `; the ${most} with the most` : ""}.</p>\n`
  yield* DataTable.pieces({
    caption: "Resources with the most violations",
    isQuiet: true,
    columns: [
      { title: "Resource", kind: "arn" },
      { title: "Type" },
      { title: "Account" },
      { title: "Region" },
      { title: "Errors", kind: "number" },
      { title: "Warnings", kind: "number" },
      { title: "Tags", kind: "long" },
      ...monthly.size > 0 ? [{ title: "Monthly", kind: "number" as const }] : []
    ],
    rows: all.slice(0, most).map(({ accountId, arn, errors, region, tags, type, warnings }) => [
      arn,
      type,
      accountId,
      region,
      grouped(errors),
      grouped(warnings),
      [...tags].join(", "),
      ...monthly.size > 0 ? [monthly.get(arn) ?? "–"] : []
    ])
  })
  yield html`</section>\n`
}

interface Offender {
  readonly arn: string
  readonly type: string
  readonly accountId: string
  readonly region: string
  readonly tags: Set<string>
  errors: number
  warnings: number
}

const offendersOf = ({ violations }: Report): ReadonlyArray<Offender> => {
  const found = new Map<string, Offender>()
  for (const { accountId, arn, region, resourceType: type, severity, tag } of violations) {
    const one = found.get(arn) ?? { arn, type, accountId, region, tags: new Set<string>(), errors: 0, warnings: 0 }
    found.set(arn, one)
    one.tags.add(tag)
    severity === "error" ? one.errors++ : one.warnings++
  }
  return [...found.values()].toSorted((a, b) => b.errors - a.errors || b.warnings - a.warnings || (a.arn < b.arn ? -1 : 1))
}

/** @since 0.1.0 */
export const severity = (of: string): Markup =>
  html`<span class="pill ${of === "error" ? "error" : "warning"}">${of}</span>`
