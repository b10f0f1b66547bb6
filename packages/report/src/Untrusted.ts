/**
 * Text that comes from AWS: names, tags, messages. Whoever may tag a resource
 * writes into the reader's terminal and report, so nothing of it is shown that
 * could move the cursor, turn the line around or hide.
 *
 * @since 0.1.0
 */

/**
 * Controls (C0, C1, DEL), format characters (bidi marks, embeddings, overrides and isolates, zero-width characters,
 * U+E0001–7F tags), line and paragraph separators, lone surrogates, and the rest of what has no shape of its own
 * (fillers, variation selectors).
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** So that nobody can write what an escape looks like. */
const fakes = /\\(?=u\{)/gu

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/** Most text is plain. */
const plain = /^[ -[\]-~]*$/u

/**
 * The text in one line with everything that is invisible, or that acts on the
 * terminal or on the order of the letters, shown as `\u{…}`. No two texts look
 * the same for what is hidden in them.
 *
 * @since 0.1.0
 */
export const visible = (text: string): string =>
  plain.test(text) ? text : text.replace(fakes, escaped).replace(hidden, escaped)

/**
 * The text as a Markdown code span, which may stand in a table: no markup,
 * link, HTML or entity in it is one.
 *
 * @since 0.1.0
 */
export const code = (text: string): string =>
  text === ""
    ? "(empty)"
    // `<` could not do anything in a code span, but not every reader of Markdown knows where code begins.
    // A backslash before `\|` would undo the escape, a blank at the end is dropped.
    : `\`${visible(text).replace(/[`<]|\\(?=\|)|^ | $/gu, escaped).replaceAll("|", "\\|")}\``

/**
 * JSON text with what {@link visible} escapes as `\uXXXX`, which parses to the
 * same value. `JSON.stringify` leaves C1 controls and bidi overrides as they are.
 *
 * @since 0.1.0
 */
export const json = (text: string): string =>
  /[^\n -~]/u.test(text) ? text.replace(hidden, (character) => character === "\n" ? character : units(character)) : text

const units = (character: string): string => {
  let escapes = ""
  for (let index = 0; index < character.length; index++) {
    escapes += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`
  }
  return escapes
}
