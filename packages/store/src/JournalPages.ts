/**
 * What both journals have in common: pages of resources, and who is at a scan.
 *
 * @since 0.1.0
 */
import { hostname } from "node:os"
import { crc32 } from "node:zlib"
import { CellResult, type Resource } from "@cadastre/model"
import { type JournaledCell, JournalUnreadable } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Cipher, StoredResource } from "./AttributeCipher.ts"

/** Page ids of one attempt: its number × 2²⁰ and on. */
export const pagesOf = 2 ** 20

/** Who is at a scan says so this often. */
export const heartbeatMs = 15_000

/** The columns of `scans` that say whose it is. */
export interface ScanRow {
  readonly id: string
  readonly lease: string | null
  readonly owner_host: string | null
  readonly owner_pid: number | null
  readonly heartbeat_at: number
}

/** Whether somebody is at it; `open` are the scans of this process. */
export const isAlive = (
  { heartbeat_at, id, owner_host, owner_pid }: ScanRow,
  now: number,
  open: ReadonlySet<string>
): boolean => {
  if (owner_pid === null) return false
  if (owner_host === hostname() && owner_pid === process.pid) return open.has(id)
  return now - heartbeat_at < 4 * heartbeatMs && (owner_host !== hostname() || exists(owner_pid))
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    // Somebody else's process is one too.
    return cause instanceof Error && "code" in cause && cause.code === "EPERM"
  }
}

export const decodeResult = Schema.decodeUnknownOption(Schema.fromJsonString(CellResult))
const decodePage = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(StoredResource)))

/** A page as it is written, with its CRC-32. */
export interface WrittenPage {
  readonly body: string
  readonly checksum: number
}

export const writtenPage = (page: ReadonlyArray<Resource>, cipher: Cipher): WrittenPage => {
  const body = JSON.stringify(page.map(cipher.seal))
  return { body, checksum: crc32(body) }
}

/**
 * Page by page, as they are asked for; each has to be what was written, and all
 * together as many resources as the cell's result says. A cell that another
 * scan has replaced meanwhile lacks pages.
 */
export const pagesIn = (
  pageOf: (id: number) => Effect.Effect<WrittenPage | undefined, JournalUnreadable>,
  cipher: Cipher,
  { attempt, pages }: { readonly attempt: number; readonly pages: number },
  { resources }: CellResult
): JournaledCell["pages"] =>
  Stream.suspend(() => {
    let read = 0
    return Stream.fromIterable(Array.from({ length: pages }, (_, number) => attempt * pagesOf + number)).pipe(
      Stream.mapEffect(Effect.fnUntraced(function*(id) {
        const row = yield* pageOf(id)
        if (row === undefined) return yield* unreadable("a page of it is missing")
        if (crc32(row.body) !== row.checksum) return yield* unreadable("a page of it is not what was written")
        const stored = yield* Effect.mapError(decodePage(row.body), ({ message }) => unreadable(message))
        return stored.every(({ sealed }) => sealed === undefined)
          ? stored
          : yield* Effect.mapError(Effect.forEach(stored, cipher.open), ({ message }) => unreadable(message))
      })),
      Stream.tap((page) => Effect.sync(() => void (read += page.length))),
      Stream.concat(Stream.suspend(() =>
        read === resources ? Stream.empty : Stream.fail(unreadable(`it holds ${read} of ${resources} resources`))
      ))
    )
  })

export const unreadable = (message: string): JournalUnreadable => new JournalUnreadable({ message })
