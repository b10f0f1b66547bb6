/**
 * How many calls may be under way at once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * A bounded number of seats, given to those who wait in the order in which they
 * came. One who does not wait gets none while others do.
 *
 * A seat belongs to a call from before it asks for it, so that the rate limiter
 * can take the seat together with the token: a call that had its token first
 * and then waited for a seat would go out later than its token says, and many
 * of them in one burst.
 *
 * @category models
 * @since 0.1.0
 */
export class InFlight {
  readonly size: number
  #free: number
  readonly #waiting = new Set<Seat>()

  constructor(size: number) {
    this.size = size
    this.#free = size
  }

  /** A seat that is not taken yet. */
  seat(): Seat {
    return new Seat(this)
  }

  /** @internal */
  tryTake(): boolean {
    if (this.#free === 0 || this.#waiting.size > 0) return false
    this.#free--
    return true
  }

  /** @internal */
  wait(seat: Seat): void {
    this.#waiting.add(seat)
  }

  /** @internal */
  leave(seat: Seat): void {
    this.#waiting.delete(seat)
  }

  /** Hands a seat on. @internal */
  pass(): Seat | undefined {
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      return next
    }
    this.#free++
    return undefined
  }
}

/**
 * One call's seat.
 *
 * @category models
 * @since 0.1.0
 */
export class Seat {
  readonly of: InFlight
  #held = false
  #resume: ((effect: Effect.Effect<void>) => void) | undefined

  constructor(of: InFlight) {
    this.of = of
  }

  get held(): boolean {
    return this.#held
  }

  /** Takes the seat if one is free. */
  tryTake(): boolean {
    if (!this.#held) this.#held = this.of.tryTake()
    return this.#held
  }

  /** Takes the seat as soon as one is free; at once where it is taken already. */
  readonly take: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.tryTake()) return resume(Effect.void)
    this.#resume = resume
    this.of.wait(this)
    return Effect.sync(() => {
      this.#resume = undefined
      this.of.leave(this)
    })
  })

  /** Frees the seat; does nothing where it is not taken. */
  readonly release: Effect.Effect<void> = Effect.withFiber((fiber) => {
    if (!this.#held) return Effect.void
    this.#held = false
    const next = this.of.pass()
    if (next !== undefined) {
      next.#held = true
      const resume = next.#resume
      next.#resume = undefined
      // Not inside of this fiber: a chain of such hand-overs would end in a stack overflow.
      fiber.currentDispatcher.scheduleTask(() => resume?.(Effect.void), 0)
    }
    return Effect.void
  })
}
