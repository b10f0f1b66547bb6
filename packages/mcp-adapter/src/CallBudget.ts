/**
 * How many calls a session may make: an assistant that has lost its way costs
 * so much and no more.
 *
 * @since 0.1.0
 */

/**
 * At most `limit` calls in a window of `windowMs`, which begins with the first
 * of them; then a new one begins.
 *
 * @category models
 * @since 0.1.0
 */
export class CallBudget {
  readonly limit: number
  readonly windowMs: number
  #used = 0
  #endsAt = Number.NEGATIVE_INFINITY

  constructor(limit: number, windowMs: number) {
    this.limit = limit
    this.windowMs = windowMs
  }

  /**
   * Takes one call at `now`, milliseconds. What is returned is how long to wait
   * for the next window, when there is none left; the refused call takes nothing.
   */
  take(now: number): number | undefined {
    if (now >= this.#endsAt) {
      this.#used = 0
      this.#endsAt = now + this.windowMs
    }
    if (this.#used >= this.limit) return this.#endsAt - now
    this.#used++
    return undefined
  }
}
