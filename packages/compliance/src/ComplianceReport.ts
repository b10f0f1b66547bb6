/**
 * The report of a check, in a format of one's choice.
 *
 * @since 0.1.0
 */
import { type CostOf, recommendationsOf, type TopViolations, topViolations } from "@cadastre/aggregation"
import { formatNamed, formats, type Report, schemaVersion } from "@cadastre/report"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CheckOptions, CheckRequest } from "./Compliance.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import { listed } from "./JudgedScan.ts"
import { summaryIn } from "./ScanRecording.ts"

/**
 * - `format`: a name of `@cadastre/report`'s formats, such as `json` or `markdown`
 * - `includeRecommendations`: whether what is broken most and what to do first is part of it; it is by default
 * - `policySource`: what the policy is called in the report
 * - `width`: characters to a line, for formats that have lines; `color`: whether the terminal's colours may be used
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportOptions {
  readonly format: string
  readonly includeRecommendations?: boolean
  readonly policySource?: string
  readonly width?: number
  readonly color?: boolean
}

/**
 * - `result`: the check that it is of, with all of its violations; `report`: what is rendered
 * - `format`, `extension`: of the text
 * - `pieces`: the text, made as it is read
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportAnswer {
  readonly format: string
  readonly extension: string
  readonly result: ComplianceResult
  readonly report: Report
  readonly pieces: Iterable<string>
}

/**
 * There is no format of that name.
 *
 * @category errors
 * @since 0.1.0
 */
export class ReportFormatError extends Schema.TaggedError<ReportFormatError>()("ReportFormatError", {
  format: Schema.String,
  valid: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `The format "${this.format}" is unknown. Valid formats: ${this.valid.join(", ")}`
  }
}

/**
 * A result as what every format renders.
 *
 * @category getters
 * @since 0.1.0
 */
export const reportOf = (
  result: ComplianceResult,
  { generatedAt, policySource }: { readonly generatedAt: string; readonly policySource: string }
): Report => {
  const { ageSeconds, costs, coverage, fromCache, policyHash, resources, scope, snapshotId, storedInHistory, violations } = result
  return {
    schemaVersion,
    kind: "check",
    generatedAt,
    scope,
    policy: { source: policySource, hash: policyHash },
    fromCache,
    ageSeconds,
    coverage,
    summary: summaryIn(result),
    ...costs === undefined ? {} : { costs },
    storedInHistory,
    ...snapshotId === undefined ? {} : { snapshotId },
    resources,
    violations
  }
}

/**
 * Checks, and renders what came of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("Compliance.report")(function*<E>(
  check: (request: CheckRequest, options?: CheckOptions) => Effect.Effect<ComplianceResult, E>,
  request: CheckRequest,
  how: ReportOptions,
  options?: CheckOptions
): Effect.fn.Return<ReportAnswer, E | ReportFormatError> {
  const format = formatNamed(how.format)
  if (format === undefined) {
    return yield* new ReportFormatError({ format: how.format, valid: formats.flatMap(({ names }) => names) })
  }
  const { includeRecommendations = true, policySource = "the policy", width, color } = how
  // Whatever is listed, what to do first is decided by all violations.
  const result = yield* check({ ...request, severity: "all" }, options)
  const generatedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const report: Report = {
    ...reportOf(result, { generatedAt, policySource }),
    violations: listed(result.violations, request.severity ?? "all"),
    ...includeRecommendations
      ? { topViolations: topOf(result), recommendations: recommendationsOf(result, costsOf(result)) }
      : {}
  }
  return {
    format: format.names[0],
    extension: format.extension,
    result,
    report,
    pieces: format.render(report, { ...width === undefined ? {} : { width }, ...color === undefined ? {} : { color } })
  }
})

const topOf = ({ costs, violations }: ComplianceResult): TopViolations =>
  ({ ...topViolations(violations), byCost: costs?.status === "known" ? costs.topByCost : [] })

/** What single resources cost, where the result has it of all of which it is known. */
const costsOf = ({ costs }: ComplianceResult): { readonly costOf?: CostOf } => {
  if (costs?.status !== "known" || costs.costliest.length < costs.violatingResources - costs.violatingUnpriced) return {}
  const known = new Map(costs.costliest.map(({ amount, arn }) => [arn, Math.round(amount * 1_000_000)]))
  return { costOf: (arn) => known.get(arn) }
}
