/**
 * How fast one caller may ask.
 *
 * @since 0.1.0
 */

/**
 * A token bucket for each caller: `perMinute` on average, and as many at once
 * when nothing was asked for a minute.
 *
 * @category models
 * @since 0.1.0
 */
export class RequestRate {
  readonly perMinute: number
  /** Who called last comes last. */
  readonly #buckets = new Map<string, { readonly left: number; readonly at: number }>()

  constructor(perMinute: number) {
    this.perMinute = perMinute
  }

  /**
   * Takes one request of a caller at `now`, milliseconds. What is returned is how
   * long to wait, milliseconds, when there is none left; the refused one takes nothing.
   */
  take(caller: string, now: number): number | undefined {
    const perMs = this.perMinute / 60_000
    const { at, left } = this.#buckets.get(caller) ?? { left: this.perMinute, at: now }
    const filled = Math.min(this.perMinute, left + Math.max(0, now - at) * perMs)
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { left: filled >= 1 ? filled - 1 : filled, at: now })
    // A bucket that is forgotten is full again: of so many callers, the one that was quiet for longest.
    if (this.#buckets.size > maxCallers) this.#buckets.delete(this.#buckets.keys().next().value!)
    return filled >= 1 ? undefined : (1 - filled) / perMs
  }
}

const maxCallers = 10_000
