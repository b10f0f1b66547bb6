/** @since 0.1.0 */
import type { Report, ReportFormat } from "../Report.ts"
import { coverageLinePieces, resourceLine } from "../ResourceLines.ts"

/**
 * A line of JSON for each resource, the coverage last: where it is missing, the
 * file is cut off.
 *
 * @category formats
 * @since 0.1.0
 */
export const Ndjson: ReportFormat = {
  names: ["ndjson"],
  extension: "ndjson",
  *render(report: Report) {
    for (const resource of report.resources) yield resourceLine(resource)
    yield* coverageLinePieces(report.coverage, report.kind === "check" ? report.summary : undefined)
  }
}
