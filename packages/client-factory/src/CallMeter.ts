/**
 * Counts of AWS calls.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * What was called and what came of it. Every attempt is a call: AWS counts
 * them so.
 *
 * - `calls`: requests sent, retries included
 * - `retries`: requests that repeated an earlier one
 * - `throttles`: requests that AWS refused for their rate
 * - `waitedMs`: time spent waiting for tokens, milliseconds
 *
 * @category models
 * @since 0.1.0
 */
export interface CallCounts {
  calls: number
  retries: number
  throttles: number
  waitedMs: number
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const makeCallCounts = (): CallCounts => ({ calls: 0, retries: 0, throttles: 0, waitedMs: 0 })

/**
 * Where the current work's calls are counted. Whoever wants to know what a
 * piece of work cost provides counts of its own around it.
 *
 * @category services
 * @since 0.1.0
 */
export class CallMeter extends Context.Reference<CallCounts>("@cadastre/client-factory/CallMeter", {
  defaultValue: makeCallCounts
}) {}
