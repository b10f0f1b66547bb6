/** @since 0.1.0 */
import { Untrusted } from "@cadastre/report"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { make, NotFound } from "../Resource.ts"
import { cursorOf, type KnownScan, ownerOf, ScanHandles, type ScanNotFound, uriOf } from "../ScanHandles.ts"

/**
 * A scan of the session that reads: how far it is, or its result, a page at a time.
 *
 * @category resources
 * @since 0.1.0
 */
export const scanResource = make({
  uri: "cadastre://scan/{id}{?cursor}",
  name: "scan",
  title: "Result of a scan",
  description: "How far a scan of this session is, or its result, a page at a time: `next` is the address of the next page.",
  mimeType: "application/json",
  list: (session) =>
    Effect.gen(function*() {
      const scans = yield* (yield* ScanHandles).list(ownerOf(session))
      return scans.map(({ id, startedAt, status, tool }) => ({
        uri: uriOf(id),
        name: `scan ${id.slice(0, 8)}`,
        title: `${tool}, begun ${isoOf(startedAt)}: ${status}`
      }))
    }),
  complete: {
    id: ({ session }) =>
      Effect.gen(function*() {
        return (yield* (yield* ScanHandles).list(ownerOf(session))).map(({ id }) => id)
      })
  },
  read: Effect.fn("cadastre://scan")(function*({ session, uri, variables: { cursor, id = "" } }) {
    const handles = yield* ScanHandles
    const owner = ownerOf(session)
    const missing = ({ message }: ScanNotFound) => new NotFound({ uri, why: message })
    const scan = yield* Effect.mapError(handles.get(owner, id), missing)
    if (scan.result === undefined) return [{ uri, mimeType: "application/json", text: JSON.stringify(stateOf(scan)) }]
    // A cursor of another scan is none of this one's.
    const at = cursor?.startsWith(`${id}.`) === false ? "" : cursor ?? cursorOf(id, 0)
    const { page } = yield* Effect.mapError(handles.page(owner, at), missing)
    const next = page.next === undefined ? {} : { next: `${uriOf(id)}?cursor=${cursorOf(id, page.next)}` }
    const answer = { ...stateOf(scan), total: scan.result.total, ...next, result: page.structured }
    return [{ uri, mimeType: "application/json", text: Untrusted.json(JSON.stringify(answer)) }]
  })
})

const stateOf = ({ endedAt, expiresAt, id, problem, progress, startedAt, status, tool }: KnownScan) => ({
  scan_id: id,
  tool,
  status,
  started_at: isoOf(startedAt),
  ...(endedAt === undefined ? {} : { ended_at: isoOf(endedAt) }),
  ...(expiresAt === undefined ? {} : { expires_at: isoOf(expiresAt) }),
  ...(progress === undefined ? {} : {
    progress: { cells_ended: progress.cellsEnded, cells_total: progress.cells, resources_found: progress.resources }
  }),
  ...(problem === undefined ? {} : { problem: Untrusted.visible(problem) })
})

const isoOf = (ms: number): string => DateTime.formatIso(DateTime.makeUnsafe(ms))
