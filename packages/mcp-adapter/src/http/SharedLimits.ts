/**
 * Limits that hold for all servers behind one address together.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { publicIdOf } from "./McpSessions.ts"

/**
 * Each takes one, and answers how long to wait, milliseconds, where there is
 * none left; `undefined` where there was one, and where nothing is shared, for
 * then the server's own limits are all there is.
 *
 * - `request`: of a caller's requests: as many a minute on average, and at once
 * - `call`: of so many calls in a window, which begins with the first of them
 *
 * @category models
 * @since 0.1.0
 */
export interface SharedLimits {
  readonly request: (caller: string, perMinute: number) => Effect.Effect<number | undefined>
  readonly call: (session: string, limit: number, windowMs: number) => Effect.Effect<number | undefined>
}

/** Nothing is shared. */
const none: SharedLimits = { request: () => Effect.undefined, call: () => Effect.undefined }

/**
 * In the Redis of `REDIS_URL`; nothing is shared where that is not set. While Redis is
 * away the server's own limits hold, and the connection says so once. In Redis a
 * caller is known by a digest, and nothing of them outlasts its window.
 *
 * - `memoMap`: the server's, which has one connection for all that use Redis
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  memoMap: Layer.MemoMap
): Effect.fn.Return<SharedLimits, Config.ConfigError, Scope.Scope> {
  if (Option.isNone(yield* Config.option(Config.Redacted("REDIS_URL")))) return none
  const { RedisLink } = yield* Effect.promise(() => import("@cadastre/redis"))
  const scope = yield* Effect.scope
  const context = yield* Layer.buildWithMemoMap(RedisLink.layer, memoMap, scope)
  const { send } = yield* Effect.provideContext(
    Effect.flatMap(RedisLink, ({ join }) => join(() => "Each server limits its callers by itself.")),
    context
  )
  const waitOf = (script: string, key: string, args: ReadonlyArray<number>): Effect.Effect<number | undefined> =>
    send(["EVAL", script, "1", `cadastre:limit:${key}`, ...args.map(String)]).pipe(
      Effect.map((answer) => typeof answer === "number" && answer >= 0 ? answer : undefined),
      Effect.catch(({ message }) => Effect.as(Effect.logError(`Redis does not count calls: ${message}`), undefined))
    )
  return {
    request: (caller, perMinute) => waitOf(rateScript, `requests:${publicIdOf(caller)}`, [perMinute]),
    call: (session, limit, windowMs) => waitOf(windowScript, `calls:${session}`, [limit, windowMs])
  }
})

/** At most so many in a window: the time until the next one begins, or -1. */
const windowScript = `
local used = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
if used <= tonumber(ARGV[1]) then return -1 end
redis.call('DECR', KEYS[1])
return left`

/**
 * A token bucket that is known by the time at which it will be full again: the
 * time until the next token comes, or -1. Times are Redis's own.
 */
const rateScript = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local each = 60000 / tonumber(ARGV[1])
local full = math.min(now + 60000, math.max(now, tonumber(redis.call('GET', KEYS[1])) or now))
local over = full + each - now - 60000
if over > 0.001 then return math.ceil(over) end
redis.call('SET', KEYS[1], string.format('%.17g', full + each), 'PX', math.ceil(full + each - now))
return -1`
