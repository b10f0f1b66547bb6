/** @since 0.1.0 */
import type { Report, ReportFormat } from "../Report.ts"
import * as SourceText from "../SourceText.ts"
import * as StableJson from "../StableJson.ts"
import { json } from "../Untrusted.ts"

/**
 * The report as one JSON document that decodes with the `Report` schema: equal
 * reports give equal bytes. Each resource, violation and cell has a line of its
 * own.
 *
 * @category formats
 * @since 0.1.0
 */
export const Json: ReportFormat = {
  names: ["json"],
  extension: "json",
  *render(report: Report) {
    const { coverage, policy } = report
    yield `{\n  "schemaVersion": ${StableJson.indented(report.schemaVersion)},\n`
    yield `  "kind": ${StableJson.indented(report.kind)},\n`
    yield `  "generatedAt": ${StableJson.indented(report.generatedAt)},\n`
    yield `  "scope": ${StableJson.indented(StableJson.scope(report.scope))},\n`
    if (policy !== undefined) {
      yield `  "policy": ${StableJson.indented({ source: policy.source, hash: policy.hash })},\n`
    }
    yield `  "fromCache": ${report.fromCache},\n  "ageSeconds": ${report.ageSeconds},\n`
    yield `  "coverage": ${StableJson.indented(StableJson.coverageHead(coverage)).replace(/\n {2}\}$/u, "")},\n`
    yield* list("    ", "table", coverage.table, StableJson.cell)
    yield "\n  },\n"
    const seen = SourceText.seenBy(coverage)
    if (seen.length > 0) {
      yield* list("  ", "seenBy", seen, (one) => json(JSON.stringify(StableJson.seenBy(one))))
      yield ",\n"
    }
    yield `  "summary": ${StableJson.indented(StableJson.summary(report.summary))},\n`
    if (report.costs !== undefined) yield `  "costs": ${StableJson.indented(StableJson.costs(report.costs))},\n`
    if (report.storedInHistory !== undefined) yield `  "storedInHistory": ${report.storedInHistory},\n`
    if (report.snapshotId !== undefined) yield `  "snapshotId": ${StableJson.indented(report.snapshotId)},\n`
    if (report.topViolations !== undefined) {
      yield `  "topViolations": ${StableJson.indented(StableJson.topViolations(report.topViolations))},\n`
    }
    if (report.recommendations !== undefined) {
      yield* list("  ", "recommendations", report.recommendations, StableJson.recommendation)
      yield ",\n"
    }
    yield* list("  ", "resources", report.resources, (resource) => StableJson.resource(resource, "omitted"))
    yield ",\n"
    yield* list("  ", "violations", report.violations, StableJson.violation)
    yield "\n}\n"
  }
}

function* list<A>(
  indent: string,
  key: string,
  items: ReadonlyArray<A>,
  write: (item: A) => string
): Iterable<string> {
  yield `${indent}"${key}": [`
  for (const [index, item] of items.entries()) yield `${index === 0 ? "" : ","}\n${indent}  ${write(item)}`
  yield items.length === 0 ? "]" : `\n${indent}]`
}
