/**
 * What was found out about a text, kept for the next time: tag keys and values
 * repeat a lot. Starts afresh when full, so that hostile input costs time but
 * never memory; long texts, which seldom repeat, are not kept.
 */
export class BoundedCache<A> {
  readonly #known = new Map<string, A>()

  get(text: string): A | undefined {
    return this.#known.get(text)
  }

  set(text: string, value: A): void {
    if (text.length > maxTextLength) return
    if (this.#known.size >= maxEntries) this.#known.clear()
    this.#known.set(text, value)
  }
}

const maxEntries = 8192
const maxTextLength = 512
