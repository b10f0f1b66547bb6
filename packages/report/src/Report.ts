/**
 * The report: what every output format is a rendering of.
 *
 * @since 0.1.0
 */
import { Inventory, Recommendation, Summary, TopViolations } from "@cadastre/aggregation"
import { Coverage, Resource, ScanScope, SeenBy } from "@cadastre/model"
import { Violation } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import { ReportCosts } from "./CostText.ts"

/**
 * The version of the report's shape. It changes when a field is renamed, removed
 * or means something else; added fields do not change it.
 *
 * @category models
 * @since 0.1.0
 */
export const schemaVersion = "1.0"

/**
 * - `kind`: `check` judged the resources by a policy, `scan` only listed them
 * - `generatedAt`: ISO 8601, UTC
 * - `coverage`: read it first: it says what the rest does not speak of
 * - `seenBy`: by type, which source saw how many; absent where the services alone were asked. It is what the proofs in
 *   the coverage come to: formats write it without being given it
 * - `summary`: a `Summary` for `check`, an `Inventory` for `scan`
 * - `costs`: what the resources cost, where that was asked for; each `costAttributionGap` is then in its currency
 * - `storedInHistory`, `snapshotId`: of `check`: whether a snapshot was asked for and stored, and its id
 * - `resources`: by ARN; empty where the caller did not ask for them
 * - `violations`: by ARN, tag and rule; only those of the severity asked for
 * - `policy`: what was judged by
 * - `topViolations`, `recommendations`: what is broken most, and what to do first; where the caller asked for it
 * - `fromCache`, `ageSeconds`: whether the figures are those of an earlier scan, and how old they are
 *
 * @category models
 * @since 0.1.0
 */
export const Report = Schema.Struct({
  schemaVersion: Schema.String,
  kind: Schema.Literals(["check", "scan"]),
  generatedAt: Schema.String,
  scope: ScanScope,
  policy: Schema.optionalKey(Schema.Struct({ source: Schema.String, hash: Schema.String })),
  fromCache: Schema.Boolean,
  ageSeconds: Schema.Natural,
  coverage: Coverage.Coverage,
  seenBy: Schema.optionalKey(Schema.Array(SeenBy)),
  summary: Schema.Union([Summary, Inventory]),
  storedInHistory: Schema.optionalKey(Schema.Boolean),
  snapshotId: Schema.optionalKey(Schema.String),
  topViolations: Schema.optionalKey(TopViolations),
  recommendations: Schema.optionalKey(Schema.Array(Recommendation)),
  costs: Schema.optionalKey(ReportCosts),
  resources: Schema.Array(Resource),
  violations: Schema.Array(Violation)
})
/** @since 0.1.0 */
export type Report = typeof Report.Type

/**
 * How a report is to be written.
 *
 * - `width`: characters to a line, for formats that have lines; unlimited when absent
 * - `color`: whether terminal colours may be used
 *
 * @category models
 * @since 0.1.0
 */
export interface RenderOptions {
  readonly width?: number
  readonly color?: boolean
}

/**
 * An output format: a plain value, one file each in `formats/`.
 *
 * - `names`: what the user calls it, the first one first
 * - `render`: the report as pieces of text, to be written one after the other
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportFormat {
  readonly names: readonly [string, ...ReadonlyArray<string>]
  readonly extension: string
  readonly render: (report: Report, options?: RenderOptions) => Iterable<string>
}
