/**
 * Sessions that have ended before their time.
 *
 * @since 0.1.0
 */
import type { FaultOf } from "./Fault.ts"
import type { Subject } from "./Rule.ts"

type Expired = FaultOf<"expired">

/** Which credentials are no longer good. */
export interface ExpiredSessions {
  /**
   * The fault by which these credentials have expired, if they have. `fault` befalls the call; one that lasts until
   * credentials are refreshed takes the first credentials of an account (or of an operation in a place) that it meets,
   * and those for good.
   */
  readonly of: (fault: Expired | undefined, call: Subject, credentials: string) => Expired | undefined
}

/** Where credentials that fell have ended. */
const reachOf = ({ where }: Expired, { accountId, operation, region, service }: Subject): string =>
  where === "operation" ? `${accountId}/${region}/${service}/${operation}` : accountId

/** None yet. `isActive` says whether the rule of a fault is still in force. */
export const make = (isActive: (fault: Expired) => boolean): ExpiredSessions => {
  const victims = new Map<Expired, Map<string, string>>()
  return {
    of: (fault, call, credentials) => {
      if (fault !== undefined && fault.until === undefined) return fault
      if (fault !== undefined) {
        const fallen = victims.get(fault) ?? new Map<string, string>()
        victims.set(fault, fallen)
        const reach = reachOf(fault, call)
        if (!fallen.has(reach)) fallen.set(reach, credentials)
      }
      for (const [known, fallen] of victims) {
        if (!isActive(known)) victims.delete(known)
        else if (fallen.get(reachOf(known, call)) === credentials) return known
      }
      return undefined
    }
  }
}
