/** Where an answer that is a list goes, and in which form. */
import { Listing } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ListingFlags } from "./ListingFlags.ts"
import * as ReportOutput from "./ReportOutput.ts"

/** The format asked for: by name, else by the output file's ending, else a table. */
export const formatOf = ({ format, output }: ListingFlags): Listing.Format => {
  if (Option.isSome(format)) return format.value === "md" ? "markdown" : format.value
  const ending = Option.getOrElse(output, () => "").split(".").at(-1)
  const named = Object.entries(Listing.formats).find(([, extension]) => extension === ending)?.[0]
  return named === "json" || named === "markdown" || named === "csv" ? named : "table"
}

/** Writes the list. */
export const write = (listing: Listing.Listing, flags: ListingFlags) =>
  ReportOutput.writePieces((options) => Listing.render(listing, formatOf(flags), options), flags.output)

/** A list as CSV cannot say that it is not whole: whoever reads stderr is told. */
export const warnIfIncomplete = (listing: Listing.Listing, complete: boolean, flags: ListingFlags): Effect.Effect<void> =>
  complete || formatOf(flags) !== "csv"
    ? Effect.void
    : Effect.logWarning(`The list is not whole. ${listing.lines[0]?.text ?? ""}`)
