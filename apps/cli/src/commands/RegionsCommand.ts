import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as EstateFlags from "../EstateFlags.ts"

export const format = Flag.Literals("format", ["table", "json"]).pipe(
  Flag.withAlias("f"),
  Flag.withDefault("table" as const),
  Flag.withDescription("How the list is written")
)

const probe = Flag.Boolean("probe").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Also call each enabled Region (ec2:DescribeInstances), to see whether it answers")
)

export const regions = Command.make(
  "regions",
  { ...EstateFlags.connection, format, probe },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ListRegions.ts")), ({ regions }) => regions(flags))
).pipe(Command.withDescription("List the account's Regions and their state"))
