/**
 * What a page shows.
 *
 * @since 0.1.0
 */
import type { Trend } from "@cadastre/aggregation"
import type { Violation } from "@cadastre/policy"
import type { Report } from "../Report.ts"
import type { Sort } from "./DashboardFilters.ts"
import type { Markup } from "./Markup.ts"
import type { Pages } from "./Pages.ts"

/**
 * How the score went, or why nobody can tell.
 *
 * @category models
 * @since 0.1.0
 */
type TrendView =
  | { readonly _tag: "Known"; readonly trend: Trend.Trend }
  | { readonly _tag: "Unknown"; readonly why: string }

/**
 * The violations that are listed, of those that there are.
 *
 * - `violations`: in order; `total`: how many there are
 * - `sort`: their order; `href`: the address of another
 *
 * @category models
 * @since 0.1.0
 */
export interface Listed {
  readonly violations: ReadonlyArray<Violation>
  readonly total: number
  readonly sort: Sort
  readonly href: (sort: Sort) => string
}

/**
 * - `report`: the figures, and first of all the coverage
 * - `trend`: absent where it is not asked about
 * - `whyNoCosts`: said where the report has no costs; absent where nobody asked for any
 * - `listed`: all violations, as the report has them, by default
 * - `pages`: long tables have all rows by default
 * - `longest`: characters of a text from AWS that are shown, all by default; what is left out is said
 *
 * @category models
 * @since 0.1.0
 */
export interface PageView {
  readonly report: Report
  readonly trend?: TrendView
  readonly whyNoCosts?: string
  readonly listed?: Listed
  readonly pages?: Pages
  readonly longest?: number
}

/**
 * A part of a page, piece by piece; nothing where there is nothing to say.
 *
 * @category models
 * @since 0.1.0
 */
export type Panel = (view: PageView) => Iterable<Markup>
