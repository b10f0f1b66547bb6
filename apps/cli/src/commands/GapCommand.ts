import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { policy } from "./CheckCommand.ts"
import { format } from "./RegionsCommand.ts"

const day = (name: string) => Flag.String(name).pipe(Flag.optional)

const start = day("start").pipe(Flag.withDescription("The first day, e.g. 2026-10-01; 30 days before --end by default"))

const end = day("end").pipe(Flag.withDescription("The day after the last one; today by default"))

const groupBy = Flag.Literals("group-by", ["resource_type", "region", "account", "service", "tag"]).pipe(
  Flag.withDefault("resource_type" as const),
  Flag.withDescription("What the gap is broken down by")
)

const groupTag = Flag.String("group-tag").pipe(
  Flag.optional,
  Flag.withDescription("The tag of --group-by tag; the first one that the policy requires by default")
)

const focus = EstateFlags.list("focus").pipe(
  Flag.withDescription("FOCUS files of the bill, CSV or Parquet: paths, patterns, directories; exact, and costs nothing")
)

const cur = EstateFlags.list("cur").pipe(Flag.withDescription("CUR 2.0 files of the bill, likewise"))

const currency = Flag.String("currency").pipe(
  Flag.optional,
  Flag.withDescription("Which one, where the bill has several: they are never added")
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
    start,
    end,
    groupBy,
    groupTag,
    focus,
    cur,
    currency,
    format,
    config
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/MeasureGap.ts")), ({ gap }) => gap(flags))
).pipe(Command.withDescription(
  "Show what of the spend nobody can be asked about; without files Cost Explorer is asked, for at most COST_EXPLORER_BUDGET_USD"
))
