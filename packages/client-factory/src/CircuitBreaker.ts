/**
 * Stops calling what does not answer: a service that refuses, a Region that is
 * dead, a session that is over.
 *
 * @since 0.1.0
 */
import type { AwsError } from "@cadastre/model"
import * as Context from "effect/Context"
import type { PacedCall } from "./Pacer.ts"

/**
 * The circuit breakers of one piece of work, usually one scan.
 *
 * - `refusal`: why a call need not be made, if so; `isRepeat` where the same call has just failed
 * - `ended`: what became of a call, its retries included; without an error it was answered
 *
 * @category models
 * @since 0.1.0
 */
export interface CircuitBreakers {
  readonly refusal: (call: PacedCall, now: number, isRepeat?: boolean) => AwsError | undefined
  readonly ended: (call: PacedCall, error: AwsError | undefined, now: number) => void
}

/**
 * The breakers that calls go by; by default there are none, and every call is made.
 *
 * @category services
 * @since 0.1.0
 */
export class CircuitBreaker extends Context.Reference<CircuitBreakers | undefined>(
  "@cadastre/client-factory/CircuitBreaker",
  { defaultValue: () => undefined }
) {}

/** Of one account, Region, service or operation: how often in a row it has failed, and since when it is left alone. */
interface Circuit {
  /** Whether it ever failed. */
  failed: boolean
  failures: number
  /** What failed one level below, where that is what counts. */
  readonly parts: Set<string>
  answered: boolean
  openedAt: number | undefined
  error: AwsError | undefined
}

/**
 * Breakers, all closed. A circuit opens when nothing behind it was answered and
 *
 * - one operation was denied 20 times (once for the tagging API, whose permission is not bound to
 *   resources): policies of single resources may deny a few
 * - a service of an account and Region did not answer 3 calls, or refused the credentials 3 times
 * - 3 services of an account and Region are in that state: the Region is off or dead
 * - 3 calls of an account and Region failed because the session is over
 *
 * An answer closes the circuits that it went through. One that opened because
 * nothing answered lets a call through every 10 s, to see. And an operation is
 * never refused for what became of others before it was asked itself, once: a
 * service may answer where three others do not. Only the end of a session is
 * the same for all of a Region; other Regions are asked themselves.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeCircuitBreakers = (): CircuitBreakers => {
  const circuits = new Map<string, Circuit>()
  const circuitOf = (key: string): Circuit => {
    const known = circuits.get(key)
    if (known !== undefined) return known
    const made: Circuit = { failed: false, failures: 0, parts: new Set(), answered: false, openedAt: undefined, error: undefined }
    circuits.set(key, made)
    return made
  }

  return {
    refusal: (call, now, isRepeat = false) => {
      const keys = keysOf(call)
      const isNew = !isRepeat && circuits.get(keys[3])?.failed !== true
      for (const key of keys) {
        const circuit = circuits.get(key)
        if (circuit?.openedAt === undefined || circuit.error === undefined) continue
        if (isNew && circuit.error.reason._tag !== "ExpiredToken") continue
        if (isPassing(circuit.error) && now - circuit.openedAt >= probeAfterMs) {
          // One call goes through; the others wait for what becomes of it.
          circuit.openedAt = now
          return undefined
        }
        return circuit.error
      }
      return undefined
    },
    ended: (call, error, now) => {
      const [account, region, service, operation] = keysOf(call)
      if (error !== undefined) circuitOf(operation).failed = true
      const answered = (key: string): void => {
        const circuit = circuitOf(key)
        circuit.answered = true
        circuit.failures = 0
        circuit.parts.clear()
        circuit.openedAt = undefined
      }
      const failed = (key: string, error: AwsError, most: number, part?: string): boolean => {
        const circuit = circuitOf(key)
        circuit.failures++
        if (part !== undefined) circuit.parts.add(part)
        const count = part === undefined ? circuit.failures : circuit.parts.size
        // Whoever was let in before is refused for what was asked, not for who asks.
        const opens = count >= most && !(circuit.answered && !isPassing(error))
        if (opens || circuit.openedAt !== undefined) {
          circuit.openedAt = now
          circuit.error = error
        }
        return circuit.openedAt !== undefined
      }
      if (error === undefined) return [account, region, service, operation].forEach(answered)
      switch (error.reason._tag) {
        case "ExpiredToken":
          failed(region, error, 3)
          return
        case "InvalidCredentials":
        case "RegionDisabled":
        case "Network":
        case "TimedOut":
          if (failed(service, error, 3)) failed(region, error, 3, call.service)
          return
        case "AccessDenied":
          failed(operation, error, call.service === "tagging" ? 1 : 20)
          break
        default:
          break
      }
      // It answered, if only to refuse this: it is there.
      ;[account, region, service].forEach(answered)
    }
  }
}

const probeAfterMs = 10_000

/** Account, Region, service and operation: from the widest to the narrowest. */
const keysOf = (
  { accountId, operation, region, service }: PacedCall
): readonly [account: string, region: string, service: string, operation: string] => [
  accountId,
  `${accountId}/${region}`,
  `${accountId}/${region}/${service}`,
  `${accountId}/${region}/${service}/${operation}`
]

/** What may be over in a moment. */
const isPassing = ({ reason }: AwsError): boolean => reason._tag === "Network" || reason._tag === "TimedOut"
