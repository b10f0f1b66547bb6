/** The flags of commands that answer with a list. */
import * as Flag from "effect/cli/Flag"
import type * as Option from "effect/Option"

const format = Flag.Literals("format", ["table", "json", "markdown", "md", "csv"]).pipe(
  Flag.withAlias("f"),
  Flag.optional,
  Flag.withDescription("table (default), json, markdown or csv")
)

const output = Flag.String("output").pipe(
  Flag.withAlias("o"),
  Flag.optional,
  Flag.withDescription("Write the answer to this file instead of stdout")
)

/** How the answer is written, and where to. */
export const listing = { format, output }

/** What {@link listing} parses to. */
export interface ListingFlags {
  readonly format: Option.Option<"table" | "json" | "markdown" | "md" | "csv">
  readonly output: Option.Option<string>
}
