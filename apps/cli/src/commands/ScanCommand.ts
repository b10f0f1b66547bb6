import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as EstateFlags from "../EstateFlags.ts"

export const scan = Command.make(
  "scan",
  EstateFlags.scope,
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ScanEstate.ts")), ({ scan }) => scan(flags))
).pipe(Command.withDescription("List every resource of the estate"))
