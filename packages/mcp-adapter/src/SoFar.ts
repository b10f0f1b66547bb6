/**
 * What a scan that has not ended amounts to so far.
 *
 * @since 0.1.0
 */
import type { ComplianceResult } from "@cadastre/compliance"
import * as Schema from "effect/Schema"
import { within } from "./Budget.ts"
import * as CoverageAnswer from "./CoverageAnswer.ts"
import * as FiguresAnswer from "./FiguresAnswer.ts"
import * as ViolationAnswer from "./ViolationAnswer.ts"

/**
 * Of the cells that have ended; the others count as `skipped`.
 *
 * @category models
 * @since 0.1.0
 */
export const SoFar = Schema.Struct({
  ...FiguresAnswer.described,
  resources_found: Schema.Natural,
  violations_by_type: Schema.Record(Schema.String, Schema.Natural),
  violations: Schema.Array(ViolationAnswer.ViolationAnswer),
  violations_truncated: Schema.Boolean,
  coverage: CoverageAnswer.CoverageAnswer
}).annotate({
  description: "What the cells that have ended amount to. It speaks of nothing else: do not present it as the result."
})
/** @since 0.1.0 */
export type SoFar = typeof SoFar.Type

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = (result: ComplianceResult): SoFar => {
  const violations = ViolationAnswer.worstFirst(result.violations)
  const shown = within(violations.slice(0, 100).map(ViolationAnswer.make), 20_000)
  return {
    ...FiguresAnswer.make(result),
    resources_found: result.resourcesFound,
    violations_by_type: result.byRule,
    violations: shown,
    violations_truncated: shown.length < violations.length,
    coverage: CoverageAnswer.make(result.coverage, 4000)
  }
}

/**
 * @category getters
 * @since 0.1.0
 */
export const toMarkdown = (result: ComplianceResult): string => {
  const { complianceScore, compliantResources, coverage, resourcesFound, totalResources, violationCount } = result
  const ended = coverage.table.length - coverage.cells.skipped
  return [
    `So far ${ended} of ${coverage.table.length} cells (account × Region × type) have ended: ${resourcesFound} resources, ` +
    `${violationCount} violations` +
    (complianceScore === undefined || totalResources === 0
      ? "."
      : `; ${compliantResources} of ${totalResources} that must be tagged follow the policy ` +
        `(${FiguresAnswer.percent(complianceScore)}, of what was seen so far only).`),
    ...ViolationAnswer.worstFirst(result.violations).slice(0, 5).map(ViolationAnswer.line)
  ].join("\n")
}
