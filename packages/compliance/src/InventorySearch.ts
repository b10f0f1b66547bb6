/**
 * What is there, as the last scans saw it: no call to AWS is made.
 *
 * @since 0.1.0
 */
import { Cell, Resource } from "@cadastre/model"
import type { CipherError, InventoryQuery, StoreError } from "@cadastre/store"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"

/**
 * What to look for, see `InventoryQuery`.
 *
 * - `estate`: where AWS is, as in `JournalKey`; by default the first of `InventoryResult.estates`
 *
 * @category models
 * @since 0.1.0
 */
export interface InventoryRequest extends Omit<InventoryQuery, "estate"> {
  readonly estate?: string
}

/**
 * One resource.
 *
 * - `cell`: where it was found; `firstSeen`, `lastSeen`: ISO 8601, UTC
 *
 * @category models
 * @since 0.1.0
 */
export const InventoryEntry = Schema.Struct({
  resource: Resource,
  cell: Cell,
  firstSeen: Schema.String,
  lastSeen: Schema.String
})

/**
 * A page of the inventory, by ARN.
 *
 * - `estate`: absent where nothing was ever scanned
 * - `estates`: all that something is known of: AWS itself first, then stand-ins, and last what was narrowed to tags
 * - `next`: leads to the page after it, and is absent on the last
 *
 * @category models
 * @since 0.1.0
 */
export const InventoryResult = Schema.Struct({
  estate: Schema.optionalKey(Schema.String),
  estates: Schema.Array(Schema.String),
  resources: Schema.Array(InventoryEntry),
  next: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type InventoryResult = typeof InventoryResult.Type

/**
 * Searches the inventory.
 *
 * @category constructors
 * @since 0.1.0
 */
export const search = Effect.fnUntraced(function*(
  memory: Memory,
  request: InventoryRequest
): Effect.fn.Return<InventoryResult, NoMemoryError | StoreError | CipherError> {
  const { inventory } = yield* EstateMemory.opened(memory)
  const estates = (yield* inventory.estates).toSorted((a, b) => rankOf(a) - rankOf(b))
  const estate = request.estate ?? estates[0]
  if (estate === undefined) return { estates, resources: [] }
  const { items, next } = yield* inventory.search({ ...request, estate })
  return {
    estate,
    estates,
    resources: items.map(({ cell, firstSeen, lastSeen, resource }) => ({
      resource,
      cell,
      firstSeen: timeOf(firstSeen),
      lastSeen: timeOf(lastSeen)
    })),
    ...(next === undefined ? {} : { next })
  }
})

const rankOf = (estate: string): number => estate.includes("?tags=") ? 2 : estate.includes("://") ? 1 : 0

const timeOf = (epoch: number): string => DateTime.formatIso(DateTime.makeUnsafe(epoch))
