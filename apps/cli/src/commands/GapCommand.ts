import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { billFlags } from "../CostFlags.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { include, policy } from "./CheckCommand.ts"

const groupBy = Flag.Literals("group-by", ["resource_type", "region", "account", "service", "tag"]).pipe(
  Flag.withDefault("resource_type" as const),
  Flag.withDescription("What the gap is broken down by")
)

const groupTag = Flag.String("group-tag").pipe(
  Flag.optional,
  Flag.withDescription("The tag of --group-by tag; the first one that the policy requires by default")
)

const { dryRun: _, ...scanning } = scanFlags

export const gap = Command.make(
  "gap",
  {
    ...EstateFlags.connection,
    ...AccountFlags.accounts,
    ...scanning,
    regions: EstateFlags.scope.regions,
    types: EstateFlags.scope.types,
    allowIncomplete: EstateFlags.scope.allowIncomplete,
    policy,
    ...billFlags,
    groupBy,
    groupTag,
    include,
    ...listing,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/MeasureGap.ts")), ({ gap }) => gap(flags))
).pipe(Command.withDescription(
  "Show what of the spend nobody can be asked about; without files Cost Explorer is asked, for at most COST_EXPLORER_BUDGET_USD"
))
