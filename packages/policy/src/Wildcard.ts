/**
 * Patterns in which `*` stands for any run of characters, also none, and every
 * other character for itself.
 *
 * @since 0.1.0
 */

/**
 * Compiles a pattern. The pieces between the stars are looked for from left to
 * right and never again, so that no pattern can make a match slow.
 *
 * @since 0.1.0
 */
export const compile = (pattern: string): (text: string) => boolean => {
  const pieces = pattern.split("*")
  if (pieces.length === 1) return (text) => text === pattern
  const first = pieces[0]!
  const last = pieces[pieces.length - 1]!
  const middle = pieces.slice(1, -1).filter((piece) => piece !== "")
  const shortest = first.length + last.length
  // Most texts fail here: one character is compared before a call is made.
  const lastOfFirst = first.length - 1
  const code = first.charCodeAt(lastOfFirst)
  return (text) => {
    if (first !== "" && text.charCodeAt(lastOfFirst) !== code) return false
    if (text.length < shortest || !text.startsWith(first) || !text.endsWith(last)) return false
    let from = first.length
    for (const piece of middle) {
      const at = text.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return from <= text.length - last.length
  }
}
