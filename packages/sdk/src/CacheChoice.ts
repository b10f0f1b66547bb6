/**
 * Where results and cells are kept for a while.
 *
 * @since 0.1.0
 */
import { CellCaches, ResultCache } from "@cadastre/compliance"
import { AttributeCipher } from "@cadastre/store"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/**
 * In this process's memory.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = Layer.mergeAll(ResultCache.layerMemory, CellCaches.layerMemory)

/**
 * In files under `directory`, readable by their owner alone.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFiles = (directory: string) =>
  Layer.mergeAll(ResultCache.layerFiles(directory), CellCaches.layerFiles(`${directory}/cells`)).pipe(
    Layer.provide(AttributeCipher.layer)
  )

/**
 * With `REDIS_URL` in that Redis, for all processes that use it; without it what
 * `embedded` says, and no Redis client is loaded.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerShared = <E, R>(
  embedded: Layer.Layer<ResultCache, E, R>
): Layer.Layer<ResultCache, E | Config.ConfigError, R> =>
  Layer.unwrap(Effect.gen(function*(): Effect.fn.Return<Layer.Layer<ResultCache, E | Config.ConfigError, R>, Config.ConfigError> {
    const url = yield* Config.option(Config.Redacted("REDIS_URL"))
    if (Option.isNone(url)) return embedded
    const { RedisCache, RedisLink } = yield* Effect.promise(() => import("@cadastre/redis"))
    return Layer.mergeAll(
      ResultCache.layerTexts(RedisCache.texts("result")),
      CellCaches.layerTexts(RedisCache.texts("cell"))
    ).pipe(Layer.provide([RedisLink.layer, AttributeCipher.layer]))
  }))
