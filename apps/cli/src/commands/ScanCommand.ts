import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { scanFlags } from "../ScanFlags.ts"

export const scan = Command.make(
  "scan",
  { ...EstateFlags.scope, ...AccountFlags.accounts, ...scanFlags, config },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ScanEstate.ts")), ({ scan }) => scan(flags))
).pipe(Command.withDescription("List every resource of the estate"))
