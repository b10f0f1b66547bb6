/**
 * The configuration file: scanners of one's own beside the catalogue's.
 *
 * It is a program and is run. So it is only ever the one that is named, or one
 * in the working directory itself: never a parent directory's.
 */
import { existsSync } from "node:fs"
import type { OwnScanners, Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { ExitCode, Failure } from "./Failure.ts"

const names = ["cadastre.config.ts", "cadastre.config.mts", "cadastre.config.js", "cadastre.config.mjs"] as const

export const config = Flag.String("config").pipe(
  Flag.optional,
  Flag.withDescription("A file of scanners of your own, which is run; ./cadastre.config.ts, .mts, .js or .mjs by default")
)

/** The scanners of the file that `--config` names, else of the one in the working directory; none without a file. */
export const load = Effect.fnUntraced(function*(
  named: Option.Option<string> | undefined
): Effect.fn.Return<ReadonlyArray<Scanner.Scanner>, Failure | OwnScanners.OwnScannersError> {
  const found = names.filter((name) => existsSync(name))
  if (named === undefined || Option.isNone(named)) {
    const [first, second] = found
    if (first === undefined) return []
    if (second === undefined) return yield* loaded(first)
    return yield* new Failure({
      exitCode: ExitCode.usage,
      message: `There are ${found.join(" and ")}: keep one of them, or name the one that is meant with --config`
    })
  }
  return yield* loaded(named.value)
})

// Whoever has no such file does not wait for what would read it.
const loaded = (path: string) =>
  Effect.flatMap(Effect.promise(() => import("@cadastre/scanner-core")), ({ OwnScanners }) => OwnScanners.load(path))
