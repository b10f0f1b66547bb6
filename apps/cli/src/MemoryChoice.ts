/** Where a command remembers what it sees, and looks for what was seen before. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { EstateMemory } from "@cadastre/compliance"
import { DatabaseUrl } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Failure, failureOf, type ExitWith } from "./Failure.ts"
import type { ScanFlags } from "./ScanFlags.ts"

/**
 * - `memory`: set by commands that ask what was seen before
 * - `storeSnapshot`: a snapshot is to be stored
 */
export interface MemoryFlags extends Partial<ScanFlags> {
  readonly memory?: "asked"
  readonly storeSnapshot?: boolean
}

/**
 * This user's store, for commands that ask for it and for scans that write down
 * what they see. A scan whose journal is the same store says itself when it cannot be opened.
 */
export const layer = (flags: MemoryFlags): Layer.Layer<never, Failure | ExitWith> => {
  const isAsked = flags.memory === "asked" || flags.storeSnapshot === true
  const keepsInventory = flags.inventory !== false
  const isWritten = flags.journal === true && keepsInventory && flags.dryRun !== true
  if (!isAsked && !isWritten) return Layer.empty
  return Layer.unwrap(Effect.map(DatabaseUrl.databaseUrl, (url) => EstateMemory.layer(url, { keepsInventory, quiet: isWritten || flags.memory === "asked" })))
    .pipe(Layer.catch((error) => Layer.effectDiscard(Effect.fail(failureOf(error)))))
}

/** A store of the command's own, which is gone afterwards: nothing of the user's is touched. */
export const temporary = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) =>
    EstateMemory.layer({ _tag: "Sqlite", path: join(folder, "cadastre.db") }).pipe(
      Layer.catch((error) => Layer.effectDiscard(Effect.fail(failureOf(error))))
    )
)
