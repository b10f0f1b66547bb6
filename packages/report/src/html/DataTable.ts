/**
 * Tables: the figures behind every picture.
 *
 * @since 0.1.0
 */
import { grouped } from "../CoverageText.ts"
import { html, type Markup, type Part } from "./Markup.ts"
import * as Pages from "./Pages.ts"
import type { PageView } from "./PageView.ts"

/**
 * - `number`: set to the right; `head`: names the row; `long`: may break anywhere; `arn`: an ARN; `bar`: a picture of
 *   the figures beside it
 * - `sort`: how the rows are sorted by it, and where they are sorted the other way
 *
 * @category models
 * @since 0.1.0
 */
export interface DataColumn {
  readonly title: string
  readonly kind?: "number" | "head" | "long" | "arn" | "bar"
  readonly sort?: { readonly now: "ascending" | "descending" | "none"; readonly href: string }
}

/**
 * A table, piece by piece: it may have any number of rows.
 *
 * - `id`: its name in an address, one of `Pages.tables`; where a page has pages, it has one of its rows
 * - `caption`: what it is; `isQuiet`: it is said aloud only, where a heading beside the table says it already
 * - `size`: rows of a page, where they are fewer than usual
 *
 * @category constructors
 * @since 0.1.0
 */
export function* pieces<A>(view: Pick<PageView, "pages" | "longest">, table: {
  readonly id: string
  readonly caption: string
  readonly isQuiet?: boolean
  readonly columns: ReadonlyArray<DataColumn>
  readonly items: ReadonlyArray<A>
  readonly row: (item: A) => ReadonlyArray<Part>
  readonly size?: number
}): Iterable<Markup> {
  const { caption, columns, id, isQuiet = false, items, row, size } = table
  const { nav, rows } = Pages.slice(view.pages, id, items, size)
  // What does not fit is scrolled in its own frame, by keys as well.
  yield html`<div class="scroll" tabindex="0" role="region" aria-label="Table: ${caption}">
<table><caption class="${isQuiet ? "quiet" : ""}">${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>
`
  for (const item of rows) yield html`<tr>${row(item).map((cell, at) => cellOf(columns[at], cut(cell, view.longest)))}</tr>\n`
  yield html`</tbody></table></div>\n${nav}`
}

/**
 * The beginning of a text that is longer than what is shown of it, and how much is left out.
 *
 * @category getters
 * @since 0.1.0
 */
export const cut = <A extends Part>(text: A, longest: number = Number.POSITIVE_INFINITY): A | string => {
  if (typeof text !== "string" || text.length <= longest) return text
  // Not in the middle of a character.
  const end = /[\ud800-\udbff]/u.test(text.charAt(longest - 1)) ? longest - 1 : longest
  return `${text.slice(0, end)} … (${grouped(text.length - end)} characters more)`
}

const headOf = ({ kind, sort, title }: DataColumn): Markup => {
  if (kind === "bar") return html`<td class="bar"></td>`
  if (sort === undefined) return html`<th scope="col" class="${classes[kind ?? "none"]}">${title}</th>`
  const { href, now } = sort
  const sign = now === "none" ? undefined : html`<span aria-hidden="true">${now === "ascending" ? " ▲" : " ▼"}</span>`
  const link = html`<a href="${href}">${title}${sign}</a>`
  return now === "none"
    ? html`<th scope="col" class="${classes[kind ?? "none"]}">${link}</th>`
    : html`<th scope="col" class="${classes[kind ?? "none"]}" aria-sort="${now}">${link}</th>`
}

const cellOf = (column: DataColumn | undefined, cell: Part): Markup => {
  const kind = column?.kind ?? "none"
  return kind === "head" ? html`<th scope="row">${cell}</th>` : html`<td class="${classes[kind]}">${cell}</td>`
}

const classes = { none: "c", head: "", number: "n", long: "long", arn: "arn", bar: "bar" } as const
