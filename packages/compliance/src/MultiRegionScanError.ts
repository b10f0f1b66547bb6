/** @since 0.1.0 */
import { RegionId } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { ComplianceResult } from "./ComplianceResult.ts"

/**
 * Not one cell of any Region could be seen. `partialResult` says of each why; it
 * has no score unless global types were seen, which have no Region.
 *
 * @category errors
 * @since 0.1.0
 */
export class MultiRegionScanError extends Schema.TaggedError<MultiRegionScanError>()("MultiRegionScanError", {
  failedRegions: Schema.Array(RegionId),
  partialResult: ComplianceResult
}) {
  override get message(): string {
    const reasons = new Set(
      this.partialResult.coverage.table.flatMap(({ reason }) => reason === undefined ? [] : [`${reason.error}: ${reason.message}`])
    )
    const [first = "no reason given", ...others] = reasons
    return `Nothing could be seen in any of the ${this.failedRegions.length} Regions (${this.failedRegions.join(", ")}). ` +
      `${first}${others.length > 0 ? ` (and ${others.length} other reasons)` : ""}`
  }
}
