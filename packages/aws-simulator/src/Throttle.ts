/**
 * AWS's token buckets.
 *
 * @since 0.1.0
 */
import { rateLimitOf } from "@cadastre/model"
import type { Subject } from "./Rule.ts"

/** `"off"`; `"aws"` for the published limits; or these times a factor. */
type Scale = "off" | "aws" | number

/**
 * `"off"`; `"aws"` for the published limits; these times a factor; or one of these for each place: a function, or a
 * record by account id, Region or SigV4 signing name, or several of them joined by `/`
 * (`"111122223333/eu-west-1/ec2"`). The most exact name counts; `"*"` is for all that have none (default `"aws"`).
 *
 * @since 0.1.0
 */
export type Throttling = Scale | Readonly<Record<string, Scale>> | ((place: Subject) => Scale)

/** Takes a token for a call; `false` when there is none. */
export type Throttle = (call: Subject & { readonly unpaginated: boolean }) => boolean

const check = (scale: Scale, where: string): Scale => {
  if (scale === "off" || scale === "aws" || (typeof scale === "number" && scale >= 0)) return scale
  throw new RangeError(`throttling${where} is "off", "aws" or a factor from 0 on, not ${String(scale)}`)
}

const scaleOf = (throttling: Throttling): (place: Subject) => Scale => {
  if (typeof throttling === "function") return throttling
  if (typeof throttling !== "object") {
    const scale = check(throttling, "")
    return () => scale
  }
  const named = Object.entries(throttling)
    .filter(([name]) => name !== "*")
    .map(([name, scale]) => ({ parts: name.split("/"), scale: check(scale, ` of ${name}`) }))
    .toSorted((a, b) => b.parts.length - a.parts.length)
  const others = check(Object.hasOwn(throttling, "*") ? throttling["*"]! : "aws", " of *")
  return ({ accountId, region, service }) => {
    const isPart = (part: string) => part === accountId || part === region || part === service
    return named.find(({ parts }) => parts.every(isPart))?.scale ?? others
  }
}

/** Full buckets. `now` counts milliseconds and never goes back. Fails with `RangeError` for what is no scale. */
export const make = (throttling: Throttling, now: () => number): Throttle => {
  if (throttling === "off") return () => true
  const scale = scaleOf(throttling)
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (call) => {
    const { accountId, operation, region, service, unpaginated } = call
    const scaled = scale(call)
    if (scaled === "off") return true
    const factor = scaled === "aws" ? 1 : scaled
    const limit = rateLimitOf(service, operation, { unpaginated })
    // A bucket that holds less than one token would never give any: a small factor is a slow refill, 0 is none.
    const capacity = factor === 0 ? 0 : Math.max(1, limit.capacity * factor)
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
