/** @since 0.1.0 */
import * as Effect from "effect/Effect"
import { make } from "../Resource.ts"

/**
 * What can be surveyed, by type.
 *
 * @category resources
 * @since 0.1.0
 */
export const resourceTypes = make({
  uri: "cadastre://types",
  name: "resource-types",
  title: "Catalogue of resource types",
  description: "The resource types that can be surveyed: whether AWS charges for them, whether they are global, and the " +
    "AWS actions that reading them needs.",
  mimeType: "application/json",
  read: Effect.fn("cadastre://types")(function*({ uri }) {
    const { ScannerRegistry } = yield* Effect.promise(() => import("@cadastre/scanner-core"))
    const entries = yield* (yield* ScannerRegistry).entries
    const types = entries.map(({ load: _, ...entry }) => entry)
    return [{ uri, mimeType: "application/json", text: JSON.stringify({ total: types.length, types }) }]
  })
})
