/**
 * The form of the filters, and the list of those that are active. Both need no script: the form is sent, the list has
 * addresses.
 *
 * @since 0.1.0
 */
import { Rule } from "@cadastre/policy"
import { count, grouped } from "../CoverageText.ts"
import * as DashboardFilters from "./DashboardFilters.ts"
import { cut } from "./DataTable.ts"
import { exact, html, type Markup } from "./Markup.ts"

/**
 * A value that may be chosen.
 *
 * - `about`: more for people, such as the name of an account; `violations`: how many it has
 *
 * @category models
 * @since 0.1.0
 */
export interface Choice {
  readonly value: string
  readonly about?: string
  readonly violations?: number
}

/**
 * What there is to choose from, what matters most first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Choices {
  readonly accounts: ReadonlyArray<Choice>
  readonly regions: ReadonlyArray<Choice>
  readonly types: ReadonlyArray<Choice>
  readonly keys: ReadonlyArray<Choice>
  readonly owners: ReadonlyArray<Choice>
}

/**
 * @category constants
 * @since 0.1.0
 */
export const noChoices: Choices = { accounts: [], regions: [], types: [], keys: [], owners: [] }

/** More are not listed; the field for others takes them. */
const mostChoices = 100
const longest = 120
/** As long as a value of AWS's tags is at most. */
const longestValue = 256

const severities: ReadonlyArray<Choice> = [{ value: "error", about: "fails the resource" }, { value: "warning", about: "is only said" }]

/**
 * @category constructors
 * @since 0.1.0
 */
export function* form(address: DashboardFilters.Address, choices: Choices, isRunning: boolean): Iterable<Markup> {
  const { filters, sort } = address
  yield html`<section class="card" aria-labelledby="filters"><div class="row"><h2 id="filters">Filters</h2>${
    isRunning
      ? undefined
      : html`<form method="post" action="${`/scan${DashboardFilters.queryOf(address)}`}"><button type="submit">Scan again</button></form>`
  }</div>
<form class="filters" method="get" action="/">
<fieldset><legend>What the figures are of</legend>
`
  yield group("account", "Account", choices.accounts, filters.accounts)
  yield group("region", "Region", choices.regions, filters.regions)
  yield group("type", "Type", choices.types, filters.types)
  yield html`</fieldset>\n<fieldset><legend>Which violations are listed</legend>\n`
  yield group("severity", "Severity", severities, filters.severities)
  yield group("finding", "Finding", Rule.literals.map((value) => ({ value })), filters.findings)
  yield group("key", "Tag", choices.keys, filters.keys)
  yield group("owner", "Owner", choices.owners, filters.owners.filter((one) => one !== ""), box("unowned", "true", "none known", filters.owners.includes("")))
  const order = DashboardFilters.queryOf({ filters: DashboardFilters.all, sort }).replace("?sort=", "")
  yield html`</fieldset>\n${order === "" ? undefined : html`<input type="hidden" name="sort" value="${order}">`}
<button class="main" type="submit">Show</button></form>
<p class="soft">${wordsOf(filters)}</p>\n`
  const active = chips(filters, sort)
  if (active !== undefined) yield active
  yield html`</section>\n`
}

const group = (name: string, title: string, choices: ReadonlyArray<Choice>, chosen: ReadonlyArray<string>, first?: Markup): Markup => {
  const wanted = new Set(chosen)
  const offered = choices.filter(({ value }) => value.length <= longestValue).slice(0, mostChoices)
  // What is chosen stays, whether it is offered or not.
  const more = chosen.filter((value) => !offered.some((choice) => choice.value === value)).map((value): Choice => ({ value }))
  const number = chosen.length + (first?.toString().includes(" checked") === true ? 1 : 0)
  const left = choices.length - offered.length
  const isWhole = choices.length > 0 && left === 0
  return html`<details class="choice"><summary><span class="name">${title}</span> <span class="state">${
    number === 0 ? "all" : html`${grouped(number)}<span class="gone"> chosen</span>`
  }</span></summary>
<div class="boxes" role="group" aria-label="${title}">${first}${
    [...more, ...offered].map(({ about, value, violations }) =>
      box(name, value, value, wanted.has(value), violations === undefined ? about : count(violations, "violation")))
  }</div>${
    isWhole
      ? undefined
      : html`<label class="other">${left > 0 ? `Another (${grouped(left)} are not listed here)` : "By name"}<input type="text" name="${name}" autocomplete="off" maxlength="1024"></label>`
  }</details>\n`
}

const box = (name: string, value: string, text: string, isChosen: boolean, about?: string): Markup =>
  html`<label><input type="checkbox" name="${name}" value="${exact(value)}"${isChosen ? html` checked` : undefined}><span>${cut(text, longest)}${
    about === undefined ? undefined : html` <small>${cut(about, longest)}</small>`
  }</span></label>\n`

const chips = (filters: DashboardFilters.Filters, sort: DashboardFilters.Sort): Markup | undefined => {
  const active = DashboardFilters.active(filters)
  if (active.length === 0) return undefined
  const shown = active.slice(0, mostChips)
  return html`<h3 id="active">Active filters</h3><ul class="chips" aria-labelledby="active">${
    shown.map(({ name, value, without }) =>
      html`<li><a href="${DashboardFilters.hrefOf({ filters: without, sort })}"><span class="gone">Remove the filter </span>${name}: ${
        cut(value, longest)
      } <span aria-hidden="true">✕</span></a></li>\n`
    )
  }${active.length > shown.length ? html`<li>and ${count(active.length - shown.length, "filter more", "filters more")}</li>` : undefined}${
    active.length > 1 ? html`<li><a class="all" href="${DashboardFilters.hrefOf({ filters: DashboardFilters.all, sort })}">Remove all</a></li>` : undefined
  }</ul>\n`
}

const mostChips = 60

/** What the figures are of. */
const wordsOf = ({ accounts, regions, types }: DashboardFilters.Filters): string => {
  const parts = [["account", accounts], ["Region", regions], ["type", types]] as const
  const narrowed = parts.flatMap(([name, values]) =>
    values.length === 0 ? [] : [values.length > 5 ? count(values.length, name) : `${name} ${values.map((value) => cut(value, longest)).join(", ")}`])
  return narrowed.length === 0 ? "Shown: the whole estate." : `Shown: ${narrowed.join("; ")} only.`
}
