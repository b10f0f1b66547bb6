/**
 * Which rate limiter calls go through.
 *
 * @since 0.1.0
 */
import { Pacer } from "@cadastre/client-factory"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/**
 * With `REDIS_URL` the limits are shared by all processes that use that Redis
 * (`RedisPacer` of `@cadastre/redis`); without it they are this process's own,
 * and no Redis client is loaded.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPacer = Layer.unwrap(Effect.gen(function*() {
  const url = yield* Config.option(Config.Redacted("REDIS_URL"))
  if (Option.isNone(url)) return Pacer.layer
  const { RedisPacer } = yield* Effect.promise(() => import("@cadastre/redis"))
  return RedisPacer.layer
}))
