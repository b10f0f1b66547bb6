/**
 * A clock of AWS's that differs from the caller's.
 *
 * @since 0.1.0
 */
import type { Request } from "./Protocol.ts"

const compact = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/gu, "")

/** Signatures are good for five minutes either way. */
const tolerance = 5 * 60_000

/**
 * What is wrong with the time that a request was signed with, or `undefined` when AWS's clock, which is `seconds`
 * ahead of this machine's, agrees with it. The `Date` of the answer tells the caller how late it is there; the text is
 * the one that services of the query and JSON protocols send (aws/aws-sdk-js#527, #2565).
 */
export const judge = (
  request: Request,
  seconds: number
): { readonly date: string; readonly message: string } | undefined => {
  const [, day = "", time = ""] = /^(\d{8})T(\d{6})Z$/u.exec(String(request.headers["x-amz-date"] ?? "")) ?? []
  const signed = Date.parse(
    `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`
  )
  const there = Date.now() + seconds * 1000
  if (Math.abs(there - signed) <= tolerance) return undefined
  const late = Number.isNaN(signed) || signed < there
  const limit = late ? there - tolerance : there + tolerance
  return {
    date: new Date(there).toUTCString(),
    message: `Signature ${late ? "expired" : "not yet current"}: ${day}T${time}Z is ` +
      `${late ? "now earlier" : "still later"} than ${compact(limit)} (${compact(there)} ${late ? "-" : "+"} 5 min.)`
  }
}
