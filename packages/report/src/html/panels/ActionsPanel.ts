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
export function* advice({ longest, report }: PageView): Iterable<Markup> {
  const rows = adviceRows(report.recommendations ?? [])
  if (rows.length === 0) return
  const items = rows.map(([text, gain]) => html`<li>${DataTable.cut(text, longest)}${gain === "" ? undefined : html` <span class="gain">${gain}</span>`}</li>\n`)
  yield html`<section class="card" aria-labelledby="advice"><h2 id="advice">What to do first</h2>\n<ol class="advice">
${items.slice(0, firstSteps)}</ol>${
    items.length <= firstSteps
      ? undefined
      : html`<details><summary>And then (${grouped(items.length - firstSteps)})</summary><ol class="advice" start="${firstSteps + 1}">${items.slice(firstSteps)}</ol></details>`
  }</section>\n`
}

const firstSteps = 5

/** Rules that are broken most, and what that costs. */
export function* rules(view: PageView): Iterable<Markup> {
  const { report } = view
  const tables = topTables(report)
  if (tables.length === 0) return
  for (const [at, { columns, rows, title }] of tables.entries()) {
    yield html`<section class="card" aria-labelledby="${`rules${at}`}"><h2 id="${`rules${at}`}">${title}</h2>\n`
    yield* DataTable.pieces(view, {
      id: at === 0 ? "broken-by-number" : "broken-by-cost",
      caption: title,
      isQuiet: true,
      columns: columns.map(({ number, title }) => number === true ? { title, kind: "number" } : title === "Tag" ? { title, kind: "long" } : { title }),
      items: rows,
      row: (row) => row.map((cell, at) => columns[at]?.title === "Severity" ? severity(cell) : cell)
    })
    yield html`</section>\n`
  }
}

const most = 15

/** Resources with the most violations, errors before warnings. */
export function* offenders(view: PageView): Iterable<Markup> {
  const { listed, report } = view
  const { costs } = report
  const costliest = costs?.status === "known" ? costs.costliest : []
  const costOf = new Map(costliest.map(({ arn, monthly }) => [arn, monthly]))
  const violations = listed?.violations ?? report.violations
  const all = ranked.get(violations) ?? offendersOf(violations, costOf)
  ranked.set(violations, all)
  if (all.length === 0) return
  yield html`<section class="card" aria-labelledby="offenders"><h2 id="offenders">Worst offenders</h2>
<p class="soft">${count(all.length, "resource")} with violations that are listed${all.length > most && view.pages === undefined ? `; the ${most} with the most` : ""}.${
    costOf.size > 0 ? ` A cost stands beside the ${costOf.size === 1 ? "costliest" : `${grouped(costOf.size)} costliest`} only; "–" is not among them, or not known.` : ""
  }</p>\n`
  yield* DataTable.pieces(view, {
    id: "offenders",
    size: most,
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
      ...costOf.size > 0 ? [{ title: "Monthly cost", kind: "number" as const }] : []
    ],
    items: view.pages === undefined ? all.slice(0, most) : all,
    row: ({ accountId, arn, errors, region, tags, type, warnings }) => [
      arn,
      type,
      accountId,
      region,
      grouped(errors),
      grouped(warnings),
      [...tags].join(", "),
      ...costOf.size > 0 ? [costText(costOf.get(arn), CostText.currencyOf(costs))] : []
    ]
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

const costText = (monthly: number | undefined, currency = "USD"): string => monthly === undefined ? "–" : CostText.amount(monthly, currency)

/** A server shows the same list many times, and it may be long. */
const ranked = new WeakMap<Report["violations"], ReadonlyArray<Offender>>()

/** Of equals, what is known to cost more comes first. */
const offendersOf = (violations: Report["violations"], costOf: ReadonlyMap<string, number>): ReadonlyArray<Offender> => {
  const found = new Map<string, Offender>()
  for (const { accountId, arn, region, resourceType: type, severity, tag } of violations) {
    const one = found.get(arn) ?? { arn, type, accountId, region, tags: new Set<string>(), errors: 0, warnings: 0 }
    found.set(arn, one)
    one.tags.add(tag)
    if (severity === "error") one.errors++
    else one.warnings++
  }
  return [...found.values()].toSorted((a, b) => b.errors - a.errors || b.warnings - a.warnings || (costOf.get(b.arn) ?? 0) - (costOf.get(a.arn) ?? 0) || (a.arn < b.arn ? -1 : 1))
}

/** @since 0.1.0 */
export const severity = (of: string): Markup =>
  html`<span class="pill ${of === "error" ? "error" : "warning"}">${of}</span>`
