/**
 * The page of a server: the figures of a report, and what to show of the estate.
 *
 * @since 0.1.0
 */
import { count, grouped } from "../CoverageText.ts"
import type { Report } from "../Report.ts"
import type * as DashboardFilters from "./DashboardFilters.ts"
import { cut } from "./DataTable.ts"
import * as FilterForm from "./FilterForm.ts"
import * as HtmlPage from "./HtmlPage.ts"
import { html, type Markup } from "./Markup.ts"
import type { PageView } from "./PageView.ts"
import { contentSecurityPolicy as policyOf } from "./Style.ts"

/** @since 0.1.0 */
export type { Address, Filters, Sort } from "./DashboardFilters.ts"
/** @since 0.1.0 */
export { hrefOf, queryOf, read, scopeOf, sent } from "./DashboardFilters.ts"
/** @since 0.1.0 */
export { type Choice, type Choices, noChoices } from "./FilterForm.ts"

/**
 * - `Idle`: the figures are those of the last scan
 * - `Running`: a scan is under way; `cells` is absent before the first has ended
 * - `Failed`: the last scan came to nothing, and why; `isRequest` where the filters name what does not exist
 *
 * @category models
 * @since 0.1.0
 */
export type ScanStatus =
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Running"; readonly seconds: number; readonly cells?: { readonly ended: number; readonly total: number } }
  | { readonly _tag: "Failed"; readonly why: string; readonly isRequest?: boolean }

/**
 * - `view`: absent where nothing has been seen yet
 * - `age`: of what was seen, in seconds
 * - `problems`: what of the address nobody can make sense of
 *
 * @category models
 * @since 0.1.0
 */
export interface Dashboard {
  readonly view: PageView | undefined
  readonly age: number
  readonly address: DashboardFilters.Address
  readonly problems: ReadonlyArray<string>
  readonly choices: FilterForm.Choices
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
      ? [["Policy", `${cut(policy.source, longest)} (${policy.hash.slice(0, 12)})`]]
      : factsOf(view.report, dashboard.age),
    before: before(dashboard),
    foot: `Cadastre ${version}. It reads AWS and never changes it. For programs: /mcp, /health, /metrics.`
  }, view === undefined ? [] : HtmlPage.figures(view))
}

const longest = 300

const factsOf = (report: Report, age: number): ReadonlyArray<readonly [name: string, value: string]> => [
  ...HtmlPage.factsOf(report).flatMap(([name, value]) => name === "Generated at" ? [] : [[name, cut(value, longest)] as const]),
  ["Seen", `${report.generatedAt.slice(0, 16).replace("T", " ")} UTC, ${HtmlPage.age(age)} ago`]
]

const head = html`<link rel="icon" href="${
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%232f6fde'/%3E" +
  "%3Cpath d='M4 12V8h2v4zm3 0V4h2v8zm3 0V6h2v6z' fill='%23fff'/%3E%3C/svg%3E"
}">
`

function* before({ address, choices, problems, status, view }: Dashboard): Iterable<Markup> {
  if (problems.length > 0) {
    yield html`<section class="part card" role="alert"><p><strong>Not all of the address can be made sense of.</strong> What follows leaves it out.</p>
<ul>${problems.slice(0, mostProblems).map((problem) => html`<li>${cut(problem, longest)}</li>\n`)}${
      problems.length > mostProblems ? html`<li>and ${grouped(problems.length - mostProblems)} more</li>` : undefined
    }</ul></section>\n`
  }
  yield statusOf(status, view !== undefined)
  yield* FilterForm.form(address, choices, status._tag === "Running")
}

const mostProblems = 10

const statusOf = (status: ScanStatus, isShown: boolean): Markup => {
  switch (status._tag) {
    case "Idle":
      return html``
    case "Failed": {
      const what = status.isRequest === true ? "The filters name what there is not." : "The last scan came to nothing."
      return html`<section class="part card" role="alert"><p><strong>${what}</strong> ${cut(status.why, 1000)}</p>${
        isShown ? html`<p>What follows is of the scan before it.</p>` : undefined
      }</section>\n`
    }
    case "Running": {
      const { cells, seconds } = status
      const far = cells === undefined ? "it has just begun" : `${grouped(cells.ended)} of ${count(cells.total, "cell")} have ended`
      const next = isShown
        ? "What follows is of the scan before it. Load the page again to see how far it is."
        : "There are no figures yet. This page asks again by itself."
      const bar = cells === undefined || cells.total === 0
        ? undefined
        : html`<progress max="${cells.total}" value="${cells.ended}" aria-label="Cells that have ended"></progress>\n`
      return html`<section class="card notice" role="status"><p><strong>A scan is under way:</strong> ${far}, ${HtmlPage.age(seconds)} so far.</p>
${bar}<p class="soft">${next}</p></section>
`
    }
  }
}
