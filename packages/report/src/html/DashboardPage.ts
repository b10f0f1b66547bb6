/**
 * The page of a server: the figures of a report, and what to show of the estate.
 *
 * @since 0.1.0
 */
import { count, grouped } from "../CoverageText.ts"
import type { Report } from "../Report.ts"
import * as HtmlPage from "./HtmlPage.ts"
import { html, type Markup } from "./Markup.ts"
import type { PageView } from "./PageView.ts"
import { contentSecurityPolicy as policyOf } from "./Style.ts"

/**
 * What is shown of the estate. Each list is empty for all.
 *
 * - `severity`: which violations are listed; it changes no figure
 *
 * @category models
 * @since 0.1.0
 */
export interface Filters {
  readonly accounts: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly severity: "all" | "errors_only" | "warnings_only"
}

/**
 * What there is to choose from.
 *
 * @category models
 * @since 0.1.0
 */
export type Choices = Pick<Filters, "accounts" | "regions" | "types">

/**
 * - `Idle`: the figures are those of the last scan
 * - `Running`: a scan is under way; `cells` is absent before the first has ended
 * - `Failed`: the last scan came to nothing, and why
 *
 * @category models
 * @since 0.1.0
 */
export type ScanStatus =
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Running"; readonly seconds: number; readonly cells?: { readonly ended: number; readonly total: number } }
  | { readonly _tag: "Failed"; readonly why: string }

/**
 * - `view`: absent where nothing has been seen yet
 * - `age`: of what was seen, in seconds
 *
 * @category models
 * @since 0.1.0
 */
export interface Dashboard {
  readonly view: PageView | undefined
  readonly age: number
  readonly filters: Filters
  readonly choices: Choices
  readonly status: ScanStatus
  readonly policy: { readonly source: string; readonly hash: string }
  readonly version: string
}

/**
 * How long a browser waits before it asks again, in seconds: only while there is nothing to read yet.
 *
 * @category getters
 * @since 0.1.0
 */
export const refreshAfter = ({ status, view }: Pick<Dashboard, "status" | "view">): number | undefined =>
  view === undefined && status._tag === "Running" ? 2 : undefined

/**
 * What a browser may do with the page; for the header of that name.
 *
 * @category constants
 * @since 0.1.0
 */
export const contentSecurityPolicy: string = policyOf({ forms: true })

