/** The journal that a scan of this user writes. */
import { DatabaseUrl, Store, StoreError } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ExitCode, type ExitWith, Failure, failureOf } from "./Failure.ts"
import type { ScanFlags } from "./ScanFlags.ts"

/**
 * A journal that cannot be had costs a warning, not the scan, unless the user
 * asks for what is in it; a setting that is wrong is one. A command that scans
 * nothing has none.
 */
export const layer = (flags: Partial<ScanFlags>): Layer.Layer<never, Failure | ExitWith> => {
  const isNeeded = flags.resume === true || flags.mode === "incremental"
  if (flags.journal !== true || flags.dryRun === true) {
    return isNeeded && flags.journal === false ? Layer.effectDiscard(Effect.fail(contradiction)) : Layer.empty
  }
  return Layer.unwrap(Effect.map(DatabaseUrl.databaseUrl, Store.journal)).pipe(
    Layer.catch((error) =>
      Layer.effectDiscard(
        !(error instanceof StoreError)
          ? Effect.fail(failureOf(error))
          : isNeeded
          ? Effect.fail(new Failure({ exitCode: ExitCode.usage, message: error.message }))
          : Effect.logWarning(`This scan cannot be resumed: ${error.message}. What it sees is not remembered`)
      )
    )
  )
}

const contradiction = new Failure({
  exitCode: ExitCode.usage,
  message: "--no-journal contradicts --resume and --mode incremental, which use what earlier scans wrote down: leave it out"
})
