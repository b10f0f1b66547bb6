/**
 * What was changed in an estate, and when: what CloudTrail would have logged.
 *
 * @since 0.1.0
 */
import type { EstateResource } from "./EstateResource.ts"

/**
 * One change, in the order in which they were made.
 *
 * - `resource`: as it was after the change; a deleted one as it was before
 * - `at`: milliseconds since 1970
 * - `by`: who made it, where that is not the simulator's own user
 *
 * @since 0.1.0
 */
export interface EstateChange {
  readonly kind: "created" | "deleted" | "tagged"
  readonly resource: EstateResource
  /** As it was before it was tagged anew. */
  readonly before?: EstateResource
  readonly at: number
  readonly by?: Principal
}

/**
 * Who makes a call: a user of IAM, or a session of a role.
 *
 * @since 0.1.0
 */
export type Principal = { readonly user: string } | { readonly role: string; readonly session: string }

/** The changes of one estate. */
export interface EstateHistory {
  readonly add: (
    kind: EstateChange["kind"],
    resource: EstateResource,
    more?: { readonly before?: EstateResource | undefined; readonly by?: Principal | undefined }
  ) => void
  readonly now: () => number
  readonly all: () => ReadonlyArray<EstateChange>
  /** Later changes are dated by this clock, that of the simulator which serves the estate (default `Date.now`). */
  readonly useClock: (now: () => number) => void
}

/** A history without changes. */
export const make = (): EstateHistory => {
  const changes: Array<EstateChange> = []
  let clock: () => number = Date.now
  return {
    add: (kind, resource, { before, by } = {}) =>
      void changes.push({
        kind,
        resource,
        ...(before === undefined ? {} : { before }),
        at: clock(),
        ...(by === undefined ? {} : { by })
      }),
    now: () => clock(),
    all: () => changes,
    useClock: (now) => {
      clock = now
    }
  }
}
