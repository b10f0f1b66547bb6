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
import { include, policy } from "./CheckCommand.ts"

const looks = Argument.String("snapshot").pipe(
  Argument.variadic(),
  Argument.withDescription(
    "What to compare, the earlier first: ids of snapshots or the first 8 characters, latest, previous, days such as 2026-11-20, " +
      "JSON files of check and scan, or now: a scan of now, which is the second one by default"
  )
)

const since = Flag.String("since").pipe(
  Flag.filter((text) => daysIn(text) !== undefined, (text) => `"${text}" is no number of days: write 7d, or 7`),
  Flag.optional,
  Flag.withDescription("Compare a scan of now with the newest complete snapshot that is so many days old, e.g. 7d")
)

/** The days that a text says, from 1 to 3650. */
export const daysIn = (text: string): number | undefined => {
  const [, number = ""] = /^(\d{1,4})d?$/u.exec(text.trim()) ?? []
  const days = Number(number)
  return number === "" || days < 1 || days > 3650 ? undefined : days
}

const tagKeys = EstateFlags.list("tag-keys").pipe(
  Flag.withDescription("Only changes of these tags count, besides resources that came and went")
)

const failOnChange = Flag.Boolean("fail-on-change").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Exit with 1 when anything was added, removed or changed")
)

export const diff = Command.make(
  "diff",
  {
    looks,
    ...EstateFlags.scope,
    ...AccountFlags.accounts,
    ...scanFlags,
    ...listing,
    policy,
    include,
    since,
    tagKeys,
    failOnChange,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/CompareLooks.ts")), ({ diff }) => diff(flags))
).pipe(Command.withDescription("What changed between two snapshots, or since one of them"))
