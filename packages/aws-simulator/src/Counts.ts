/**
 * What was asked of the simulator, counted.
 *
 * @since 0.1.0
 */
import type { Subject } from "./Rule.ts"

/**
 * The calls of one operation in one Region of one account.
 *
 * @since 0.1.0
 */
export interface CallCount {
  /** The SigV4 signing name. */
  readonly service: string
  readonly operation: string
  /** The Region that was signed for. */
  readonly region: string
  /** `"unknown"` where the access key is no account's. */
  readonly accountId: string
  readonly calls: number
  /** Refused by a token bucket or a `throttle` rule. */
  readonly throttled: number
  /** Befallen by a rule. */
  readonly faults: number
  /** Answered with an error, throttles included. */
  readonly errors: number
  /** The most that were under way at once. */
  readonly maxInFlight: number
  /** Bytes of answered bodies. */
  readonly bytes: number
}

/** Counters. */
export interface Counts {
  readonly begin: (subject: Subject) => Counter
  readonly all: () => ReadonlyArray<CallCount>
  readonly maxInFlight: () => number
  readonly reset: () => void
}

/** One call's marks. */
interface Counter {
  readonly fault: () => void
  readonly answered: (outcome: { readonly status: number; readonly throttled: boolean; readonly bytes: number }) => void
  readonly end: () => void
}

type Row = { -readonly [K in keyof CallCount]: CallCount[K] } & { inFlight: number }

/** Nothing counted yet. */
export const make = (): Counts => {
  const rows = new Map<string, Row>()
  let inFlight = 0
  let most = 0
  return {
    begin: ({ accountId, operation, region, service }) => {
      const key = `${accountId}/${region}/${service}/${operation}`
      const row = rows.get(key) ?? {
        service,
        operation,
        region,
        accountId,
        calls: 0,
        throttled: 0,
        faults: 0,
        errors: 0,
        maxInFlight: 0,
        bytes: 0,
        inFlight: 0
      }
      rows.set(key, row)
      row.calls++
      row.maxInFlight = Math.max(row.maxInFlight, ++row.inFlight)
      most = Math.max(most, ++inFlight)
      let ended = false
      return {
        fault: () => {
          row.faults++
        },
        answered: ({ bytes, status, throttled }) => {
          row.bytes += bytes
          if (status >= 300) row.errors++
          if (throttled) row.throttled++
        },
        end: () => {
          if (ended) return
          ended = true
          row.inFlight--
          inFlight--
        }
      }
    },
    all: () => [...rows.values()].map(({ inFlight: _, ...row }) => row),
    maxInFlight: () => most,
    reset: () => {
      rows.clear()
      most = inFlight
    }
  }
}
