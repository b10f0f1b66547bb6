/**
 * Where results of checks are kept for a while.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { ComplianceResult } from "./ComplianceResult.ts"

/** A result and when it was put there, milliseconds since the epoch. */
const Entry = Schema.Struct({ storedAt: Schema.Natural, result: ComplianceResult })
type Entry = typeof Entry.Type

/**
 * How long a result is good for, seconds: `COMPLIANCE_CACHE_TTL_SECONDS`, 3600
 * by default, 60 to 86400.
 *
 * @category configuration
 * @since 0.1.0
 */
export const cacheTtlSeconds = Setting.number("COMPLIANCE_CACHE_TTL_SECONDS", 3600, { minimum: 60, maximum: 86_400 })

/**
 * Results by cache key. A cache that cannot be read or written is a cache
 * without the entry: it warns and never fails what it is there to speed up.
 *
 * It keeps what it is given: that only complete results are given to it is for
 * `Compliance` to see to.
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
  /** In this process's memory, the 100 latest entries. */
  static readonly layerMemory = Layer.effect(
    ResultCache,
    Effect.gen(function*() {
      const ttlSeconds = yield* cacheTtlSeconds
      const entries = new Map<string, Entry>()
      return ResultCache.of({
        get: (key) => Effect.map(Clock.currentTimeMillis, (now) => fresh(entries.get(key), now, ttlSeconds)),
        set: (key, result) =>
          Effect.map(Clock.currentTimeMillis, (storedAt) => {
            entries.delete(key)
            entries.set(key, { storedAt, result })
            for (const oldest of entries.keys()) {
              if (entries.size <= 100) break
              entries.delete(oldest)
            }
          }),
        invalidate: (prefix) =>
          Effect.sync(() => {
            for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key)
          })
      })
    })
  )

  /**
   * Files in `directory`, readable by their owner alone (directory 0700, files
   * 0600), replaced whole so that a reader never sees half of one.
   */
  static readonly layerFiles = (directory: string) =>
    Layer.effect(
      ResultCache,
      Effect.gen(function*() {
        const ttlSeconds = yield* cacheTtlSeconds
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const fileOf = (key: string) => path.join(directory, `${key}.json`)
        let drafts = 0

        const read = Effect.fnUntraced(function*(key: string) {
          const file = fileOf(key)
          if (!(yield* fs.exists(file))) return undefined
          return yield* Schema.decodeEffect(EntryJson)(yield* fs.readFileString(file))
        })

        const write = Effect.fnUntraced(function*(key: string, entry: Entry) {
          yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
          const draft = `${fileOf(key)}.${process.pid}.${drafts++}.tmp`
          yield* fs.writeFileString(draft, yield* Schema.encodeEffect(EntryJson)(entry), { mode: 0o600 }).pipe(
            Effect.andThen(fs.rename(draft, fileOf(key))),
            Effect.onError(() => Effect.ignore(fs.remove(draft)))
          )
        })

        const forget = Effect.fnUntraced(function*(prefix: string) {
          if (!(yield* fs.exists(directory))) return
          for (const name of yield* fs.readDirectory(directory)) {
            if (name.startsWith(prefix) && name.endsWith(".json")) yield* fs.remove(path.join(directory, name))
          }
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
            Effect.flatMap(Clock.currentTimeMillis, (storedAt) => write(key, { storedAt, result })).pipe(
              Effect.catch((error) => warn("written", error))
            ),
          invalidate: (prefix) => forget(prefix).pipe(Effect.catch((error) => warn("cleared", error)))
        })
      })
    )
}

const EntryJson = Schema.fromJsonString(Entry)

const fresh = (entry: Entry | undefined, now: number, ttlSeconds: number) => {
  if (entry === undefined) return Option.none()
  const ageSeconds = Math.floor((now - entry.storedAt) / 1000)
  return ageSeconds < 0 || ageSeconds >= ttlSeconds ? Option.none() : Option.some({ result: entry.result, ageSeconds })
}

const warn = (what: string, error: { readonly message: string }) =>
  Effect.logWarning(`The result cache could not be ${what}; going on without it: ${error.message}`)
