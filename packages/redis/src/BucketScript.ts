/**
 * What Redis does with one bucket, in one step that nothing comes between.
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"

/**
 * Keys: the bucket; the processes that were seen lately.
 *
 * Arguments: what to do, capacity in calls, full rate in calls per millisecond,
 * then
 *
 * - `take`: how many tokens; successes since the last call; whether this process paced itself meanwhile (`1`), so
 *   that what the bucket saved is given up; the process's name
 * - `back`: how many tokens were not used
 * - `throttled`: how many milliseconds ago the call was sent
 *
 * `take` answers tokens granted, milliseconds to wait, whether a token is
 * reserved for then, tokens left, the rate as a part of the full one, and how
 * many processes there are. `throttled` answers the rate.
 *
 * A bucket holds `tokens` at the time `at`, and the part `factor` of the full
 * rate. Whoever finds no token is given the next one that comes: `tokens` goes
 * below zero, and until `due`, when the last such token has come, there is none
 * for others. So those who ask are served in their order, with one round trip
 * each. Nothing is reserved further ahead than a second: it would be lost with
 * a process that ends.
 *
 * Times are Redis's own. When its clock goes back the bucket goes on from
 * there; when it leaps ahead the bucket is full and no more. Every key expires
 * when it says no more than a new one would.
 */
export const bucketScript = `
local op, capacity, full = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local horizon, slowest = 1000, 1 / 64

local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'factor', 'due', 'slowed')
local tokens, at, factor = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
local due, slowed = tonumber(kept[4]), tonumber(kept[5])
if not tokens then tokens, at, factor, due, slowed = capacity, now, 1, 0, 0 end

if now < at then at, due, slowed = now, math.min(due, now), math.min(slowed, now) end
if due > at then
  local reached = math.min(due, now)
  tokens = math.min(0, tokens + (reached - at) * full * factor)
  at = reached
end
tokens = math.min(capacity, tokens + (now - at) * full * factor)

local answer
if op == 'take' then
  local wanted, successes = tonumber(ARGV[4]), tonumber(ARGV[5])
  factor = math.min(1, factor + successes / 20)
  if ARGV[6] == '1' then tokens = math.min(tokens, 0) end
  local granted, wait, reserved = math.min(wanted, math.max(0, math.floor(tokens + 1e-6))), 0, 0
  tokens = tokens - granted
  if granted == 0 then
    wait = math.max((1 - tokens) / (full * factor), due - now + 1 / (full * factor))
    if wait <= horizon then
      tokens = tokens - 1
      due = now + wait
      reserved = 1
    else
      wait = horizon
    end
  end
  redis.call('ZADD', KEYS[2], now, ARGV[7])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
  redis.call('PEXPIRE', KEYS[2], 60000)
  answer = {
    granted, tostring(wait), reserved, tostring(tokens), tostring(factor), redis.call('ZCARD', KEYS[2])
  }
elseif op == 'back' then
  tokens = math.min(capacity, tokens + tonumber(ARGV[4]))
  answer = 0
else
  if now - tonumber(ARGV[4]) >= slowed then
    factor = math.max(factor / 2, slowest)
    tokens = math.min(tokens, 0)
    slowed = now
  end
  answer = tostring(factor)
end

local exact = function(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[1], 'tokens', exact(tokens), 'at', exact(now), 'factor', exact(factor), 'due', exact(due),
  'slowed', exact(slowed))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - tokens) / (full * factor)) + 60000)
return answer
`

/** By which Redis knows the script once it has run it. */
export const bucketScriptSha = createHash("sha1").update(bucketScript).digest("hex")
