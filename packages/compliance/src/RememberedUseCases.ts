/**
 * The use-cases that ask what was seen before, over the store and the one scan that all share.
 *
 * @since 0.1.0
 */
import { policyHash, type TagPolicy } from "@cadastre/policy"
import type { Scan, ScanPlan, ScanPlanError, ScanRequest } from "@cadastre/scanner-core"
import type { ResourceState, SnapshotKey, SnapshotSummary } from "@cadastre/aggregation"
import type { SnapshotError, StoreError } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CheckOptions } from "./Compliance.ts"
import type { ComplianceResult } from "./ComplianceResult.ts"
import * as Drift from "./Drift.ts"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"
import * as History from "./History.ts"
import * as InventorySearch from "./InventorySearch.ts"
import type { MultiRegionScanError } from "./MultiRegionScanError.ts"
import type { Includable } from "./ScoreScope.ts"
import * as SnapshotComparison from "./SnapshotComparison.ts"
import * as SnapshotName from "./SnapshotName.ts"
import * as SnapshotScope from "./SnapshotScope.ts"
import * as WhatIf from "./WhatIf.ts"

/**
 * What they are made of.
 *
 * - `scanNow`: a check by a plan that uses nothing that was seen before, and tells what the policy says of the resources as
 *   they are found
 */
interface Parts {
  readonly memory: Memory
  readonly scan: Pick<Scan["Service"], "plan">
  readonly scanNow: (
    plan: ScanPlan,
    request: Drift.DriftRequest,
    options: CheckOptions,
    onStates: (states: ReadonlyArray<ResourceState>) => void
  ) => Effect.Effect<ComplianceResult, MultiRegionScanError>
}

/** The scope and the policy of a check. */
export interface LatestRequest extends ScanRequest {
  readonly policy: TagPolicy
  readonly include?: ReadonlyArray<Includable>
}

/** What a question about the memory may fail with. */
export type MemoryError = NoMemoryError | StoreError | SnapshotError

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ memory, scan, scanNow }: Parts) => {
  const history = Effect.fn("Compliance.history")(function*(
    request: History.HistoryRequest
  ): Effect.fn.Return<History.HistoryResult, ScanPlanError | MemoryError> {
    return yield* History.tell(memory, request, Effect.map(scan.plan(request), (plan) => keyOf(plan, request)))
  })

  const drift = Effect.fn("Compliance.drift")(function*(
    request: Drift.DriftRequest,
    options: CheckOptions = {}
  ): Effect.fn.Return<Drift.DriftResult, ScanPlanError | MultiRegionScanError | MemoryError> {
    yield* EstateMemory.opened(memory)
    const plan = yield* scan.plan(request)
    return yield* Drift.detect(memory, request, plan, keyOf(plan, request), (onStates) =>
      scanNow(plan, request, options, onStates))
  })

  const diff = Effect.fn("Compliance.diff")((request: SnapshotComparison.DiffRequest) =>
    SnapshotComparison.compare(memory, request)
  )

  const inventory = Effect.fn("Compliance.inventory")((request: InventorySearch.InventoryRequest) =>
    InventorySearch.search(memory, request)
  )

  const findSnapshot = Effect.fn("Compliance.findSnapshot")((name: string, beside?: string) =>
    SnapshotName.find(memory, name, beside)
  )

  const latestSnapshot = Effect.fn("Compliance.latestSnapshot")(function*(
    request: LatestRequest
  ): Effect.fn.Return<SnapshotSummary | undefined, ScanPlanError | MemoryError> {
    const { snapshots } = yield* EstateMemory.opened(memory)
    const [latest] = yield* snapshots.list({ ...keyOf(yield* scan.plan(request), request), limit: 1 })
    return latest
  })

  /** What a snapshot holds. */
  const seenIn = Effect.fnUntraced(function*(id: string): Effect.fn.Return<WhatIf.SeenEstate, MemoryError> {
    const { snapshots } = yield* EstateMemory.opened(memory)
    const { takenAt } = yield* snapshots.find(id)
    const { cells } = yield* snapshots.details(id)
    return WhatIf.ofStates(yield* Stream.runCollect(snapshots.states(id)), { cells, takenAt })
  })

  return { diff, drift, findSnapshot, history, inventory, latestSnapshot, seenIn }
}

/**
 * The key of the snapshots of a plan and a policy.
 *
 * @category constructors
 * @since 0.1.0
 */
export const keyOf = (
  plan: ScanPlan,
  request: Pick<ScanRequest, "explorerView"> & { readonly policy: TagPolicy; readonly include?: ReadonlyArray<Includable> }
): SnapshotKey => ({ scope: SnapshotScope.textOf(plan, request), policyHash: policyHash(request.policy) })
