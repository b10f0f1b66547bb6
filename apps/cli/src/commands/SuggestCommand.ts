import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { cache, include, policy } from "./CheckCommand.ts"

const arns = Argument.String("arn").pipe(
  Argument.variadic(),
  Argument.withDescription("Only for these resources, by their ARNs; - reads them from stdin, one a line. All by default")
)

const backtest = Flag.Boolean("backtest").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Also say how good suggestions are: known tags are hidden, one at a time, and guessed")
)

const creators = Flag.Boolean("creators").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Also ask CloudTrail who made what, as evidence; needs cloudtrail:LookupEvents and up to a minute")
)

const minConfidence = Flag.Finite("min-confidence").pipe(
  Flag.filter((value) => value >= 0 && value <= 1, () => "write a number from 0 to 1, such as 0.8"),
  Flag.withDefault(0.5),
  Flag.withDescription("Only suggestions that prove right at least this often, 0 to 1; 0.5 by default")
)

export const suggest = Command.make(
  "suggest",
  {
    arns,
    ...EstateFlags.scope,
    ...AccountFlags.accounts,
    ...scanFlags,
    ...listing,
    backtest,
    creators,
    minConfidence,
    policy,
    include,
    cache,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/SuggestTags.ts")), ({ suggest }) => suggest(flags))
).pipe(Command.withDescription("Say what missing and wrong tags should be, with the evidence and how far to trust it"))
