import type { ResourceType } from "@cadastre/model"
import { catalog } from "@cadastre/scanners"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as ConfigFile from "../ConfigFile.ts"
import { failureOf } from "../Failure.ts"
import * as ReportOutput from "../ReportOutput.ts"

/** Lists the catalogue, with scanners of one's own. Loads none of its scanners and no SDK client. */
export const types = Effect.fn("cadastre types")(function*(
  { config, format }: { readonly format: "table" | "json"; readonly config: Option.Option<string> }
) {
  const own = yield* ConfigFile.load(config)
  const replaced = new Set(own.map(({ type }) => type))
  const entries = [...catalog.filter(({ type }) => !replaced.has(type)), ...own]
    .toSorted((a, b) => a.type < b.type ? -1 : 1)
    .map(factsOf)
  if (format === "json") return yield* ReportOutput.writeStdout(`${JSON.stringify(entries, null, 2)}\n`)
  const rows = [
    ["Type", "Scope", "CloudFormation", "Tags from", "Taggable", "Free", "IAM actions"],
    ...entries.map(({ actions, cloudFormation, free, scope, tagSource, taggable, type }) => [
      type,
      scope,
      cloudFormation,
      taggable ? tagSource === "inline" ? "the list itself" : "tagging API" : "–",
      taggable ? "yes" : "no",
      free ? "yes" : "no",
      actions.join(", ")
    ])
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  yield* ReportOutput.writeStdout(
    rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}\n`).join("")
  )
}, Effect.mapError(failureOf))

/** What is known of a type, without the scanner. */
const factsOf = (entry: ResourceType.ResourceTypeInfo): ResourceType.ResourceTypeInfo => {
  const { actions, cloudFormation, fallbackActions, free, scope, tagSource, taggable, type } = entry
  return { type, scope, actions, fallbackActions, tagSource, cloudFormation, taggable, free }
}
