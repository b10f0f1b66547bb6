/**
 * Comma-separated values as RFC 4180 has them, for spreadsheets that are opened
 * by people.
 *
 * @since 0.1.0
 */
import { visible } from "./Untrusted.ts"

/** What spreadsheets take for the beginning of a formula, also after blanks and in its wide forms. */
const formula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u

/**
 * One field. A text that a spreadsheet would calculate begins with `'`; what is
 * invisible is shown as {@link visible} shows it, so that a record is one line.
 */
const field = (text: string): string => {
  const plain = visible(text)
  const guarded = formula.test(plain) ? `'${plain}` : plain
  return /[",]|^\s|\s$/u.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/**
 * One record, its line end included.
 *
 * @since 0.1.0
 */
export const record = (fields: ReadonlyArray<string>): string => `${fields.map(field).join(",")}\r\n`
