/**
 * AWS's token buckets.
 *
 * @since 0.1.0
 */
import { rateLimitOf } from "@cadastre/model"

/**
 * `"off"`; `"aws"` for the published limits; or these times a factor.
 *
 * @since 0.1.0
 */
export type Throttling = "off" | "aws" | number

/** Takes a token for a call; `false` when there is none. */
export type Throttle = (call: {
  readonly accountId: string
  readonly region: string
  readonly service: string
  readonly operation: string
  readonly unpaginated: boolean
}) => boolean

/** Full buckets. `now` counts milliseconds and never goes back. */
export const make = (throttling: Throttling, now: () => number): Throttle => {
  if (throttling === "off") return () => true
  const factor = throttling === "aws" ? 1 : throttling
  const buckets = new Map<string, { tokens: number; at: number }>()
  return ({ accountId, operation, region, service, unpaginated }) => {
    const limit = rateLimitOf(service, operation, { unpaginated })
    const capacity = limit.capacity * factor
    const key = `${accountId}/${region}/${service}/${limit.bucket}`
    const at = now()
    const bucket = buckets.get(key) ?? { tokens: capacity, at }
    buckets.set(key, bucket)
    bucket.tokens = Math.min(capacity, bucket.tokens + ((at - bucket.at) / 1000) * limit.refillPerSecond * factor)
    bucket.at = at
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
