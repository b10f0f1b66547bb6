/**
 * What is remembered of a scan while it runs: the inventory, and a snapshot where one is asked for.
 *
 * @since 0.1.0
 */
import { type ResourceState, type SnapshotKey, stateOf, Summary } from "@cadastre/aggregation"
import type { Coverage, ScanEvent } from "@cadastre/model"
import type { Validator } from "@cadastre/policy"
import type { ScanPlan } from "@cadastre/scanner-core"
import { Inventory, InventoryRecorder } from "@cadastre/store"
import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Struct from "effect/Struct"
import type { ComplianceResult } from "./ComplianceResult.ts"
import { EstateMemory, type Memory } from "./EstateMemory.ts"
import * as WhatIf from "./WhatIf.ts"

/**
 * - `add`: takes every event of the scan, once
 * - `append`: takes what the policy said of the resources; only where a snapshot was asked for
 * - `finish`: stores the snapshot and answers what a result says of it; nothing where none was asked for
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanRecording {
  readonly add: (event: ScanEvent) => Effect.Effect<void>
  readonly append: (states: ReadonlyArray<ResourceState>) => Effect.Effect<void>
  readonly finish: (result: {
    readonly takenAt: string
    readonly summary: Summary
    readonly coverage: Coverage.Coverage
  }) => Effect.Effect<Stored | undefined>
}

/**
 * What a result says of the snapshot that was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export type Stored =
  | { readonly storedInHistory: true; readonly snapshotId: string }
  | { readonly storedInHistory: false; readonly notStored: string }

/**
 * Begins to remember a scan. Nothing here fails, and whatever becomes of the
 * store is said once, in a warning: the scan has what it saw.
 *
 * A quick scan leaves the inventory as it is, for it asks for less of each
 * resource than is there already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = Effect.fnUntraced(function*(
  memory: Memory,
  plan: Pick<ScanPlan, "key" | "mode" | "narrowed" | "scope">,
  key?: SnapshotKey
): Effect.fn.Return<ScanRecording, never, Scope.Scope> {
  if (memory._tag !== "Open") {
    if (key !== undefined) yield* sayThereIsNone(memory)
    return {
      add: () => Effect.void,
      append: () => Effect.void,
      finish: () => Effect.succeed(key === undefined ? undefined : nowhere(memory))
    }
  }
  let isSaid = false
  const say = (what: string, { message }: { readonly message: string }): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (isSaid) return Effect.void
      isSaid = true
      return Effect.logWarning(`${what}: ${message}`)
    })
  const add = plan.mode === "quick" || memory.keepsInventory === false
    ? () => Effect.void
    : yield* InventoryRecorder.make({
      id: randomUUID(),
      estate: plan.key.estate,
      ...plan.narrowed ? { regions: plan.scope.regions } : {},
      onGone: (error) =>
        say(
          key === undefined ? "The inventory is not kept up to date any more by this scan" : "What this scan sees is not remembered any more",
          error
        )
    }).pipe(Effect.provideService(Inventory, memory.inventory))
  if (key === undefined) return { add, append: () => Effect.void, finish: () => Effect.undefined }
  const writer = yield* memory.snapshots.begin(key)
  return {
    add,
    append: writer.append,
    finish: (result) =>
      writer.finish(result).pipe(
        Effect.map(storedAs),
        Effect.catch((error) => Effect.as(say("The snapshot is not stored", error), notStoredFor(error)))
      )
  }
})

/** One that cannot be opened has said so when that was tried. */
const sayThereIsNone = ({ _tag }: Memory): Effect.Effect<void> =>
  _tag === "None" ? Effect.logWarning("The snapshot is not stored: no store is set up") : Effect.void

const storedAs = ({ id }: { readonly id: string }): Stored => ({ storedInHistory: true, snapshotId: id })

const notStoredFor = ({ message }: { readonly message: string }): Stored => ({ storedInHistory: false, notStored: message })

const nowhere = (memory: Exclude<Memory, { _tag: "Open" }>): Stored =>
  notStoredFor({ message: memory._tag === "None" ? "no store is set up" : memory.problem })

/**
 * Stores a check that was made with its resources, once it is over, and answers what a result says of it. That it
 * is not stored is said in a warning too.
 *
 * - `validator`: the one of the check, see `ScoreScope.validator`
 *
 * @category combinators
 * @since 0.1.0
 */
export const store = Effect.fnUntraced(function*(
  memory: Memory,
  key: SnapshotKey,
  result: ComplianceResult,
  validator: Pick<Validator, "check">
): Effect.fn.Return<Stored, never, Scope.Scope> {
  if (memory._tag !== "Open") return yield* Effect.as(sayThereIsNone(memory), nowhere(memory))
  const writer = yield* memory.snapshots.begin(key)
  let page: Array<ResourceState> = []
  for (const { cell, resource } of WhatIf.ofResult(result).resources) {
    page.push(stateOf(cell, resource, validator.check(resource)))
    if (page.length < pageSize) continue
    yield* writer.append(page)
    page = []
  }
  yield* writer.append(page)
  const { coverage, scanTimestamp: takenAt } = result
  return yield* writer.finish({ takenAt, summary: summaryIn(result), coverage }).pipe(
    Effect.map(storedAs),
    Effect.catch((error) => Effect.as(Effect.logWarning(`The snapshot is not stored: ${error.message}`), notStoredFor(error)))
  )
}, Effect.scoped)

const pageSize = 1000

/**
 * The figures of a result, and nothing else of it.
 *
 * @category getters
 * @since 0.1.0
 */
export const summaryIn = (result: ComplianceResult): Summary =>
  Struct.pick(result, Struct.keys(Summary.fields).filter((name) => Object.hasOwn(result, name)))

/**
 * The recording of a scan that nobody judges, in the memory at hand.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofScan = Effect.fnUntraced(function*(
  plan: Pick<ScanPlan, "key" | "mode" | "narrowed" | "scope">
): Effect.fn.Return<ScanRecording["add"], never, Scope.Scope> {
  const { add } = yield* begin(yield* EstateMemory, plan)
  return add
})

/**
 * A cached result as the answer to a request; nothing where the request wants a
 * snapshot and that scan is not in the history.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofCached = Effect.fnUntraced(function*(
  memory: Memory,
  { notStored: _, snapshotId, ...result }: ComplianceResult,
  storeSnapshot = false
): Effect.fn.Return<ComplianceResult | undefined> {
  const plain = { ...result, storedInHistory: false }
  if (!storeSnapshot) return plain
  // Another scan could not be stored either.
  if (memory._tag !== "Open") return yield* Effect.as(sayThereIsNone(memory), { ...plain, ...nowhere(memory) })
  if (snapshotId === undefined) return undefined
  // Another machine may have stored it, in another store.
  const known = yield* Effect.option(memory.snapshots.find(snapshotId))
  return Option.isSome(known) ? { ...result, storedInHistory: true, snapshotId } : undefined
})
