/**
 * What went wrong with which call, so that a test can tell what its outcome must be.
 *
 * @since 0.1.0
 */
import type { Fault } from "./Fault.ts"
import type { Subject } from "./Rule.ts"

/**
 * One fault that took effect on one call.
 *
 * - `call`: the number of the call among those of its account × Region × service × operation, from 1 on
 * - `at`: milliseconds of the simulator's clock since its start
 * - `effect`: `delayed` and the answer came later; `altered` and it is well-formed, but differs from the plain one;
 *   `refused` and it is an error of the service; `broken` and there is no answer that can be read. Of several entries
 *   for one call the last that is not `delayed` decided.
 *
 * @since 0.1.0
 */
export interface FaultEntry extends Subject {
  readonly call: number
  readonly at: number
  readonly fault: Fault
  readonly effect: "delayed" | "altered" | "refused" | "broken"
}

/** The log of the latest faults. */
export interface FaultLog {
  readonly add: (entry: FaultEntry) => void
  readonly all: () => ReadonlyArray<FaultEntry>
  readonly clear: () => void
}

/** Enough for any test; a demonstration that runs for days must not grow for ever. */
const most = 100_000

/** An empty log. */
export const make = (): FaultLog => {
  let entries: Array<FaultEntry> = []
  return {
    add: (entry) => {
      // Cut seldom: a shift for each entry would be a copy for each.
      if (entries.length >= 2 * most) entries = entries.slice(most)
      entries.push(entry)
    },
    all: () => entries.slice(-most),
    clear: () => {
      entries = []
    }
  }
}
