/**
 * Regular expressions of a policy. Policies are input, so they never reach the
 * built-in engine, which a pattern can keep busy for years: RE2 runs in time
 * linear in the value.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js"
import { BoundedCache } from "./BoundedCache.ts"

/** A compiled pattern. */
export interface LinearRegex {
  readonly pattern: string
  /** Instructions that each character of a value may cost. */
  readonly size: number
  /** Whether the **whole** value matches. */
  readonly matches: (value: string) => boolean
}

const maxLength = 4096

/** RE2 unrolls repetitions; a pattern that grows beyond this is a mistake or an attack. */
const maxSize = 4096

const notLinear = /\(\?(?:<?[=!]|>)|\\[1-9]|\\k[<{']|\(\?P=/u

/** Compiles a pattern; where that is impossible, says why. */
export const compile = (pattern: string): LinearRegex | string => {
  if (pattern.length > maxLength) return `is longer than ${maxLength} characters`
  try {
    const regex = RE2JS.compile(pattern)
    const size = regex.programSize()
    if (size > maxSize) return `grows too large when its repetitions are written out (${size} of ${maxSize} steps)`
    const seen = new BoundedCache<boolean>()
    return {
      pattern,
      size,
      matches: (value) => {
        const known = seen.get(value)
        if (known !== undefined) return known
        const matches = regex.testExact(value)
        seen.set(value, matches)
        return matches
      }
    }
  } catch (cause) {
    if (notLinear.test(pattern)) {
      return "does not compile: look-around, atomic groups and back-references are not allowed in linear-time regexes"
    }
    return cause instanceof RE2JSSyntaxException
      ? `does not compile: ${cause.getDescription()}`
      : `does not compile: ${cause instanceof RE2JSException ? cause.message : "it is nested too deeply"}`
  }
}
