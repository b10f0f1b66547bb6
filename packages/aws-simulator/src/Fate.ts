/**
 * The faults of one call, as they take effect.
 *
 * @since 0.1.0
 */
import type { Fault, FaultOf, FaultType } from "./Fault.ts"
import type { FaultEntry, FaultLog } from "./FaultLog.ts"
import type { Rules, Subject } from "./Rule.ts"

/** What is to befall a call. */
export interface Fate {
  readonly faults: ReadonlyArray<Fault>
  /** The first fault of a kind. */
  readonly has: <T extends FaultType>(type: T) => FaultOf<T> | undefined
  /** Says that a fault has its effect; it is logged once. */
  readonly took: (fault: Fault, effect: FaultEntry["effect"]) => void
}

/** The faults of a call that the rules draw now. */
export const make = (
  { log, now, rules, started }: {
    readonly log: FaultLog
    readonly now: () => number
    readonly rules: ReadonlyArray<Rules>
    readonly started: number
  },
  subject: Subject,
  call: number
): Fate => {
  const at = now() - started
  const faults = rules.flatMap((some) => some.faultsFor(subject, call, at))
  const taken = new Set<Fault>()
  return {
    faults,
    has: <T extends FaultType>(type: T) => faults.find((one): one is FaultOf<T> => one.type === type),
    took: (fault, effect) => {
      if (taken.has(fault)) return
      taken.add(fault)
      log.add({ ...subject, call, at, fault, effect })
    }
  }
}
