/**
 * How large an answer may be.
 *
 * @since 0.1.0
 */

/**
 * Bytes of one answer as JSON, about 20,000 tokens: what an assistant can take
 * in along with everything else that it has to remember.
 *
 * @category constants
 * @since 0.1.0
 */
export const answerBytes = 80_000

/**
 * The size of a value as JSON, bytes.
 *
 * @category getters
 * @since 0.1.0
 */
export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/**
 * As many of the first items as fit in so many bytes of JSON.
 *
 * @category combinators
 * @since 0.1.0
 */
export const within = <A>(items: ReadonlyArray<A>, bytes: number): ReadonlyArray<A> => {
  let left = bytes
  const end = items.findIndex((item) => (left -= sizeOf(item) + 1) < 0)
  return end < 0 ? items : items.slice(0, end)
}

/**
 * The text, cut after `maxLength` characters; never in the middle of one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const clipped = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text
  const end = /[\uD800-\uDBFF]/u.test(text[maxLength - 1] ?? "") ? maxLength - 1 : maxLength
  return `${text.slice(0, end)}…`
}

/**
 * As many of the first lines as fit in `maxLength` characters: Markdown that is
 * cut elsewhere can mean something else.
 *
 * @category combinators
 * @since 0.1.0
 */
export const firstLines = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : `${text.slice(0, Math.max(0, text.lastIndexOf("\n", maxLength)))}\n…`

/**
 * The same answer for the same value, without making it again: a result of the cache is told of again and again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remembered = <A extends object, B>(make: (of: A, bytes: number) => B): (of: A, bytes: number) => B => {
  const known = new WeakMap<A, Map<number, B>>()
  return (of, bytes) => {
    const sizes = known.get(of) ?? new Map<number, B>()
    known.set(of, sizes)
    const one = sizes.get(bytes) ?? make(of, bytes)
    // What is of no bounded size is written once.
    if (Number.isFinite(bytes)) sizes.set(bytes, one)
    return one
  }
}
