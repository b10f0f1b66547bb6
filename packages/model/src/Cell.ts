/**
 * The cell: one (account, Region, resource type) of a scope. It is the unit of
 * work, of failure and of coverage.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccountId } from "./AccountId.ts"
import { Location } from "./RegionId.ts"
import { ResourceType } from "./ResourceType.ts"
import { SourceProof } from "./SourceProof.ts"

/**
 * @category models
 * @since 0.1.0
 */
export const Cell = Schema.Struct({
  accountId: AccountId,
  region: Location,
  type: ResourceType
})
/** @since 0.1.0 */
export type Cell = typeof Cell.Type

/**
 * A text that names the cell and no other.
 *
 * @since 0.1.0
 */
export const cellKey = ({ accountId, region, type }: Cell): string => `${accountId}/${region}/${type}`

/**
 * How a cell ended. Exactly one of:
 *
 * - `scanned`: all of it was seen
 * - `denied`: AWS refused (IAM, a service control policy, a Region that is off)
 * - `throttled`: AWS kept refusing for the rate until the retries or the time were used up
 * - `timed-out`: a call, the Region or the scan ran out of time
 * - `failed`: anything else: network, a malformed answer, expired credentials, a defect
 * - `unsupported`: the service does not exist in that Region
 * - `skipped`: never begun, because the scan was stopped
 *
 * @since 0.1.0
 */
export const Outcome = Schema.Literals([
  "scanned",
  "denied",
  "throttled",
  "timed-out",
  "failed",
  "unsupported",
  "skipped"
])
/** @since 0.1.0 */
export type Outcome = typeof Outcome.Type

/**
 * Why a cell is not `scanned`, or why it has resources whose tags are unknown.
 *
 * - `error`: the tag of the {@link AwsError} reason, or `"Defect"`, `"Interrupted"`
 * - `operation`: the AWS operation that failed, e.g. `ec2:DescribeInstances`
 *
 * @since 0.1.0
 */
export const CellReason = Schema.Struct({
  error: Schema.String,
  message: Schema.String,
  operation: Schema.optionalKey(Schema.String),
  requestId: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type CellReason = typeof CellReason.Type

/**
 * A cell and how it ended.
 *
 * - `resources`: how many were found; for a cell that is not `scanned`, how many before it ended
 * - `unknownTags`: how many of those have tags that could not be read
 * - `calls`: AWS calls made for it, retries included
 * - `durationMs`: from its first call to its end, milliseconds
 * - `seenAt`: when it was seen, ISO 8601, where that was not now: what an earlier scan wrote down is used again
 * - `proof`: which sources saw what, where more than the service was asked
 *
 * @since 0.1.0
 */
export const CellResult = Schema.Struct({
  ...Cell.fields,
  outcome: Outcome,
  resources: Schema.Natural,
  unknownTags: Schema.Natural,
  calls: Schema.Natural,
  durationMs: Schema.Natural,
  seenAt: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(CellReason),
  proof: Schema.optionalKey(SourceProof)
})
/** @since 0.1.0 */
export type CellResult = typeof CellResult.Type