/**
 * The page, piece by piece.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pieces = (dashboard: Dashboard): Iterable<Markup> => {
  const { policy, version, view } = dashboard
  return HtmlPage.pieces({
    title: "Tag compliance",
    head,
    first: html`<a class="skip" href="#main">Skip to the figures</a>\n`,
    facts: view === undefined
      ? [["Policy", `${policy.source} (${policy.hash.slice(0, 12)})`]]
      : factsOf(view.report, dashboard.age),
    before: before(dashboard),
    foot: `Cadastre ${version}. It reads AWS and never changes it. For programs: /mcp, /health, /metrics.`
  }, view === undefined ? [] : HtmlPage.figures(view))
}

const factsOf = (report: Report, age: number): ReadonlyArray<readonly [name: string, value: string]> => [
  ...HtmlPage.factsOf(report).filter(([name]) => name !== "Generated at"),
  ["Seen", `${report.generatedAt.slice(0, 16).replace("T", " ")} UTC, ${HtmlPage.age(age)} ago`]
]

const head = html`<link rel="icon" href="${
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%232f6fde'/%3E" +
  "%3Cpath d='M4 12V8h2v4zm3 0V4h2v8zm3 0V6h2v6z' fill='%23fff'/%3E%3C/svg%3E"
}">
`

function* before({ choices, filters, status, view }: Dashboard): Iterable<Markup> {
  yield statusOf(status, view !== undefined)
  yield html`<section class="card" aria-label="What is shown"><form class="filters" method="get" action="/">
${select("account", "Account", choices.accounts, filters.accounts)}${select("region", "Region", choices.regions, filters.regions)}${
    select("type", "Resource type", choices.types, filters.types)
  }<div class="field"><label for="severity">Violations listed</label><select id="severity" name="severity">
${severities.map(([value, name]) => option(value === "all" ? "" : value, name, value === filters.severity))}</select></div>
<button class="main" type="submit">Show</button></form></section>
`
  yield html`<div class="row"><p class="soft">${wordsOf(filters)}</p>${
    status._tag === "Running" ? undefined : html`<form method="post" action="${`/scan${queryOf(filters)}`}"><button type="submit">Scan again</button></form>`
  }</div>
`
}

const statusOf = (status: ScanStatus, isShown: boolean): Markup => {
  switch (status._tag) {
    case "Idle":
      return html``
    case "Failed":
      return html`<section class="part card" role="alert"><p><strong>The last scan came to nothing.</strong> ${status.why}</p>${
        isShown ? html`<p>What follows is of the scan before it.</p>` : undefined
      }</section>\n`
    case "Running": {
      const { cells, seconds } = status
      const far = cells === undefined ? "it has just begun" : `${grouped(cells.ended)} of ${count(cells.total, "cell")} have ended`
      const next = isShown
        ? "What follows is of the scan before it. Load the page again to see how far it is."
        : "There are no figures yet. This page asks again by itself."
      return html`<section class="card notice" role="status"><p><strong>A scan is under way:</strong> ${far}, ${HtmlPage.age(seconds)} so far.</p>
<p class="soft">${next}</p></section>
`
    }
  }
}

const severities = [["all", "Errors and warnings"], ["errors_only", "Errors only"], ["warnings_only", "Warnings only"]] as const

/** One of a list is chosen in the form; several by the address, which the form then keeps. */
const select = (name: string, title: string, choices: ReadonlyArray<string>, chosen: ReadonlyArray<string>): Markup => {
  const current = chosen.join(",")
  const values = [...new Set([...choices, ...current === "" ? [] : [current]])]
  return html`<div class="field"><label for="${name}">${title}</label><select id="${name}" name="${name}">
${option("", "All", current === "")}${values.map((value) => option(value, value, value === current))}</select></div>
`
}

const option = (value: string, name: string, isChosen: boolean): Markup =>
  isChosen ? html`<option value="${value}" selected>${name}</option>` : html`<option value="${value}">${name}</option>`

const wordsOf = ({ accounts, regions, types }: Filters): string => {
  const parts = [["account", accounts], ["Region", regions], ["type", types]] as const
  const narrowed = parts.flatMap(([name, values]) => values.length === 0 ? [] : [`${name} ${values.join(", ")}`])
  return narrowed.length === 0 ? "Shown: the whole estate." : `Shown: ${narrowed.join("; ")} only.`
}

/**
 * The filters as the query of an address, with its `?`; empty for none.
 *
 * @category getters
 * @since 0.1.0
 */
export const queryOf = ({ accounts, regions, severity, types }: Filters): string => {
  const lists = [["account", accounts], ["region", regions], ["type", types]] as const
  const query = new URLSearchParams([
    ...lists.flatMap(([name, values]) => values.length === 0 ? [] : [[name, values.join(",")] satisfies [string, string]]),
    ...severity === "all" ? [] : [["severity", severity] satisfies [string, string]]
  ]).toString()
  return query === "" ? "" : `?${query}`
}

/**
 * The filters that the query of an address asks for. Lists have commas, or the name several times.
 *
 * @category constructors
 * @since 0.1.0
 */
export const filtersOf = (query: URLSearchParams): Filters => {
  const list = (name: string) => [...new Set(query.getAll(name).flatMap((value) => value.split(",")).map((one) => one.trim()).filter((one) => one !== ""))].toSorted()
  const severity = query.get("severity")
  return {
    accounts: list("account"),
    regions: list("region"),
    types: list("type"),
    severity: severity === "errors_only" || severity === "warnings_only" ? severity : "all"
  }
}
