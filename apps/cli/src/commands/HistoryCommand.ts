import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"
import { sourceFlags } from "../SourceFlags.ts"
import { include, policy } from "./CheckCommand.ts"

const days = Flag.Int("days").pipe(
  Flag.filter((value) => value >= 1 && value <= 3650, () => "write a number of days from 1 to 3650"),
  Flag.withDefault(30),
  Flag.withDescription("How far back, in days; 30 by default")
)

const groupBy = Flag.Literals("group-by", ["day", "week", "month"]).pipe(
  Flag.withDefault("day" as const),
  Flag.withDescription("day (default), week (ISO 8601) or month")
)

const snapshot = Flag.String("snapshot").pipe(
  Flag.optional,
  Flag.withDescription("The history that this snapshot belongs to, instead of that of a scope; asks nothing of AWS")
)

const { format: _, output: __, allowIncomplete: ___, ...scope } = EstateFlags.scope

export const history = Command.make(
  "history",
  {
    ...scope,
    ...AccountFlags.accounts,
    ...sourceFlags,
    ...listing,
    policy,
    include,
    days,
    groupBy,
    snapshot,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/TellHistory.ts")), ({ history }) => history(flags))
).pipe(Command.withDescription("How the score went, from the snapshots of `check --store-snapshot`"))
