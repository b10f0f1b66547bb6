/**
 * What a page shows.
 *
 * @since 0.1.0
 */
import type { Trend } from "@cadastre/aggregation"
import type { Report } from "../Report.ts"
import type { Markup } from "./Markup.ts"

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
 * - `report`: the figures, and first of all the coverage
 * - `trend`: absent where it is not asked about
 * - `whyNoCosts`: said where the report has no costs; absent where nobody asked for any
 * - `most`: how many rows long lists have; all by default. What is left out is said
 *
 * @category models
 * @since 0.1.0
 */
export interface PageView {
  readonly report: Report
  readonly trend?: TrendView
  readonly whyNoCosts?: string
  readonly most?: number
}

/**
 * A part of a page, piece by piece; nothing where there is nothing to say.
 *
 * @category models
 * @since 0.1.0
 */
export type Panel = (view: PageView) => Iterable<Markup>
