/**
 * How many bytes of answers may be in memory that nobody has read yet. Answers
 * come in side by side and are decoded one after the other: without a limit a
 * wide scan holds as many pages of megabytes as it has calls under way.
 *
 * @since 0.1.0
 */

/** Raw answers that are held at once, 8 MiB, and for a moment the one more that is decoded. */
const maxBytes = 8 * 2 ** 20

/** Answers that are always let through, however much is held: those that wait must never wait for a connection that hangs. */
const alwaysOpen = 4

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
 * somebody who uses them.
 *
 * @category models
 * @since 0.1.0
 */
export class ReadGate {
  #held = 0
  readonly #open = new Set<Reading>()
  readonly #paused = new Set<Reading>()

  /** Some bytes of an answer are there. */
  received(reading: Reading, bytes: number): void {
    reading.bytes += bytes
    this.#held += bytes
    if (this.#paused.has(reading)) return
    this.#open.add(reading)
    if (this.#held <= maxBytes || this.#open.size <= alwaysOpen) return
    this.#open.delete(reading)
    this.#paused.add(reading)
    reading.pause()
  }

  /** The answer is whole, and will be decoded before anything else is read from the network; or it failed. */
  ended(reading: Reading): void {
    this.#open.delete(reading)
    this.#paused.delete(reading)
    if (reading.bytes === 0) return
    setImmediate(() => {
      this.#held -= reading.bytes
      for (const next of this.#paused) {
        if (this.#held > maxBytes && this.#open.size >= alwaysOpen) return
        this.#paused.delete(next)
        this.#open.add(next)
        next.resume()
      }
    })
  }
}
