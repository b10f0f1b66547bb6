/**
 * Keeps the inventory up to date from the events of a scan, whatever becomes of
 * the store.
 *
 * @since 0.1.0
 */
import type { Location, ScanEvent } from "@cadastre/model"
import * as Effect from "effect/Effect"
import type { StoreError } from "./Database.ts"
import { Inventory } from "./Inventory.ts"

/**
 * Takes the events of one scan. It never fails: a store that is gone is said
 * once, in a warning, and nothing of this scan is written down from there on; what
 * was not seen is never deleted.
 *
 * - `onGone`: says it instead of the warning
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(scan: {
  readonly id: string
  readonly estate: string
  readonly regions?: ReadonlyArray<Location>
  readonly onGone?: (error: StoreError) => Effect.Effect<void>
}): Effect.fn.Return<(event: ScanEvent) => Effect.Effect<void>, never, Inventory> {
  const inventory = yield* Inventory
  const recording = yield* inventory.begin(scan)
  const { onGone = warn } = scan
  let isGone = false
  const attempt = (work: Effect.Effect<unknown, StoreError>): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (isGone) return Effect.void
      return Effect.catch(Effect.asVoid(work), (error) =>
        Effect.suspend(() => {
          if (isGone) return Effect.void
          isGone = true
          return onGone(error)
        }))
    })
  return (event) =>
    event._tag === "ResourcesFound"
      ? attempt(recording.add(event.cell, event.resources))
      : event._tag === "CellEnded"
      ? attempt(recording.end(event.result))
      : Effect.void
})

const warn = ({ message }: StoreError): Effect.Effect<void> =>
  Effect.logWarning(`The inventory is not kept up to date any more by this scan: ${message}`)
