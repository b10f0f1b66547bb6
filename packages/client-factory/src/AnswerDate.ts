/**
 * Dates as AWS's services write them, and as stand-ins do that mix them up.
 *
 * @since 0.1.0
 */

/** RFC 3339, without an offset as well, which is in UTC then. */
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/u
/** As HTTP writes dates. */
const http = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/u
/** Seconds since the epoch. */
const epoch = /^\d{9,10}(?:\.\d+)?$/u

/**
 * Reads a date in any of the formats that AWS has; `undefined` for what is none.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (text: string): Date | undefined => {
  const trimmed = text.trim()
  const [, day, time, offset = "Z"] = iso.exec(trimmed) ?? []
  const at = day !== undefined
    ? Date.parse(`${day}T${time}${offset}`)
    : http.test(trimmed)
    ? Date.parse(trimmed)
    : epoch.test(trimmed)
    ? Number(trimmed) * 1000
    : Number.NaN
  // @effect-diagnostics-next-line globalDate:off -- the SDK's answers hold dates
  return Number.isNaN(at) ? undefined : new Date(at)
}
