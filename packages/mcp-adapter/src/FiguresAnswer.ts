/**
 * Figures and breakdowns, as answers tell them.
 *
 * @since 0.1.0
 */
import type { Figures } from "@cadastre/aggregation"
import { Untrusted } from "@cadastre/report"
import * as Schema from "effect/Schema"
import { clipped, within } from "./Budget.ts"

/** @since 0.1.0 */
export const fields = {
  compliance_score: Schema.optionalKey(
    Schema.Finite.annotate({ description: "0 to 1. Absent when nothing was seen." })
  ),
  total_resources: Schema.Natural,
  compliant_resources: Schema.Natural,
  not_applicable: Schema.Natural,
  unknown_tags: Schema.Natural,
  violation_count: Schema.Natural,
  cost_attribution_gap: Schema.NullOr(Schema.Finite.annotate({ description: "US dollars." })).annotate({
    description: "What the resources that are not compliant cost; null when not known."
  })
}

/** @since 0.1.0 */
export const make = (figures: Figures) => ({
  ...(figures.complianceScore === undefined ? {} : { compliance_score: figures.complianceScore }),
  total_resources: figures.totalResources,
  compliant_resources: figures.compliantResources,
  not_applicable: figures.notApplicable,
  unknown_tags: figures.unknownTags,
  violation_count: figures.violationCount,
  cost_attribution_gap: figures.costAttributionGap
})

/** @since 0.1.0 */
export const Breakdown = Schema.Struct({
  items: Schema.Array(Schema.Struct({ name: Schema.String, ...fields })),
  total: Schema.Natural,
  truncated: Schema.Boolean
})

/**
 * Those with the most to mend first, as many as fit in so many bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const breakdownOf = (groups: Readonly<Record<string, Figures>>, bytes: number): typeof Breakdown.Type => {
  const all = Object.entries(groups)
    .toSorted(([, a], [, b]) => failing(b) - failing(a))
    .map(([name, figures]) => ({ name: Untrusted.visible(clipped(name, 256)), ...make(figures) }))
  const items = within(all, bytes)
  return { items, total: all.length, truncated: items.length < all.length }
}

/**
 * A score as people read it; what is not all is never "100 %".
 *
 * @category getters
 * @since 0.1.0
 */
export const percent = (score: number): string => `${Math.floor(score * 1000) / 10} %`

const failing = ({ compliantResources, totalResources }: Figures): number => totalResources - compliantResources
