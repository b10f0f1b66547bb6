/**
 * What the calls of a caller are counted in where the protocol has no sessions:
 * since its revision 2026-07-28 each request stands for itself.
 *
 * @since 0.1.0
 */
import { type Bounds, Session, type TakeShared } from "../Guardrails.ts"
import { publicIdOf } from "./McpSessions.ts"

/**
 * One session for each caller, kept while its bounds remember anything. At most
 * 10,000 of them: beyond, the one that was unused for longest is forgotten.
 *
 * @category models
 * @since 0.1.0
 */
export class CallerSessions {
  readonly #bounds: Bounds
  readonly #takeShared: TakeShared
  /** Who called last comes last. */
  readonly #sessions = new Map<string, Session>()

  /** `takeShared`: where the calls are counted that other servers answer too. */
  constructor(bounds: Bounds, takeShared: TakeShared) {
    this.#bounds = bounds
    this.#takeShared = takeShared
  }

  of(caller: string, principal: string | undefined): Session {
    const session = this.#sessions.get(caller) ?? new Session({
      id: publicIdOf(caller),
      principal,
      bounds: this.#bounds,
      // Who calls from where a server runs is somebody else for every server.
      takeShared: isEverywhere(caller) ? this.#takeShared : undefined
    })
    this.#sessions.delete(caller)
    this.#sessions.set(caller, session)
    if (this.#sessions.size > maxCallers) this.#sessions.delete(this.#sessions.keys().next().value!)
    return session
  }
}

/**
 * Whether all servers know a caller by the same name.
 *
 * @category guards
 * @since 0.1.0
 */
export const isEverywhere = (caller: string): boolean => caller !== "address:loopback"

const maxCallers = 10_000
