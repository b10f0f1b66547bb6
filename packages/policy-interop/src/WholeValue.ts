/**
 * Regular expressions that match whole values, and the wildcards among them.
 */

/** The same pattern with `^` and `$`, for engines that look for a part of the value. Applied again, it changes nothing. */
export const anchored = (pattern: string): string => {
  const { bar, quoting } = outline(pattern)
  // What \Q begins would quote the closing bracket as well.
  const closed = quoting ? `${pattern}\\E` : pattern
  return pattern.startsWith("^") && !quoting && !bar && endsWithDollar(pattern) ? pattern : `^(?:${closed})$`
}

const endsWithDollar = (pattern: string): boolean => /(?<!\\)(?:\\\\)*\$$/u.test(pattern)

/**
 * - `bar`: a `|` stands outside all groups and classes, so that `^` and `$` belong to one side of it only
 * - `quoting`: a `\Q` is without its `\E`
 */
const outline = (pattern: string): { readonly bar: boolean; readonly quoting: boolean } => {
  let depth = 0
  let bar = false
  // Where the class begins whose end is looked for; a ] right after it is one of its characters.
  let inClass = -1
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === "\\") {
      if (pattern[at + 1] === "Q" && inClass < 0) {
        const end = pattern.indexOf("\\E", at + 2)
        if (end < 0) return { bar, quoting: true }
        at = end
      }
      at++
    } else if (inClass >= 0) {
      if (char === "]" && at > inClass) inClass = -1
    } else if (char === "[") inClass = pattern[at + 1] === "^" ? at + 2 : at + 1
    else if (char === "(") depth++
    else if (char === ")") depth--
    else if (char === "|" && depth === 0) bar = true
  }
  return { bar, quoting: false }
}

/** Texts with at most one `*` each, which stands for anything, as one pattern. */
export const ofWildcards = (values: ReadonlyArray<string>): string =>
  `^(?:${values.map((value) => value.split("*").map(escape).join(".*")).join("|")})$`

/** The texts that `ofWildcards` made a pattern of; `undefined` for any other pattern. */
export const wildcardsOf = (pattern: string): ReadonlyArray<string> | undefined => {
  const inner = /^\^\(\?:(.+)\)\$$/su.exec(pattern)?.[1]
  if (inner === undefined) return undefined
  const values: Array<string> = []
  let value = ""
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at]!
    if (char === "\\") value += inner[++at] ?? ""
    else if (char === "|") {
      values.push(value)
      value = ""
    } else if (inner.startsWith(".*", at)) {
      value += "*"
      at++
    } else if (special.test(char)) return undefined
    else value += char
  }
  values.push(value)
  // Only what would be written the same way again is what it looks like.
  return ofWildcards(values) === pattern && values.every((one) => one.split("*").length <= 2) ? values : undefined
}

const special = /[\\^$.*+?()[\]{}|]/u

/** A text as a pattern that matches only it. */
export const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")
