/**
 * The answer to "does the estate follow the policy".
 *
 * @since 0.1.0
 */
import { Summary } from "@cadastre/aggregation"
import { AccountId, Coverage, RegionId, Resource, ScanScope } from "@cadastre/model"
import { Violation } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import { CheckCosts } from "./CheckCosts.ts"

/**
 * Which violations are listed. It never changes a count or a score.
 *
 * @category models
 * @since 0.1.0
 */
export const SeverityFilter = Schema.Literals(["all", "errors_only", "warnings_only"])
/** @since 0.1.0 */
export type SeverityFilter = typeof SeverityFilter.Type

/**
 * What became of the Regions, as lists: see `Coverage`, whose lists these are.
 * `totalRegions` are those that the scan set out to look at.
 *
 * @category models
 * @since 0.1.0
 */
export const RegionMetadata = Schema.Struct({
  totalRegions: Schema.Natural,
  successfulRegions: Schema.Array(RegionId),
  incompleteRegions: Schema.Array(RegionId),
  failedRegions: Schema.Array(RegionId),
  skippedRegions: Schema.Array(RegionId)
})

/**
 * The result of a check: the figures of `Summary`, and
 *
 * - `scanTimestamp`: when the scan began, ISO 8601, UTC
 * - `accountIds`: the accounts that it speaks of, as STS names them
 * - `violations`: of the severity asked for, by ARN, tag and rule
 * - `resources`: by ARN; empty unless asked for
 * - `fromCache`, `ageSeconds`: whether it is the result of an earlier scan, and how old that is
 * - `costs`: what it costs, where that was asked for; every `costAttributionGap` is then in `costs.currency`
 * - `storedInHistory`: whether the snapshot that was asked for is stored; `snapshotId`: its id; `notStored`: why it is not
 *
 * @category models
 * @since 0.1.0
 */
export const ComplianceResult = Schema.Struct({
  ...Summary.fields,
  policyHash: Schema.String,
  scope: ScanScope,
  accountIds: Schema.Array(AccountId),
  scanTimestamp: Schema.String,
  coverage: Coverage.Coverage,
  regionMetadata: RegionMetadata,
  violations: Schema.Array(Violation),
  resources: Schema.Array(Resource),
  costs: Schema.optionalKey(CheckCosts),
  storedInHistory: Schema.Boolean,
  snapshotId: Schema.optionalKey(Schema.String),
  notStored: Schema.optionalKey(Schema.String),
  fromCache: Schema.Boolean,
  ageSeconds: Schema.Natural
})
/** @since 0.1.0 */
export type ComplianceResult = typeof ComplianceResult.Type
