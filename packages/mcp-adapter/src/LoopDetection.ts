/**
 * Calls that repeat: an assistant that asks the same again and again has not
 * understood the answer, and the next one would be the same.
 *
 * @since 0.1.0
 */
import { hash } from "node:crypto"

/**
 * At most `limit` identical calls within any `windowMs`. Calls are identical
 * when tool and arguments are, whatever the order of their keys.
 *
 * @category models
 * @since 0.1.0
 */
export class LoopDetection {
  readonly limit: number
  readonly windowMs: number
  /** When each call was made, by its digest; those that were made last come last. */
  readonly #calls = new Map<string, Array<number>>()

  constructor(limit: number, windowMs: number) {
    this.limit = limit
    this.windowMs = windowMs
  }

  /**
   * Takes a call at `now`, milliseconds. What is returned is how long to wait
   * until it may be made again, when it was made too often; refused calls do not count.
   */
  take(tool: string, args: unknown, now: number): number | undefined {
    const key = digestOf(tool, args)
    const recent = this.#calls.get(key) ?? []
    const first = recent.findIndex((at) => at > now - this.windowMs)
    recent.splice(0, first < 0 ? recent.length : first)
    if (recent.length >= this.limit) return recent[0]! + this.windowMs - now
    recent.push(now)
    this.#calls.delete(key)
    this.#calls.set(key, recent)
    this.#forget(now)
    return undefined
  }

  /** Sessions may last for days: what is over is forgotten, and no session keeps more than so many. */
  #forget(now: number): void {
    for (const [key, calls] of this.#calls) {
      if (this.#calls.size <= maxCalls && calls.at(-1)! > now - this.windowMs) return
      this.#calls.delete(key)
    }
  }
}

const maxCalls = 10_000

const digestOf = (tool: string, args: unknown): string =>
  hash("sha256", JSON.stringify([tool, sorted(args)]), "base64")

const sorted = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1)
  // An object is no list of pairs.
  return { entries: entries.map(([key, inner]) => [key, sorted(inner)]) }
}
