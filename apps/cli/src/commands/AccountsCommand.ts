import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { format } from "./RegionsCommand.ts"

export const accounts = Command.make(
  "accounts",
  { ...EstateFlags.connection, ...AccountFlags.accounts, format, allowIncomplete: EstateFlags.scope.allowIncomplete },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ListAccounts.ts")), ({ accounts }) => accounts(flags))
).pipe(Command.withDescription("List the estate's accounts, and whether each can be entered"))
