import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import * as EstateFlags from "../EstateFlags.ts"
import * as DemoEstate from "../DemoEstate.ts"
import { policy } from "./CheckCommand.ts"

export const mcp = Command.make(
  "mcp",
  { ...EstateFlags.connection, ...AccountFlags.accounts, policy, config, demo: DemoEstate.demo },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ServeMcp.ts")), ({ mcp }) => mcp(flags))
).pipe(Command.withDescription("Serve an AI assistant over stdio (Model Context Protocol)"))
