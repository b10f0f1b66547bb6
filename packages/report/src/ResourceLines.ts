/**
 * NDJSON lines, for writing a scan as it goes: a line for each resource of
 * every `ResourcesFound`, the coverage at the end.
 *
 * @since 0.1.0
 */
import type { Inventory, Summary } from "@cadastre/aggregation"
import type { Coverage, Resource } from "@cadastre/model"
import * as SourceText from "./SourceText.ts"
import * as StableJson from "./StableJson.ts"
import { json } from "./Untrusted.ts"

/**
 * A resource as a line of JSON, its line feed included. Every line has the same
 * fields; what is unknown or absent is `null`, `marks` alone is left out.
 *
 * @category formats
 * @since 0.1.0
 */
export const resourceLine = (resource: Resource): string => `${StableJson.resource(resource, "null")}\n`

/**
 * The last line: `{"coverage": …}`, with the summary where there is one to tell.
 * A document without it is cut off.
 *
 * @category formats
 * @since 0.1.0
 */
export const coverageLine = (coverage: Coverage.Coverage, summary?: Summary | Inventory): string =>
  [...coverageLinePieces(coverage, summary)].join("")

/**
 * The same in pieces: an organisation has hundreds of thousands of cells.
 *
 * @category formats
 * @since 0.1.0
 */
export function* coverageLinePieces(coverage: Coverage.Coverage, summary?: Summary | Inventory): Iterable<string> {
  yield `{"coverage":${json(JSON.stringify(StableJson.coverageHead(coverage))).slice(0, -1)},"table":[`
  for (const [index, cell] of coverage.table.entries()) yield `${index === 0 ? "" : ","}${StableJson.cell(cell)}`
  yield "]}"
  const seen = SourceText.seenBy(coverage)
  if (seen.length > 0) yield `,"seenBy":${json(JSON.stringify(seen.map(StableJson.seenBy)))}`
  if (summary !== undefined) yield `,"summary":${json(JSON.stringify(StableJson.summary(summary)))}`
  yield "}\n"
}
