/**
 * Where the caches keep their entries when those are to outlive the process: as
 * texts by key.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"

/**
 * Texts by key: 64 hexadecimal digits as a rule, and nothing that a file name
 * cannot hold.
 *
 * - `read`: what was written under the key; nothing where it is not there, or is larger than what is ever written
 * - `write`: replaces it as a whole; it may be forgotten after `ttlSeconds`, and at any time
 * - `forget`: all whose key begins with `prefix`
 *
 * An error is one that somebody has to be told of. A store that tells by itself
 * does not fail.
 *
 * @category models
 * @since 0.1.0
 */
export interface CacheTexts {
  readonly read: (key: string) => Effect.Effect<string | undefined, { readonly message: string }>
  readonly write: (key: string, text: string, ttlSeconds: number) => Effect.Effect<void, { readonly message: string }>
  readonly forget: (prefix: string) => Effect.Effect<void, { readonly message: string }>
}

/**
 * An entry with more characters than this is not kept.
 *
 * @category configuration
 * @since 0.1.0
 */
export const mostCharacters = 32 * 2 ** 20

/** What UTF-8 makes of that, at most. */
const mostFileBytes = 3 * mostCharacters

/** Entries are never older than a day; what is left of a write that was cut off is older than an hour. */
const oldestEntryMs = 86_400_000
const oldestDraftMs = 3_600_000

/**
 * JSON files in `directory`, readable by their owner alone (directory 0700,
 * files 0600), replaced whole so that a reader never sees half of one. The
 * oldest go when all together have more than `mostBytes`, 512 MiB by default;
 * only files that are named as entries are ever removed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const files = Effect.fnUntraced(function*(
  directory: string,
  { mostBytes = 512 * 2 ** 20 }: { readonly mostBytes?: number } = {}
): Effect.fn.Return<CacheTexts, never, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const fileOf = (key: string) => path.join(directory, `${key}.json`)
  let drafts = 0
  /** Since the directory was tidied; it is at first. */
  let written = Number.POSITIVE_INFINITY

  const tidy = Effect.gen(function*() {
    written = 0
    const now = yield* Clock.currentTimeMillis
    const kept: Array<{ readonly file: string; readonly at: number; readonly size: number }> = []
    for (const name of yield* fs.readDirectory(directory)) {
      const draft = isDraft.test(name)
      if (!draft && !isEntry.test(name)) continue
      const file = path.join(directory, name)
      // Another process may have removed it meanwhile.
      const info = yield* Effect.option(fs.stat(file))
      if (Option.isNone(info) || info.value.type !== "File") continue
      const at = Option.match(info.value.mtime, { onNone: () => 0, onSome: (date) => date.getTime() })
      if (now - at > (draft ? oldestDraftMs : oldestEntryMs)) yield* Effect.ignore(fs.remove(file))
      else if (!draft) kept.push({ file, at, size: Number(info.value.size) })
    }
    let bytes = kept.reduce((sum, { size }) => sum + size, 0)
    for (const { file, size } of kept.toSorted((a, b) => a.at - b.at)) {
      if (bytes <= mostBytes) break
      yield* Effect.ignore(fs.remove(file))
      bytes -= size
    }
  })

  return {
    read: (key) =>
      Effect.gen(function*() {
        const file = fileOf(key)
        const { size, type } = yield* fs.stat(file)
        // A pipe would be waited for without end.
        return type !== "File" || Number(size) > mostFileBytes ? undefined : yield* fs.readFileString(file)
      }).pipe(Effect.catchIf(isNotFound, () => Effect.undefined)),
    write: Effect.fnUntraced(function*(key, text) {
      if (text.length > mostCharacters) return
      yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
      const draft = `${fileOf(key)}.${process.pid}.${drafts++}.tmp`
      yield* fs.writeFileString(draft, text, { mode: 0o600 }).pipe(
        Effect.andThen(fs.rename(draft, fileOf(key))),
        Effect.onError(() => Effect.ignore(fs.remove(draft)))
      )
      written += text.length
      if (written > mostBytes / 8) yield* tidy
    }),
    forget: Effect.fnUntraced(function*(prefix) {
      if (!(yield* fs.exists(directory))) return
      for (const name of yield* fs.readDirectory(directory)) {
        if (name.startsWith(prefix) && name.endsWith(".json")) {
          yield* Effect.catchIf(fs.remove(path.join(directory, name)), isNotFound, () => Effect.void)
        }
      }
    })
  }
})

const isEntry = /^[0-9a-f]{64}\.json$/u
const isDraft = /^[0-9a-f]{64}\.json\.\d+\.\d+\.tmp$/u

const isNotFound = ({ reason }: PlatformError.PlatformError): boolean => reason._tag === "NotFound"
