/**
 * How many bytes of answers may be in memory that nobody has read yet. Answers
 * come in side by side and are decoded one after the other: without a limit a
 * wide scan holds as many pages of megabytes as it has calls under way.
 *
 * @since 0.1.0
 */

/** Raw answers that are held at once, 8 MiB, and for a moment the one more that is decoded. */
const maxBytes = 8 * 2 ** 20

/** Answers that are let through however much is held: each may be megabytes more. */
const alwaysOpen = 2

/** So often it is looked who of them gets on, in milliseconds. */
const watchMs = 1000

/** Who received less since the last look hangs, or comes in by drops: those that wait must never wait for a connection like that. */
const progressBytes = 16 * 1024

/**
 * An answer on its way in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  readonly pause: () => void
  readonly resume: () => void
  bytes: number
}

/**
 * Pauses connections while too much is held, and resumes them in turn. What is
 * paused waits only for other answers to come in and be decoded, never for
 * somebody who uses them, nor for an answer that does not come in.
 *
 * @category models
 * @since 0.1.0
 */
export class ReadGate {
  #held = 0
  /** Those that are let through, each with what it had received at the last look, if there was one. */
  readonly #open = new Map<Reading, number | undefined>()
  /** Let through as well, but nobody waits for them. */
  readonly #slow = new Map<Reading, number>()
  readonly #paused = new Set<Reading>()
  #watch: NodeJS.Timeout | undefined

  /** Some bytes of an answer are there. */
  received(reading: Reading, bytes: number): void {
    reading.bytes += bytes
    this.#held += bytes
    if (this.#paused.has(reading) || this.#slow.has(reading)) return
    if (!this.#open.has(reading)) this.#open.set(reading, undefined)
    if (this.#held <= maxBytes || this.#open.size <= alwaysOpen) return
    this.#open.delete(reading)
    this.#paused.add(reading)
    reading.pause()
    this.#watch ??= setInterval(() => this.#look(), watchMs).unref()
  }

  /** The answer is whole, and will be decoded before anything else is read from the network; or it failed. */
  ended(reading: Reading): void {
    this.#open.delete(reading)
    this.#paused.delete(reading)
    this.#slow.delete(reading)
    if (reading.bytes === 0) return
    setImmediate(() => {
      this.#held -= reading.bytes
      this.#resume()
    })
  }

  #resume(): void {
    for (const next of this.#paused) {
      if (this.#held > maxBytes && this.#open.size >= alwaysOpen) return
      this.#paused.delete(next)
      this.#open.set(next, undefined)
      next.resume()
    }
    clearInterval(this.#watch)
    this.#watch = undefined
  }

  #look(): void {
    for (const [reading, before] of [...this.#open, ...this.#slow]) {
      const isSlow = before !== undefined && reading.bytes - before < progressBytes
      const [into, from] = isSlow ? [this.#slow, this.#open] : [this.#open, this.#slow]
      from.delete(reading)
      into.set(reading, reading.bytes)
    }
    this.#resume()
  }
}
