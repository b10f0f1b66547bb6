/**
 * A token bucket whose rate adapts: additive increase, multiplicative decrease.
 *
 * @since 0.1.0
 */

/**
 * Plain state without a clock of its own: every method is told the time, in
 * milliseconds.
 *
 * Over any window of `t` seconds it lets at most `capacity + rate × t` calls
 * pass. A throttle means that others draw from the same bucket at AWS: the
 * rate halves and what was saved is given up. Each success gives back a
 * twentieth of the full rate.
 *
 * @category models
 * @since 0.1.0
 */
export class TokenBucket {
  readonly #capacity: number
  readonly #fullRate: number
  /** Calls per millisecond. */
  #rate: number
  #tokens: number
  #updatedAt: number
  #slowedAt = Number.NEGATIVE_INFINITY

  /** `rate` in calls per second. A bucket starts full. */
  constructor(options: { readonly capacity: number; readonly rate: number; readonly now: number }) {
    this.#capacity = Math.max(1, options.capacity)
    this.#fullRate = options.rate / 1000
    this.#rate = this.#fullRate
    this.#tokens = this.#capacity
    this.#updatedAt = options.now
  }

  /** Takes a token and answers 0, or answers how many milliseconds until there is one. */
  take(now: number): number {
    this.#refill(now)
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.max(1, Math.ceil((1 - this.#tokens) / this.#rate))
  }

  /**
   * A call sent at `sentAt` was throttled. Calls that were under way together
   * tell of one congestion, so they slow the bucket once.
   */
  throttled(now: number, sentAt: number): void {
    if (sentAt < this.#slowedAt) return
    this.#refill(now)
    this.#rate = Math.max(this.#rate / 2, this.#fullRate / 64)
    this.#tokens = Math.min(this.#tokens, 0)
    this.#slowedAt = now
  }

  /** A call passed. */
  succeeded(now: number): void {
    if (this.#rate === this.#fullRate) return
    this.#refill(now)
    this.#rate = Math.min(this.#fullRate, this.#rate + this.#fullRate / 20)
  }

  #refill(now: number): void {
    if (now <= this.#updatedAt) return
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#updatedAt) * this.#rate)
    this.#updatedAt = now
  }
}
