/**
 * Where the cells of scans are kept for a while: see `CellCache` of
 * `@cadastre/scanner-core`.
 *
 * @since 0.1.0
 */
import { CellResult, Setting } from "@cadastre/model"
import { type CachedCell, CellCache, type CellCacheKey } from "@cadastre/scanner-core"
import { AttributeCipher } from "@cadastre/store"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { cellCacheKey, schemaVersion } from "./CacheKey.ts"
import * as CacheTexts from "./CacheTexts.ts"
import { cacheTtlSeconds } from "./ResultCache.ts"

/**
 * How many resources the cells in memory may have together, and those that are
 * being read, wherever they are kept: `CELL_CACHE_MAX_RESOURCES`, 100,000 by
 * default, about 1 KB each; 0 keeps no cells.
 *
 * @category configuration
 * @since 0.1.0
 */
export const cellCacheMaxResources = Setting.number("CELL_CACHE_MAX_RESOURCES", 100_000, {
  minimum: 0,
  maximum: 10_000_000
})

/**
 * In this process's memory; the oldest go first.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = Layer.effect(
  CellCache,
  Effect.gen(function*() {
    const ttlSeconds = yield* cacheTtlSeconds
    const mostResources = yield* cellCacheMaxResources
    const cells = new Map<string, CachedCell>()
    let weight = 0
    const forget = (key: string): void => {
      const cell = cells.get(key)
      if (cell === undefined) return
      weight -= weightOf(cell)
      cells.delete(key)
    }
    return {
      mostResources,
      get: (key: CellCacheKey) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const hash = cellCacheKey(key)
          const found = fresh(cells.get(hash), now, ttlSeconds)
          if (Option.isNone(found)) forget(hash)
          return found
        }),
      set: (key: CellCacheKey, cell: CachedCell) =>
        Effect.sync(() => {
          const hash = cellCacheKey(key)
          forget(hash)
          if (weightOf(cell) > mostResources) return
          cells.set(hash, cell)
          weight += weightOf(cell)
          for (const oldest of cells.keys()) {
            if (weight <= mostResources) break
            forget(oldest)
          }
        }),
      invalidate: (prefix: string) =>
        Effect.sync(() => {
          for (const key of cells.keys()) if (key.startsWith(prefix)) forget(key)
        })
    }
  })
)

/**
 * Files in `directory`: see `CacheTexts.files`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFiles = (directory: string) => layerTexts(CacheTexts.files(directory))

/**
 * Wherever texts can be kept. Attributes that are encrypted in the database, see
 * `AttributeCipher`, are here as well.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTexts = <E, R>(open: Effect.Effect<CacheTexts.CacheTexts, E, R>) =>
  Layer.effect(
    CellCache,
    Effect.gen(function*() {
      const ttlSeconds = yield* cacheTtlSeconds
      const mostResources = yield* cellCacheMaxResources
      const cipher = yield* AttributeCipher.AttributeCipher
      const texts = yield* open
      let isTold = false
      /** A scan has hundreds of cells: what is wrong with one of them is said once. */
      const warn = (what: string, { message }: { readonly message: string }) =>
        Effect.suspend(() => {
          if (isTold) return Effect.void
          isTold = true
          return Effect.logWarning(`The cell cache could not be ${what}; going on without it: ${message}`)
        })

      const read = Effect.fnUntraced(function*(key: CellCacheKey, ttlSeconds: number) {
        const hash = cellCacheKey(key)
        const text = yield* texts.read(hash)
        if (text === undefined) return Option.none()
        const { key: written, pages: bodies, result, seenAt } = yield* decodeStored(text)
        const now = yield* Clock.currentTimeMillis
        if (Option.isNone(fresh({ seenAt }, now, ttlSeconds))) return Option.none()
        const pages: Array<CachedCell["pages"][number]> = []
        let resources = 0
        for (const body of bodies) {
          const page = yield* Effect.forEach(yield* decodePage(body), cipher.open)
          if (page.some(({ tags, type }) => tags === null || type !== key.cell.type)) return yield* foreign
          resources += page.length
          pages.push(page)
          // Page by page, so that others have their turn in between.
          yield* Effect.yieldNow
        }
        const isOurs = written === hash && result.outcome === "scanned" && result.unknownTags === 0 &&
          result.resources === resources && cellCacheKey({ ...key, cell: result }) === hash
        return isOurs ? Option.some<CachedCell>({ seenAt, result, pages }) : yield* foreign
      })

      const write = Effect.fnUntraced(function*(key: CellCacheKey, { pages, result, seenAt }: CachedCell) {
        const bodies: Array<string> = []
        let characters = 0
        for (const page of pages) {
          const body = JSON.stringify(page.map(cipher.seal))
          bodies.push(body)
          characters += body.length
          if (characters > CacheTexts.mostCharacters / 2) return
          yield* Effect.yieldNow
        }
        const hash = cellCacheKey(key)
        const stored: typeof Stored.Type = { schemaVersion, key: hash, seenAt, result, pages: bodies }
        yield* texts.write(hash, JSON.stringify(stored), ttlSeconds)
      })

      return {
        mostResources,
        get: (key: CellCacheKey) =>
          read(key, ttlSeconds).pipe(Effect.catch((error) => Effect.as(warn("read", error), Option.none()))),
        set: (key: CellCacheKey, cell: CachedCell) =>
          write(key, cell).pipe(Effect.catch((error) => warn("written", error))),
        invalidate: (prefix: string) => texts.forget(prefix).pipe(Effect.catch((error) => warn("cleared", error)))
      }
    })
  )

/** Pages are texts in the text, so that they can be read one by one. */
const Stored = Schema.Struct({
  schemaVersion: Schema.Literal(schemaVersion),
  key: Schema.String,
  seenAt: Schema.Natural,
  result: CellResult,
  pages: Schema.Array(Schema.String)
})
const decodeStored = Schema.decodeEffect(Schema.fromJsonString(Stored))
const decodePage = Schema.decodeEffect(Schema.fromJsonString(Schema.Array(AttributeCipher.StoredResource)))

const foreign = Effect.fail({ message: "an entry is not what was written" })

const weightOf = ({ result }: CachedCell): number => 1 + result.resources

const fresh = <A extends { readonly seenAt: number }>(
  cell: A | undefined,
  now: number,
  ttlSeconds: number
): Option.Option<A> =>
  cell === undefined || cell.seenAt > now || now - cell.seenAt >= ttlSeconds * 1000 ? Option.none() : Option.some(cell)
