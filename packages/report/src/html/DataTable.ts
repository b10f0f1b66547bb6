/**
 * Tables: the figures behind every picture.
 *
 * @since 0.1.0
 */
import { html, type Markup, type Part } from "./Markup.ts"

/**
 * - `number`: set to the right; `head`: names the row; `long`: may break anywhere; `arn`: an ARN; `bar`: a picture of
 *   the figures beside it
 *
 * @category models
 * @since 0.1.0
 */
export interface DataColumn {
  readonly title: string
  readonly kind?: "number" | "head" | "long" | "arn" | "bar"
}

/**
 * A table, piece by piece: it may have any number of rows.
 *
 * - `caption`: what it is; `isQuiet`: it is said aloud only, where a heading beside the table says it already
 *
 * @category constructors
 * @since 0.1.0
 */
export function* pieces(table: {
  readonly caption: string
  readonly isQuiet?: boolean
  readonly columns: ReadonlyArray<DataColumn>
  readonly rows: Iterable<ReadonlyArray<Part>>
}): Iterable<Markup> {
  const { caption, columns, isQuiet = false, rows } = table
  // What does not fit is scrolled in its own frame, by keys as well.
  yield html`<div class="scroll" tabindex="0" role="region" aria-label="Table: ${caption}">
<table><caption class="${isQuiet ? "quiet" : ""}">${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>
`
  for (const row of rows) yield html`<tr>${row.map((cell, at) => cellOf(columns[at], cell))}</tr>\n`
  yield html`</tbody></table></div>\n`
}

const headOf = ({ kind, title }: DataColumn): Markup =>
  kind === "bar" ? html`<td class="bar"></td>` : html`<th scope="col" class="${classes[kind ?? "none"]}">${title}</th>`

const cellOf = (column: DataColumn | undefined, cell: Part): Markup => {
  const kind = column?.kind ?? "none"
  return kind === "head" ? html`<th scope="row">${cell}</th>` : html`<td class="${classes[kind]}">${cell}</td>`
}

const classes = { none: "c", head: "", number: "n", long: "long", arn: "arn", bar: "bar" } as const
