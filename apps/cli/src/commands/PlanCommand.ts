import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { billFlags, costs } from "../CostFlags.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { sourceFlags } from "../SourceFlags.ts"
import { format } from "./RegionsCommand.ts"

const offline = Flag.Boolean("offline").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Make no AWS call at all: plan for the --regions, and the --accounts if given")
)

export const plan = Command.make(
  "plan",
  {
    ...EstateFlags.connection,
    ...AccountFlags.accounts,
    regions: EstateFlags.scope.regions,
    types: EstateFlags.scope.types,
    mode: scanFlags.mode,
    ...sourceFlags,
    costs,
    start: billFlags.start,
    end: billFlags.end,
    focus: billFlags.focus,
    cur: billFlags.cur,
    format,
    offline,
    config
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/PlanScan.ts")), ({ plan }) => plan(flags))
).pipe(Command.withDescription("Show what a scan will call, how long it takes, what it costs and what it needs"))
