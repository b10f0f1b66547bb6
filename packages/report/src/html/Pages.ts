/**
 * Long tables, a page at a time. A report that is a file has all rows; the page of a server has an address for each
 * part of them, and says of how many it shows which.
 *
 * @since 0.1.0
 */
import { grouped } from "../CoverageText.ts"
import { html, type Markup } from "./Markup.ts"

/**
 * Tables that may be long, by the name that they have in an address.
 *
 * @category constants
 * @since 0.1.0
 */
export const tables: ReadonlySet<string> = new Set([
  "accounts", "cells", "reasons", "regions", "types", "kinds", "untagged", "costliest", "offenders", "by-account", "by-region",
  "by-service", "by-resource-type", "by-owner", "by-rule", "by-source", "broken-by-number", "broken-by-cost", "trend", "violations",
  "resources"
])

/**
 * - `size`: rows of a page, where a table has no smaller ones
 * - `at`: the page of a table that is asked for; absent where none is
 * - `href`: the address of a page of it
 *
 * @category models
 * @since 0.1.0
 */
export interface Pages {
  readonly size: number
  readonly at: (table: string) => number | undefined
  readonly href: (table: string, page: number) => string
}

/**
 * The rows of a table that are shown, and how one comes to the others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const slice = <A>(
  pages: Pages | undefined,
  table: string,
  all: ReadonlyArray<A>,
  size: number = Number.POSITIVE_INFINITY
): { readonly rows: ReadonlyArray<A>; readonly nav: Markup | undefined } => {
  const length = Math.min(size, pages?.size ?? size)
  if (pages === undefined || all.length <= length) return { rows: all, nav: undefined }
  const last = Math.ceil(all.length / length)
  const asked = pages.at(table) ?? 1
  const page = Math.min(asked, last)
  const rows = all.slice((page - 1) * length, page * length)
  const from = (page - 1) * length + 1
  const link = (to: number, text: string, what: string): Markup =>
    html`<a href="${pages.href(table, to)}" aria-label="${what}">${text}</a>`
  const near = [...new Set([1, page - 1, page, page + 1, last])].filter((one) => one >= 1 && one <= last)
  const nav = html`<nav class="pages" aria-label="${`Pages of ${table.replace("-", " ")}`}"><p>${
    asked > last ? `There is no page ${grouped(asked)}: this is the last. ` : ""
  }Rows ${grouped(from)} to ${grouped(from + rows.length - 1)} of ${grouped(all.length)}</p><p class="to">${
    page > 1 ? link(page - 1, "‹", "The page before") : undefined
  }${
    near.map((one, at) => [
      at > 0 && one - (near[at - 1] ?? 0) > 1 ? html`<span>…</span>` : undefined,
      one === page ? html`<b aria-current="page">${grouped(one)}</b>` : link(one, grouped(one), `Page ${grouped(one)}`)
    ])
  }${page < last ? link(page + 1, "›", "The next page") : undefined}</p></nav>\n`
  return { rows, nav }
}

/**
 * The beginning of what is folded; it is open where a page of its table is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const folded = (pages: Pages | undefined, table: string): Markup =>
  pages?.at(table) === undefined ? html`<details>` : html`<details open id="${`more-${table}`}">`
