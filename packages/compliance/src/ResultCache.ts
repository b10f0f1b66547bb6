/**
 * Where results of checks are kept for a while.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import { AttributeCipher } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { schemaVersion } from "./CacheKey.ts"
import * as CacheTexts from "./CacheTexts.ts"
import { ComplianceResult } from "./ComplianceResult.ts"

/** A result and when it was seen, milliseconds since the epoch. */
interface Entry {
  readonly seenAt: number
  readonly result: ComplianceResult
}

/**
 * How long results, and cells, are good for, seconds:
 * `COMPLIANCE_CACHE_TTL_SECONDS`, 3600 by default, 60 to 86400.
 *
 * @category configuration
 * @since 0.1.0
 */
export const cacheTtlSeconds = Setting.number("COMPLIANCE_CACHE_TTL_SECONDS", 3600, { minimum: 60, maximum: 86_400 })

/** In memory, the latest: so many, and so many resources, violations and cells in all of them. */
const mostEntries = 100
const mostItems = 500_000

/** As a text, a result with more would be too long anyway, and too long in the making. */
const mostItemsWritten = 100_000

/**
 * Results by cache key. A cache that cannot be read or written is a cache
 * without the entry: it warns and never fails what it is there to speed up.
 *
 * It keeps what it is given: that only complete results are given to it is for
 * `Compliance` to see to. A result is as old as its oldest part: its
 * `ageSeconds` when it is put there count.
 *
 * @category services
 * @since 0.1.0
 */
export class ResultCache extends Context.Service<ResultCache, {
  /** The entry and its age in seconds, unless there is none or it is too old. */
  readonly get: (
    key: string
  ) => Effect.Effect<Option.Option<{ readonly result: ComplianceResult; readonly ageSeconds: number }>>
  readonly set: (key: string, result: ComplianceResult) => Effect.Effect<void>
  /** Forgets the entries whose key begins with `prefix`; all of them for the empty one. */
  readonly invalidate: (prefix: string) => Effect.Effect<void>
}>()("@cadastre/compliance/ResultCache") {
  /**
   * In this process's memory: the 100 latest entries, with 500,000 resources,
   * violations and cells in all of them. One that has more by itself is not kept.
   */
  static readonly layerMemory = Layer.effect(
    ResultCache,
    Effect.gen(function*() {
      const ttlSeconds = yield* cacheTtlSeconds
      const entries = new Map<string, Entry>()
      let items = 0
      const forget = (key: string): void => {
        const entry = entries.get(key)
        if (entry === undefined) return
        items -= itemsIn(entry.result)
        entries.delete(key)
      }
      return ResultCache.of({
        get: (key) => Effect.map(Clock.currentTimeMillis, (now) => fresh(entries.get(key), now, ttlSeconds)),
        set: (key, result) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            forget(key)
            if (itemsIn(result) > mostItems) return
            entries.set(key, entryOf(result, now))
            items += itemsIn(result)
            for (const oldest of entries.keys()) {
              if (entries.size <= mostEntries && items <= mostItems) break
              forget(oldest)
            }
          }),
        invalidate: (prefix) =>
          Effect.sync(() => {
            for (const key of entries.keys()) if (key.startsWith(prefix)) forget(key)
          })
      })
    })
  )

  /** Files in `directory`: see `CacheTexts.files`. */
  static readonly layerFiles = (directory: string) => ResultCache.layerTexts(CacheTexts.files(directory))

  /**
   * Wherever texts can be kept. Results with more than 100,000 resources and
   * violations are not. Attributes that are encrypted in the database, see
   * `AttributeCipher`, are here as well.
   */
  static readonly layerTexts = <E, R>(open: Effect.Effect<CacheTexts.CacheTexts, E, R>) =>
    Layer.effect(
      ResultCache,
      Effect.gen(function*() {
        const ttlSeconds = yield* cacheTtlSeconds
        const cipher = yield* AttributeCipher.AttributeCipher
        const texts = yield* open

        const read = Effect.fnUntraced(function*(key: string) {
          const text = yield* texts.read(key)
          if (text === undefined) return undefined
          const stored = yield* decodeStored(text)
          // Somebody has put it in the place of another.
          if (stored.key !== key) return undefined
          const resources = yield* Effect.forEach(stored.result.resources, cipher.open)
          return { seenAt: stored.seenAt, result: { ...stored.result, resources } }
        })

        const write = Effect.fnUntraced(function*(key: string, { result, seenAt }: Entry) {
          if (itemsIn(result) > mostItemsWritten) return
          const stored: typeof Stored.Type = {
            schemaVersion,
            key,
            seenAt,
            result: { ...result, resources: result.resources.map(cipher.seal) }
          }
          yield* texts.write(key, JSON.stringify(stored), ttlSeconds)
        })

        return ResultCache.of({
          get: (key) =>
            read(key).pipe(
              Effect.catch((error) => warn("read", error)),
              Effect.flatMap((entry) =>
                Effect.map(Clock.currentTimeMillis, (now) => fresh(entry ?? undefined, now, ttlSeconds))
              )
            ),
          set: (key, result) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => write(key, entryOf(result, now))).pipe(
              Effect.catch((error) => warn("written", error))
            ),
          invalidate: (prefix) => texts.forget(prefix).pipe(Effect.catch((error) => warn("cleared", error)))
        })
      })
    )
}

const Stored = Schema.Struct({
  schemaVersion: Schema.Literal(schemaVersion),
  key: Schema.String,
  seenAt: Schema.Natural,
  result: Schema.Struct({ ...ComplianceResult.fields, resources: Schema.Array(AttributeCipher.StoredResource) })
})
const decodeStored = Schema.decodeEffect(Schema.fromJsonString(Stored))

const itemsIn = ({ coverage, resources, violations }: ComplianceResult): number =>
  1 + coverage.table.length + resources.length + violations.length

const entryOf = (result: ComplianceResult, now: number): Entry => ({
  seenAt: Math.max(0, now - result.ageSeconds * 1000),
  result
})

const fresh = (entry: Entry | undefined, now: number, ttlSeconds: number) => {
  if (entry === undefined) return Option.none()
  const ageSeconds = Math.floor((now - entry.seenAt) / 1000)
  return ageSeconds < 0 || ageSeconds >= ttlSeconds ? Option.none() : Option.some({ result: entry.result, ageSeconds })
}

const warn = (what: string, error: { readonly message: string }) =>
  Effect.logWarning(`The result cache could not be ${what}; going on without it: ${error.message}`)
