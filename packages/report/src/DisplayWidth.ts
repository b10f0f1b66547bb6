/**
 * How many columns of a terminal a text takes.
 *
 * Counted by code point: where a terminal joins several into one shape (flags,
 * skin tones) the text is narrower than this, never wider.
 *
 * @since 0.1.0
 */

const ascii = /^[ -~]*$/u

const combining = /^[\p{Mn}\p{Me}]$/u

/** Hangul written in parts: a vowel joins a first consonant, a last consonant joins a vowel or a whole syllable. */
const leading = /^[\u{1100}-\u{115f}\u{a960}-\u{a97f}]$/u
const vowel = /^[\u{1160}-\u{11a7}\u{d7b0}-\u{d7c6}]$/u
const trailing = /^[\u{11a8}-\u{11ff}\u{d7cb}-\u{d7fb}]$/u
const syllable = /^[\u{ac00}-\u{d7a3}]$/u

const joins = (character: string, previous: string): boolean =>
  vowel.test(character)
    ? leading.test(previous) || vowel.test(previous)
    : trailing.test(character) && (vowel.test(previous) || trailing.test(previous) || syllable.test(previous))

/**
 * East Asian Wide and Fullwidth, and what is drawn as an emoji.
 *
 * @see https://www.unicode.org/reports/tr11/
 */
const wide = new RegExp(
  "^[\\p{Emoji_Presentation}\\u{1100}-\\u{115f}\\u{2329}\\u{232a}\\u{2630}-\\u{2637}\\u{268a}-\\u{268f}" +
    "\\u{2e80}-\\u{303e}\\u{3040}-\\u{a4cf}\\u{a960}-\\u{a97f}\\u{ac00}-\\u{d7a3}\\u{f900}-\\u{faff}" +
    "\\u{fe10}-\\u{fe19}\\u{fe30}-\\u{fe6f}\\u{ff00}-\\u{ff60}\\u{ffe0}-\\u{ffe6}\\u{16fe0}-\\u{18dff}" +
    "\\u{1aff0}-\\u{1b2ff}\\u{1d300}-\\u{1d376}\\u{1f200}-\\u{1f2ff}\\u{20000}-\\u{3fffd}]$",
  "u"
)

const widthOf = (character: string, previous: string): number =>
  ascii.test(character) ? 1 : combining.test(character) || joins(character, previous) ? 0 : wide.test(character) ? 2 : 1

/**
 * Columns that a text without control characters takes.
 *
 * @since 0.1.0
 */
export const displayWidth = (text: string): number => {
  if (ascii.test(text)) return text.length
  let width = 0
  let previous = ""
  for (const character of text) {
    width += widthOf(character, previous)
    previous = character
  }
  return width
}

/** An escape such as `\u{202e}` is cut as a whole: half of one would read as another. */
const pieces = /\\u\{[0-9a-f]+\}|./gsu

/**
 * The text, or as much of it as takes `width` columns together with the `…`
 * that says that it goes on.
 *
 * @since 0.1.0
 */
export const truncate = (text: string, width: number): string => {
  if (text.length <= width && ascii.test(text)) return text
  if (displayWidth(text) <= width) return text
  let kept = ""
  let left = width - 1
  for (const [piece] of text.matchAll(pieces)) {
    left -= displayWidth(piece)
    if (left < 0) break
    kept += piece
  }
  return `${kept}…`
}
