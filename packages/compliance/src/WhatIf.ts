/**
 * What a policy would say of an estate that was scanned before: no call is made.
 *
 * @since 0.1.0
 */
import { Aggregate, coverageOf, type ResourceState, subjectOf, Summary, summaryOf } from "@cadastre/aggregation"
import { type Cell, cellKey, type CellResult, Coverage, type Resource, ResourceType, type ScanScope, sweepTypeOf } from "@cadastre/model"
import { isCompliant, type Validator, type Verdict } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ComplianceResult } from "./ComplianceResult.ts"

/**
 * What was seen of an estate.
 *
 * - `takenAt`: when, ISO 8601, UTC
 * - `cells`: how each cell ended; what is in cells that were not seen does not count
 * - `resources`: each with the cell that it was found in
 *
 * @category models
 * @since 0.1.0
 */
export interface SeenEstate {
  readonly scope?: ScanScope
  readonly takenAt: string
  readonly cells: ReadonlyArray<CellResult>
  readonly resources: Iterable<{ readonly cell: Cell; readonly resource: Resource }>
}

/**
 * What a check saw, which has to be made with its resources.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofResult = (
  { coverage, resources, scanTimestamp, scope }: Pick<ComplianceResult, "coverage" | "resources" | "scanTimestamp" | "scope">
): SeenEstate => {
  const keys = new Set(coverage.table.map(cellKey))
  return {
    scope,
    takenAt: scanTimestamp,
    cells: coverage.table,
    resources: resources.map((resource) => ({ resource, cell: cellOf(resource, keys) }))
  }
}

/** A list of what has no Region may name what lives in one; what no scanner is for was found by a sweep. */
const cellOf = ({ accountId, region, type }: Resource, keys: ReadonlySet<string>): Cell => {
  const own: Cell = { accountId, region, type }
  const [tagging, explorer] = [sweepTypeOf("tagging-api"), sweepTypeOf("resource-explorer")]
  const others: ReadonlyArray<Cell> = [
    { ...own, region: "global" },
    { ...own, type: tagging },
    { accountId, region: "global", type: tagging },
    { accountId, region: "global", type: explorer }
  ]
  return [own, ...others].find((cell) => keys.has(cellKey(cell))) ?? own
}

/**
 * What a snapshot holds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofStates = (
  states: Iterable<ResourceState>,
  rest: Omit<SeenEstate, "resources">
): SeenEstate => ({ ...rest, resources: resourcesOf(states, rest.takenAt) })

function* resourcesOf(states: Iterable<ResourceState>, observedAt: string) {
  for (const state of states) {
    const { cell } = state
    const service = ResourceType.serviceOf(cell.type)
    const sources: Resource["sources"] = ["service-api"]
    yield { cell, resource: { ...subjectOf(state), service, attributes: {}, sources, observedAt } }
  }
}

/**
 * The answer.
 *
 * - `summary`: the figures under the policy in question
 * - `against`: those under another one, where one was given: of the same resources
 * - `newlyCompliant`, `newlyViolating`: ARNs that are scored under both policies, and otherwise
 * - `newlyScored`, `noLongerScored`: ARNs that are scored under one of them only
 * - `takenAt`, `coverage`: of the scan
 *
 * @category models
 * @since 0.1.0
 */
export const WhatIfResult = Schema.Struct({
  policyHash: Schema.String,
  summary: Summary,
  takenAt: Schema.String,
  coverage: Coverage.Coverage,
  against: Schema.optionalKey(Schema.Struct({
    policyHash: Schema.String,
    summary: Summary,
    newlyCompliant: Schema.Array(Schema.String),
    newlyViolating: Schema.Array(Schema.String),
    newlyScored: Schema.Array(Schema.String),
    noLongerScored: Schema.Array(Schema.String)
  }))
})
/** @since 0.1.0 */
export type WhatIfResult = typeof WhatIfResult.Type

/**
 * A policy that is ready to judge.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judge {
  readonly policyHash: string
  readonly validator: Pick<Validator, "check">
}

/**
 * Resources that were seen are not at hand: the check was made without them.
 *
 * - `seen`: how many the seen cells held; `given`: how many are there
 *
 * @category errors
 * @since 0.1.0
 */
export class ResourcesMissingError extends Schema.TaggedError<ResourcesMissingError>()("ResourcesMissingError", {
  seen: Schema.Natural,
  given: Schema.Natural
}) {
  override get message(): string {
    return `${this.seen} resources were seen and ${this.given} of them are at hand: make the check with its resources`
  }
}

/**
 * Judges what was seen by one policy, and by another to compare with.
 *
 * The bounds of the score are known only where everything was seen: how much the
 * rest holds is the scan's own knowledge.
 *
 * @category constructors
 * @since 0.1.0
 */
export const judge = Effect.fnUntraced(function*(
  estate: SeenEstate,
  policy: Judge,
  against?: Judge
): Effect.fn.Return<WhatIfResult, ResourcesMissingError> {
  const cells = estate.cells.filter(({ outcome }) => outcome === "scanned")
  const scanned = new Set(cells.map(cellKey))
  const seen = cells.reduce((sum, { resources }) => sum + resources, 0)
  let given = 0
  const folds = [policy, ...against === undefined ? [] : [against]].map(({ validator }) => Aggregate.fold({ validator }))
  const changes = { newlyCompliant: [], newlyViolating: [], newlyScored: [], noLongerScored: [] } as Readonly<Record<Change, Array<string>>>
  for (const fold of folds) {
    if (estate.scope !== undefined) {
      fold.add({ _tag: "ScanStarted", scope: estate.scope, cells: [], startedAt: estate.takenAt })
    }
    for (const result of estate.cells) fold.add({ _tag: "CellEnded", result })
  }
  for (const { cell, resource } of estate.resources) {
    for (const fold of folds) fold.add({ _tag: "ResourcesFound", cell, resources: [resource] })
    if (!scanned.has(cellKey(cell))) continue
    given++
    if (against === undefined) continue
    const change = changeOf(against.validator.check(resource), policy.validator.check(resource))
    if (change !== undefined) changes[change].push(resource.arn)
  }
  if (given !== seen) return yield* new ResourcesMissingError({ seen, given })
  const [now, then] = folds.map((fold) => fold.aggregate())
  return {
    policyHash: policy.policyHash,
    summary: summaryOf(now!),
    takenAt: estate.takenAt,
    coverage: coverageOf(now!),
    ...against === undefined
      ? {}
      : { against: { policyHash: against.policyHash, summary: summaryOf(then!), ...sorted(changes) } }
  }
})

type Change = "newlyCompliant" | "newlyViolating" | "newlyScored" | "noLongerScored"

const changeOf = (before: Verdict, after: Verdict): Change | undefined => {
  const [was, is] = [before, after].map(({ _tag }) => _tag === "Compliant" || _tag === "Checked")
  if (was !== is) return is === true ? "newlyScored" : "noLongerScored"
  if (isCompliant(before) === isCompliant(after)) return undefined
  return isCompliant(after) ? "newlyCompliant" : "newlyViolating"
}

const sorted = (changes: Readonly<Record<Change, ReadonlyArray<string>>>) => ({
  newlyCompliant: changes.newlyCompliant.toSorted(),
  newlyViolating: changes.newlyViolating.toSorted(),
  newlyScored: changes.newlyScored.toSorted(),
  noLongerScored: changes.noLongerScored.toSorted()
})
