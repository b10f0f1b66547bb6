import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { billFlags, costs } from "../CostFlags.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { cache, include, policy, severity, storeSnapshot } from "./CheckCommand.ts"

const recommendations = Flag.Boolean("recommendations").pipe(
  Flag.withDefault(true),
  Flag.withDescription("What is broken most and what to do first; --no-recommendations: leave it out")
)

export const report = Command.make(
  "report",
  {
    ...EstateFlags.scope,
    ...AccountFlags.accounts,
    ...scanFlags,
    policy,
    severity,
    include,
    recommendations,
    storeSnapshot,
    cache,
    costs,
    ...billFlags,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/WriteReport.ts")), ({ report }) => report(flags))
).pipe(Command.withDescription("A report of a check, with what to do first, in any format"))
