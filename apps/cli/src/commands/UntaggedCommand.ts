import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { billFlags, costs } from "../CostFlags.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { cache, include, policy } from "./CheckCommand.ts"

const maxUntagged = Flag.Int("max-untagged").pipe(
  Flag.filter((value) => value >= 0, () => "write a number from 0 on"),
  Flag.withDefault(0),
  Flag.withDescription("Exit with 1 only when more resources than this lack a required tag; 0 by default")
)

const minMonthlyCost = Flag.Finite("min-monthly-cost").pipe(
  Flag.filter((value) => value >= 0, () => "write a number from 0 on, such as 10 or 0.5"),
  Flag.optional,
  Flag.withDescription("List only what costs as much a month, or more; what it is not known of is listed apart. Asks for costs by itself")
)

export const untagged = Command.make(
  "untagged",
  {
    ...EstateFlags.scope,
    ...AccountFlags.accounts,
    ...scanFlags,
    ...listing,
    policy,
    include,
    maxUntagged,
    costs,
    minMonthlyCost,
    ...billFlags,
    cache,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/FindUntagged.ts")), ({ untagged }) => untagged(flags))
).pipe(Command.withDescription("List the resources that lack a required tag, or have no tag at all"))
