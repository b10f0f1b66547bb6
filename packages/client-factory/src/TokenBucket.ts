/**
 * A token bucket whose rate adapts: additive increase, multiplicative decrease.
 *
 * @since 0.1.0
 */

/**
 * Plain state without a clock of its own: every method is told the time, in
 * milliseconds of a clock that does not jump.
 *
 * Over any window of `t` seconds it lets at most `capacity + rate × t` calls
 * pass; a capacity below one lets one call through, at the same rate. A
 * throttle means that others draw from the same bucket at AWS: the rate halves
 * and what was saved is given up. Each success gives back a twentieth of the
 * full rate.
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

  /** `rate` in calls per second. A bucket starts full unless told otherwise. */
  constructor(options: {
    readonly capacity: number
    readonly rate: number
    readonly now: number
    readonly empty?: boolean
  }) {
    this.#capacity = Math.max(1, options.capacity)
    this.#fullRate = options.rate / 1000
    this.#rate = this.#fullRate
    this.#tokens = options.empty === true ? 0 : this.#capacity
    this.#updatedAt = options.now
  }

  /** Calls per second that pass at present. */
  get rate(): number {
    return this.#rate * 1000
  }

  /** Takes a token and answers 0, or answers how many milliseconds until there is one. */
  take(now: number): number {
    const wait = this.wait(now)
    if (wait === 0) this.#tokens -= 1
    return wait
  }

  /** How many milliseconds until there are `count` tokens; 0 when there are. It may ask for more than fit in. */
  wait(now: number, count = 1): number {
    this.#refill(now)
    return this.#tokens >= count ? 0 : Math.max(1, Math.ceil((count - this.#tokens) / this.#rate))
  }

  /** Puts back tokens that were taken and not used. */
  giveBack(now: number, count = 1): void {
    this.#refill(now)
    this.#tokens = Math.min(this.#capacity, this.#tokens + count)
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
