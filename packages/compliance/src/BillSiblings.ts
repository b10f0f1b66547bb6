/**
 * What shares a bill with the types that were asked about and could not be seen: how much of the bill is whose, nobody
 * knows then.
 *
 * @since 0.1.0
 */
import { cellKey, type CellResult } from "@cadastre/model"
import * as Schema from "effect/Schema"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * - `unseenSiblings`: cells of other types that were scanned for the bill's sake and did not end as `scanned`; without
 *   them costs are unknown that were asked for
 *
 * @category models
 * @since 0.1.0
 */
export const fields = { unseenSiblings: Schema.Natural }

/**
 * The number, and in words what is unknown for it.
 *
 * - `whole`: the check of all that was scanned; `asAsked`: of the types that were asked about
 *
 * @category getters
 * @since 0.1.0
 */
export const unseen = (whole: ComplianceResult, asAsked: ComplianceResult): {
  readonly unseenSiblings: number
  readonly notes: ReadonlyArray<string>
} => {
  const asked = new Set(asAsked.coverage.table.map(cellKey))
  const cells = whole.coverage.table.filter((cell) =>
    !asked.has(cellKey(cell)) && cell.outcome !== "scanned" && cell.outcome !== "unsupported"
  )
  const [first] = cells
  return {
    unseenSiblings: cells.length,
    notes: first === undefined ? [] : [
      `Of what shares the bill, ${cells.length === 1 ? "one cell was" : `${cells.length} cells were`} not seen, such as ` +
      `${wordsOf(first)}: the cost of what is billed with that is not known`
    ]
  }
}

const wordsOf = ({ outcome, region, type }: CellResult): string => `${type} in ${region} (${outcome})`
