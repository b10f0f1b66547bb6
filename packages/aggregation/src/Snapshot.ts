/**
 * What is kept of a scan: its figures, and each resource with its tags and what
 * the policy said of it.
 *
 * @since 0.1.0
 */
import { Cell, CellResult, Location, Mark, type Resource, Tags } from "@cadastre/model"
import { isCompliant, Rule, Severity, type Subject, type Verdict } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import { Figures, ScoreBounds, Summary } from "./Summary.ts"

/**
 * One resource as a scan saw and judged it.
 *
 * - `cell`: where it was found; `region`: where it is. They differ for a bucket, which a global list names
 * - `tags`: `null` when they could not be read, and `verdict` is `unknown` then
 * - `verdict`: `not-applicable` is shown and not scored
 *
 * @category models
 * @since 0.1.0
 */
export const ResourceState = Schema.Struct({
  arn: Schema.NonEmptyString,
  id: Schema.NonEmptyString,
  cell: Cell,
  region: Location,
  tags: Schema.NullOr(Tags.Tags),
  marks: Schema.optionalKey(Schema.NonEmptyArray(Mark)),
  verdict: Schema.Literals(["compliant", "violating", "unknown", "not-applicable"]),
  violations: Schema.Array(Schema.Struct({ tag: Schema.String, rule: Rule, severity: Severity }))
})
/** @since 0.1.0 */
export type ResourceState = typeof ResourceState.Type

/**
 * @category constructors
 * @since 0.1.0
 */
export const stateOf = (cell: Cell, resource: Resource, verdict: Verdict): ResourceState => ({
  arn: resource.arn,
  id: resource.id,
  cell: { accountId: cell.accountId, region: cell.region, type: cell.type },
  region: resource.region,
  tags: resource.tags,
  ...(resource.marks === undefined ? {} : { marks: resource.marks }),
  verdict: verdict._tag === "Unknown"
    ? "unknown"
    : verdict._tag === "NotApplicable"
    ? "not-applicable"
    : isCompliant(verdict)
    ? "compliant"
    : "violating",
  violations: verdict.violations.map(({ rule, severity, tag }) => ({ tag, rule, severity }))
})

/**
 * What a policy can be asked about it: for the score of a snapshot under another policy.
 *
 * @category getters
 * @since 0.1.0
 */
export const subjectOf = ({ arn, cell, id, marks, region, tags }: ResourceState): Subject => ({
  arn,
  id,
  type: cell.type,
  accountId: cell.accountId,
  region,
  tags,
  ...(marks === undefined ? {} : { marks })
})

/**
 * By ARN, then by account, Region and type of the cell, in code unit order: two
 * cells may hold the same ARN. The order in which snapshots are read.
 *
 * @category ordering
 * @since 0.1.0
 */
export const byArn = (a: ResourceState, b: ResourceState): number =>
  compare(a.arn, b.arn) || compare(a.cell.accountId, b.cell.accountId) ||
  compare(a.cell.region, b.cell.region) || compare(a.cell.type, b.cell.type)

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/**
 * How many violations of a rule a tag has.
 *
 * @category models
 * @since 0.1.0
 */
export const ViolationCount = Schema.Struct({ tag: Schema.String, rule: Rule, count: Schema.Natural })
/** @since 0.1.0 */
export type ViolationCount = typeof ViolationCount.Type

/**
 * Which snapshots belong to one history.
 *
 * - `scope`: a text that is the same for the same scope: what was asked for, not what was found
 * - `policyHash`: the policy that it was judged by
 *
 * @category models
 * @since 0.1.0
 */
export const SnapshotKey = Schema.Struct({ scope: Schema.NonEmptyString, policyHash: Schema.String })
/** @since 0.1.0 */
export type SnapshotKey = typeof SnapshotKey.Type

/**
 * The figures of a snapshot: those of `Summary`, and
 *
 * - `takenAt`: when its scan began, ISO 8601, UTC
 * - `complete`: everything was seen
 * - `seen`: names the set of cells that were seen; equal for equal sets
 * - `commonViolations`: the most frequent first, at most 100
 *
 * @category models
 * @since 0.1.0
 */
export const SnapshotSummary = Schema.Struct({
  id: Schema.String,
  ...SnapshotKey.fields,
  takenAt: Schema.String,
  complete: Schema.Boolean,
  seen: Schema.String,
  ...Figures.fields,
  scoreBounds: Schema.optionalKey(ScoreBounds),
  commonViolations: Schema.Array(ViolationCount)
})
/** @since 0.1.0 */
export type SnapshotSummary = typeof SnapshotSummary.Type

/**
 * What a snapshot says besides its figures: all breakdowns, and how each cell ended.
 *
 * @category models
 * @since 0.1.0
 */
export const SnapshotDetails = Schema.Struct({ summary: Summary, cells: Schema.Array(CellResult) })
/** @since 0.1.0 */
export type SnapshotDetails = typeof SnapshotDetails.Type
