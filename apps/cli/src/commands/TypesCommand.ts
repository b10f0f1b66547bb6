import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { config } from "../ConfigFile.ts"
import { format } from "./RegionsCommand.ts"

export const types = Command.make(
  "types",
  { format, config },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ListTypes.ts")), ({ types }) => types(flags))
).pipe(Command.withDescription("List the resource types that can be scanned, and the IAM actions each needs"))
