/**
 * Keeps the inventory up to date from the events of a scan, whatever becomes of
 * the store.
 *
 * @since 0.1.0
 */
import type { CellResult, Location, ScanEvent } from "@cadastre/model"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StoreError } from "./Database.ts"
import { Inventory, type InventoryPage } from "./Inventory.ts"

/**
 * Takes the events of one scan. They are written down some at a time, the last of them when the scope closes. It never
 * fails: a store that is gone is said
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
}): Effect.fn.Return<(event: ScanEvent) => Effect.Effect<void>, never, Inventory | Scope.Scope> {
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
  let pages: Array<InventoryPage> = []
  let ended: Array<CellResult> = []
  let waiting = 0
  const flush = Effect.suspend(() => {
    const [found, results] = [pages, ended]
    pages = []
    ended = []
    waiting = 0
    // A cell that has ended is complete only with all of its pages.
    return attempt(Effect.andThen(recording.add(...found), Effect.forEach(results, recording.end, { discard: true })))
  })
  yield* Effect.addFinalizer(() => flush)
  return (event) =>
    Effect.suspend(() => {
      if (isGone) return Effect.void
      if (event._tag === "ResourcesFound") {
        pages.push(event)
        waiting += event.resources.length
      } else if (event._tag === "CellEnded") {
        ended.push(event.result)
        waiting++
      }
      return waiting < mostWaiting ? Effect.void : flush
    })
})

/** Resources and ends of cells that wait to be written down, about a megabyte of them. */
const mostWaiting = 1000

const warn = ({ message }: StoreError): Effect.Effect<void> =>
  Effect.logWarning(`The inventory is not kept up to date any more by this scan: ${message}`)
