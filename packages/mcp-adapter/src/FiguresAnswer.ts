/**
 * Figures and breakdowns, as answers tell them.
 *
 * @since 0.1.0
 */
import type { Figures } from "@cadastre/aggregation"
import { percent as shareOf, Untrusted } from "@cadastre/report"
import * as Schema from "effect/Schema"
import { clipped, remembered, within } from "./Budget.ts"

/**
 * The figures of a part of the estate, such as one Region.
 *
 * @category models
 * @since 0.1.0
 */
export const fields = {
  compliance_score: Schema.optionalKey(Schema.Finite),
  total_resources: Schema.Natural,
  compliant_resources: Schema.Natural,
  not_applicable: Schema.Natural,
  unknown_tags: Schema.Natural,
  violation_count: Schema.Natural,
  cost_attribution_gap: Schema.NullOr(Schema.Finite)
}

/**
 * The figures of all that was asked for, with what they mean: clients read that once.
 *
 * @category models
 * @since 0.1.0
 */
export const described = {
  compliance_score: fields.compliance_score.annotate({
    description: "0 to 1. Absent when nothing was seen; 1 where total_resources is 0, which is nothing to score."
  }),
  total_resources: fields.total_resources.annotate({ description: "Seen, and must be tagged." }),
  compliant_resources: fields.compliant_resources.annotate({ description: "Break no rule of severity error." }),
  not_applicable: fields.not_applicable.annotate({ description: "Seen, and need no tags: not scored." }),
  unknown_tags: fields.unknown_tags.annotate({ description: "Seen, and their tags could not be read: not scored." }),
  violation_count: fields.violation_count.annotate({ description: "Of every severity, whichever are listed." }),
  cost_attribution_gap: fields.cost_attribution_gap.annotate({
    description: "What the resources that are not compliant cost, see costs; null when not asked for or not known. The " +
      "attribution_gap of get_cost_attribution_gap has also what is tagged and not shown by the bill."
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
export const breakdownOf = remembered((groups: Readonly<Record<string, Figures>>, bytes: number): typeof Breakdown.Type => {
  const all = Object.entries(groups)
    .toSorted(([, a], [, b]) => failing(b) - failing(a))
    .map(([name, figures]) => ({ name: Untrusted.visible(clipped(name, 256)), ...make(figures) }))
  const items = within(all, bytes)
  return { items, total: all.length, truncated: items.length < all.length }
})

/**
 * A score as people read it, and as reports and the dashboard write it; what is not all is never "100 %".
 *
 * @category getters
 * @since 0.1.0
 */
export const percent = (score: number): string => shareOf(score).replace("%", " %")

const failing = ({ compliantResources, totalResources }: Figures): number => totalResources - compliantResources
