/**
 * How old a result is that is made of cells from the cache.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * The result with the age of its oldest cell, where any of them was seen before
 * this scan.
 *
 * - `now`: milliseconds since the epoch; when the scan began by default
 *
 * @category combinators
 * @since 0.1.0
 */
export const aged = (result: ComplianceResult, now = epochOf(result.scanTimestamp)[0] ?? 0): ComplianceResult => {
  const seen = result.coverage.table.flatMap(({ seenAt }) => seenAt === undefined ? [] : epochOf(seenAt))
  if (seen.length === 0) return result
  const oldest = seen.reduce((a, b) => Math.min(a, b))
  return { ...result, fromCache: true, ageSeconds: Math.max(0, Math.floor((now - oldest) / 1000)) }
}

const epochOf = (instant: string): ReadonlyArray<number> =>
  Option.toArray(Option.map(DateTime.make(instant), DateTime.toEpochMillis))
