/**
 * What the calls of a caller are counted in where the protocol has no sessions:
 * since its revision 2026-07-28 each request stands for itself.
 *
 * @since 0.1.0
 */
import { type Bounds, Session } from "../Guardrails.ts"
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
  /** Who called last comes last. */
  readonly #sessions = new Map<string, Session>()

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  of(caller: string, principal: string | undefined): Session {
    const session = this.#sessions.get(caller) ??
      new Session({ id: publicIdOf(caller), principal, bounds: this.#bounds })
    this.#sessions.delete(caller)
    this.#sessions.set(caller, session)
    if (this.#sessions.size > maxCallers) this.#sessions.delete(this.#sessions.keys().next().value!)
    return session
  }
}

const maxCallers = 10_000
