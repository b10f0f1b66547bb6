/**
 * How far a scan is, on stderr: a line that changes on a terminal; elsewhere
 * nothing, or a line now and then where somebody waits for it.
 */
import type { ScanEvent } from "@cadastre/model"
import * as Effect from "effect/Effect"

/** - `always`: writes plain lines, at every quarter, where there is no terminal */
export const make = (options: { readonly always?: boolean } = {}): {
  readonly onEvent: (event: ScanEvent) => Effect.Effect<void>
  readonly done: Effect.Effect<void>
} => {
  const terminal = process.stderr.isTTY && process.env.CI === undefined
  let drawnAt = 0
  let quarters = 0

  const draw = (line: string) => process.stderr.write(`\r\u001b[2K${line}`)
  const say = (line: string) => process.stderr.write(`${line}\n`)

  return {
    onEvent: (event) =>
      Effect.sync(() => {
        if (event._tag === "ScanStarted" && !terminal && options.always === true) {
          say(`Scanning ${event.scope.types.length} resource types in ${event.scope.regions.length} Regions`)
        }
        if (event._tag !== "Progress") return
        const line = `${event.cellsEnded}/${event.cells} cells · ${event.resources} resources · ${event.calls} calls` +
          `${event.throttles > 0 ? ` · ${event.throttles} throttled` : ""} · ${(event.elapsedMs / 1000).toFixed(1)} s`
        if (terminal) {
          if (event.elapsedMs - drawnAt < 100 && event.cellsEnded < event.cells) return
          drawnAt = event.elapsedMs
          draw(line)
        } else if (options.always === true && event.cellsEnded * 4 >= (quarters + 1) * event.cells) {
          quarters = Math.floor(event.cellsEnded * 4 / event.cells)
          say(line)
        }
      }),
    done: Effect.sync(() => {
      if (terminal && drawnAt > 0) draw("")
    })
  }
}
