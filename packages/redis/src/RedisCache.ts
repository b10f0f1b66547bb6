/**
 * Texts that several processes share for a while.
 *
 * @since 0.1.0
 */
import { deflateRaw, inflateRaw } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { RedisLink, RedisRefused } from "./RedisLink.ts"

/** Compressed, as it is in Redis; longer ones would hold up the calls that are paced over the same connection. */
const mostBytes = 4 * 2 ** 20
/** As a text. Whatever grows to more is none of ours. */
const mostTextBytes = 96 * 2 ** 20

/** So many at a time, for the same reason. */
const atOnce = 4

/** What every value of this form begins with. */
const mark = Buffer.from("cad1")

/**
 * Texts by key, in the Redis of `REDIS_URL`: the store of `ResultCache.layerTexts`
 * and `CellCaches.layerTexts` of `@cadastre/compliance`. `kind` tells the texts
 * of one use from those of another.
 *
 * They are compressed, and Redis forgets them by itself when their time is over.
 * Texts of more than 4 MiB when compressed are not kept. Whatever else is under
 * a key is not read: at most 4 MiB are taken, and they grow to 96 MiB at most.
 *
 * While Redis is away nothing is there and nothing is kept, and the link says so
 * once. What Redis refuses fails with `RedisRefused`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const texts = Effect.fnUntraced(function*(kind: string) {
  const link = yield* (yield* RedisLink).join(() => "Nothing is cached in it.")
  const turn = yield* Semaphore.make(atOnce)
  const prefix = `cadastre:cache:${kind}:`

  const read = (key: string): Effect.Effect<string | undefined, RedisRefused> =>
    link.send(["GETRANGE", `${prefix}${key}`, "0", `${mostBytes}`]).pipe(
      Effect.flatMap((value) => {
        if (!Buffer.isBuffer(value) || value.length === 0 || value.length > mostBytes) return Effect.undefined
        return value.subarray(0, mark.length).equals(mark)
          ? inflated(value.subarray(mark.length))
          : Effect.fail(new RedisRefused({ message: `the value of ${prefix}${key} is not one of ours` }))
      }),
      (work) => turn.withPermit(work)
    )

  const write = (key: string, text: string, ttlSeconds: number): Effect.Effect<void, RedisRefused> =>
    Effect.flatMap(deflated(text), (body) =>
      body.length + mark.length > mostBytes
        ? Effect.void
        : link.send(["SET", `${prefix}${key}`, Buffer.concat([mark, body]), "EX", `${Math.max(1, Math.ceil(ttlSeconds))}`])
    ).pipe(Effect.asVoid, (work) => turn.withPermit(work))

  /** Looks through the keys bit by bit: `KEYS` would keep everybody waiting. */
  const forget = Effect.fnUntraced(function*(begins: string): Effect.fn.Return<void, RedisRefused> {
    const pattern = `${prefix}${begins}`.replaceAll(/[\\*?[\]^]/gu, "\\$&")
    let cursor = "0"
    do {
      const found: unknown = yield* link.send(["SCAN", cursor, "MATCH", `${pattern}*`, "COUNT", "500"])
      if (!Array.isArray(found)) return
      const [next, keys] = found as ReadonlyArray<unknown>
      const ours = Array.isArray(keys) ? keys.filter((key: unknown) => Buffer.isBuffer(key)) : []
      if (ours.length > 0) yield* link.send(["UNLINK", ...ours])
      cursor = Buffer.isBuffer(next) ? next.toString("latin1") : "0"
    } while (cursor !== "0")
  })

  return { read, write, forget }
})

const deflated = (text: string): Effect.Effect<Buffer> =>
  Effect.callback((resume) => {
    deflateRaw(text, { level: 1 }, (error, bytes) => resume(error === null ? Effect.succeed(bytes) : Effect.die(error)))
  })

const inflated = (bytes: Uint8Array): Effect.Effect<string, RedisRefused> =>
  Effect.callback((resume) => {
    inflateRaw(bytes, { maxOutputLength: mostTextBytes }, (error, text) =>
      resume(
        error === null
          ? Effect.succeed(text.toString("utf8"))
          : Effect.fail(new RedisRefused({ message: `a value is not what was written: ${error.message}` }))
      ))
  })
