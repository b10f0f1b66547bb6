/**
 * Rate limits that several processes share.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import { Pacer } from "@cadastre/client-factory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { RedisLink } from "./RedisLink.ts"
import { type Crowd, inRedis } from "./RedisTokens.ts"

/**
 * A `Pacer` whose buckets are kept in the Redis of `REDIS_URL`: all processes
 * that use it stay together within `RATE_LIMIT_SHARE`, which should be the same
 * for all. A throttle that one of them meets slows all.
 *
 * While Redis is away a process paces itself, with the share divided by the
 * number of processes that Redis saw last (with all of it if it never was
 * there), warns once, and asks again after 5 s, 10 s, … 60 s.
 *
 * One plain Redis (tested with 7), not a cluster. All keys begin with
 * `cadastre:` and expire by themselves. Fails to build with a `ConfigError`
 * that names the setting when one is wrong.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = Layer.effect(
  Pacer,
  Effect.gen(function*() {
    const crowd: Crowd = { name: randomUUID(), size: 1 }
    const link = yield* (yield* RedisLink).join(() =>
      crowd.size === 1
        ? "This process paces its calls by itself, with all of its share of the limits."
        : `This process paces its calls by itself, with 1/${crowd.size} of its share of the limits.`)
    // No call waits for it later.
    yield* link.settled
    return yield* Pacer.make((size, now) => inRedis(link, crowd, size, now))
  })
).pipe(Layer.provide(RedisLink.layer))
