import { catalog } from "@cadastre/scanners"
import * as Effect from "effect/Effect"
import * as ReportOutput from "../ReportOutput.ts"

/** Lists the catalogue. Loads no scanner and no SDK client. */
export const types = Effect.fn("cadastre types")(function*({ format }: { readonly format: "table" | "json" }) {
  if (format === "json") {
    const entries = catalog.map(({ load: _, ...entry }) => entry)
    return yield* ReportOutput.writeStdout(`${JSON.stringify(entries, null, 2)}\n`)
  }
  const rows = [
    ["Type", "Scope", "CloudFormation", "Tags from", "IAM actions"],
    ...catalog.map(({ actions, cloudFormation, scope, tagSource, type }) => [
      type,
      scope,
      cloudFormation,
      tagSource === "inline" ? "the list itself" : "tagging API",
      actions.join(", ")
    ])
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  yield* ReportOutput.writeStdout(
    rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}\n`).join("")
  )
})
