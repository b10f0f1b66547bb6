import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { billFlags, costs } from "../CostFlags.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { scanFlags } from "../ScanFlags.ts"

export const policy = Flag.String("policy").pipe(
  Flag.optional,
  Flag.withDescription("The tag policy, JSON or YAML; POLICY_PATH or ./tagging_policy.json by default")
)

export const severity = Flag.Literals("severity", ["all", "errors_only", "warnings_only"]).pipe(
  Flag.withDefault("all" as const),
  Flag.withDescription("Which violations are listed; scores and counts are not changed")
)

export const storeSnapshot = Flag.Boolean("store-snapshot").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Store what is seen in the history, for `cadastre history` and `cadastre diff`")
)

export const include = EstateFlags.list("include").pipe(
  Flag.withDescription("Score what is left out by default as well: free, default, aws-created, or several of them")
)

const minScore = Flag.Finite("min-score").pipe(
  Flag.filter((score) => score >= 0 && score <= 1, () => "write a number from 0 to 1, such as 0.95"),
  Flag.optional,
  Flag.withDescription("Exit with 1 only below this score, 0 to 1; by default any error does")
)

export const cache = Flag.Boolean("cache").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Answer from what earlier scans saw whole, where it is fresh enough, and keep what this one sees")
)

export const check = Command.make(
  "check",
  { ...EstateFlags.scope, ...AccountFlags.accounts, ...scanFlags, policy, severity, include, minScore, storeSnapshot, cache, costs, ...billFlags, config, demo },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/CheckEstate.ts")), ({ check }) => check(flags))
).pipe(Command.withDescription("Check the estate against a tag policy"))
