/**
 * Of a check of more, the check of some types.
 *
 * @since 0.1.0
 */
import { Aggregate, coverageOf, summaryOf } from "@cadastre/aggregation"
import { type ResourceType, sweptSourceOf } from "@cadastre/model"
import type { Validator } from "@cadastre/policy"
import type { ComplianceResult } from "./ComplianceResult.ts"
import * as WhatIf from "./WhatIf.ts"

/**
 * What a check that was made with its resources says of some of its types. Where not all of them could be seen, nobody
 * knows how much that is: the result has no bounds then.
 *
 * - `validator`: the one of the check, see `ScoreScope.validator`
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  result: ComplianceResult,
  types: ReadonlyArray<ResourceType.ResourceType>,
  validator: Pick<Validator, "check">
): ComplianceResult => {
  const wanted = new Set<string>(types)
  const scope = { ...result.scope, types: result.scope.types.filter((type) => wanted.has(type)) }
  const { cells, resources } = WhatIf.ofResult(result)
  const fold = Aggregate.fold({ validator })
  fold.add({ _tag: "ScanStarted", scope, cells: [], startedAt: result.scanTimestamp })
  for (const cell of cells) {
    if (wanted.has(cell.type) || sweptSourceOf(cell.type) !== undefined) fold.add({ _tag: "CellEnded", result: cell })
  }
  for (const { cell, resource } of resources) {
    if (wanted.has(resource.type)) fold.add({ _tag: "ResourcesFound", cell, resources: [resource] })
  }
  const aggregate = fold.aggregate()
  const coverage = coverageOf(aggregate)
  const { failedRegions, incompleteRegions, skippedRegions, successfulRegions } = coverage
  const { scoreBounds: _, ...rest } = result
  return {
    ...rest,
    ...summaryOf(aggregate),
    scope,
    coverage,
    regionMetadata: { ...rest.regionMetadata, failedRegions, incompleteRegions, skippedRegions, successfulRegions },
    violations: result.violations.filter(({ resourceType }) => wanted.has(resourceType)),
    resources: result.resources.filter(({ type }) => wanted.has(type))
  }
}
