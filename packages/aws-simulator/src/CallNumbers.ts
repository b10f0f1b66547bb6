/**
 * The number of a call among those of its account × Region × service × operation.
 *
 * @since 0.1.0
 */
import type { Subject } from "./Rule.ts"

/** Counts from 1 on, each operation in each place by itself. */
export interface CallNumbers {
  readonly next: (subject: Subject) => number
  readonly restart: () => void
}

/** Nothing counted yet. */
export const make = (): CallNumbers => {
  const seen = new Map<string, number>()
  return {
    next: ({ accountId, operation, region, service }) => {
      const key = `${accountId}/${region}/${service}/${operation}`
      const number = (seen.get(key) ?? 0) + 1
      seen.set(key, number)
      return number
    },
    restart: () => seen.clear()
  }
}
