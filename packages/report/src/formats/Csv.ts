/** @since 0.1.0 */
import * as CsvText from "../CsvText.ts"
import type { Report, ReportFormat } from "../Report.ts"

/**
 * A record for each violation, or of a scan for each resource, with a head, as
 * RFC 4180 has it; no spreadsheet calculates what is in it. It cannot say what
 * was not seen: whoever writes it has to.
 *
 * @category formats
 * @since 0.1.0
 */
export const Csv: ReportFormat = {
  names: ["csv"],
  extension: "csv",
  *render(report: Report) {
    if (report.kind === "check") yield* violationRecords(report)
    else yield* resourceRecords(report)
  }
}

/**
 * The violations of a report as CSV.
 *
 * @since 0.1.0
 */
export function* violationRecords({ violations }: Pick<Report, "violations">): Iterable<string> {
  yield CsvText.record([
    "Severity", "Account", "Region", "Resource Type", "Resource ID", "Tag", "Rule", "Current Value", "Expected", "Violation", "Resource ARN"
  ])
  for (const { accountId, arn, currentValue = "", expected = "", message, region, resourceId, resourceType, rule, severity, tag } of violations) {
    yield CsvText.record([severity, accountId, region, resourceType, resourceId, tag, rule, currentValue, expected, message, arn])
  }
}

/**
 * The resources of a report as CSV. `Tags` is JSON; empty where they could not be
 * read, which is another thing than `{}`.
 *
 * @since 0.1.0
 */
export function* resourceRecords({ resources }: Pick<Report, "resources">): Iterable<string> {
  yield CsvText.record(["Account", "Region", "Resource Type", "Resource ID", "Name", "State", "Created", "Tags", "Resource ARN"])
  for (const { accountId, arn, createdAt = "", id, name = "", region, state = "", tags, type } of resources) {
    const sorted = tags === null ? "" : JSON.stringify(Object.fromEntries(Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1)))
    yield CsvText.record([accountId, region, type, id, name, state, createdAt, sorted, arn])
  }
}
