/**
 * What was found, as data for other programs.
 *
 * @since 0.1.0
 */
import { formatNamed, resourceRecords, violationRecords } from "@cadastre/report"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CheckOptions, CheckRequest } from "./Compliance.ts"
import * as ComplianceReport from "./ComplianceReport.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * - `what`: `violations` by ARN, tag and rule, of the severity asked for; or all `resources` by ARN
 * - `format`: `csv`, whose texts no spreadsheet calculates; or `json`, a `Report`, which says what was not seen as well
 * - `policySource`: what the policy is called
 *
 * @category models
 * @since 0.1.0
 */
export interface ExportOptions {
  readonly what: "violations" | "resources"
  readonly format: "csv" | "json"
  readonly policySource?: string
}

/**
 * - `result`: the check that it is of. A CSV cannot say that it is not whole: see its `coverage`
 * - `rows`: how many there are; `pieces`: the text, made as it is read
 *
 * @category models
 * @since 0.1.0
 */
export interface ExportAnswer {
  readonly result: ComplianceResult
  readonly rows: number
  readonly pieces: Iterable<string>
}

/**
 * Checks, and writes one of its lists.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("Compliance.export")(function*<E>(
  check: (request: CheckRequest, options?: CheckOptions) => Effect.Effect<ComplianceResult, E>,
  request: CheckRequest,
  { format, policySource = "the policy", what }: ExportOptions,
  options?: CheckOptions
): Effect.fn.Return<ExportAnswer, E> {
  const result = yield* check({ ...request, withResources: what === "resources" }, options)
  const generatedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const report = ComplianceReport.reportOf(result, { generatedAt, policySource })
  const listed = what === "violations" ? { ...report, resources: [] } : { ...report, violations: [] }
  return {
    result,
    rows: listed.violations.length + listed.resources.length,
    pieces: format === "json"
      ? formatNamed("json")!.render(listed)
      : what === "violations"
      ? violationRecords(listed)
      : resourceRecords(listed)
  }
})
