/**
 * What a scan saw and what it could not see, as answers tell it.
 *
 * @since 0.1.0
 */
import { type CellResult, Coverage, Discovery, Outcome } from "@cadastre/model"
import { remarks, UnseenReasons } from "@cadastre/report"
import * as Schema from "effect/Schema"
import { remembered, within } from "./Budget.ts"
import { quoted, safe } from "./ErrorSanitiser.ts"
import { advice } from "./ToolFailure.ts"

/**
 * - `cells`: number of cells, one for each account, Region and resource type, by how they ended
 * - `unseen`: the cells that were not seen, or whose resources have tags that could not be read, and why
 *
 * @category models
 * @since 0.1.0
 */
export const CoverageAnswer = Schema.Struct({
  complete: Schema.Boolean.annotate({
    description: "Whether everything in scope was seen. If not, say so before any figure."
  }),
  cells: Coverage.CellCounts,
  cells_total: Schema.Natural,
  unknown_tags: Schema.Natural.annotate({
    description: "Resources that were seen and whose tags could not be read: not scored."
  }),
  failed_regions: Schema.Array(Schema.String),
  incomplete_regions: Schema.Array(Schema.String),
  skipped_regions: Schema.Array(Schema.String).annotate({
    description: "Not in scope: not enabled, or left out by the request."
  }),
  discovery: Schema.Struct({
    ...Discovery.fields,
    reason: Schema.optionalKey(Schema.String)
  }).annotate({
    description: "How the list of Regions was come by; where it is not exhaustive, whole Regions may be missing."
  }),
  unseen: Schema.Array(Schema.Struct({
    account_id: Schema.String,
    region: Schema.String,
    resource_type: Schema.String,
    outcome: Outcome,
    unknown_tags: Schema.Natural,
    reason: Schema.optionalKey(Schema.Struct({
      error: Schema.String,
      message: Schema.String,
      operation: Schema.optionalKey(Schema.String)
    }))
  })).annotate({ description: "What could not be seen, and why." }),
  unseen_total: Schema.Natural,
  unseen_truncated: Schema.Boolean
}).annotate({ description: "Whether all was seen (complete), and what not and why (unseen). Say that before any figure." })
/** @since 0.1.0 */
export type CoverageAnswer = typeof CoverageAnswer.Type

/**
 * The coverage as an answer; `unseen` takes at most so many bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = remembered((coverage: Coverage.Coverage, bytes: number): CoverageAnswer => {
  const { cells, complete, discovery, failedRegions, incompleteRegions, skippedRegions, table, unknownTags } = coverage
  const all = unseenCells(coverage).map(({ accountId, outcome, reason, region, type, unknownTags }) => ({
    account_id: accountId,
    region,
    resource_type: type,
    outcome,
    unknown_tags: unknownTags,
    ...(reason === undefined ? {} : {
      reason: {
        error: reason.error,
        message: safe(reason.message, 300),
        ...(reason.operation === undefined ? {} : { operation: reason.operation })
      }
    })
  }))
  const listed = within(all, bytes)
  return {
    complete,
    cells,
    cells_total: table.length,
    unknown_tags: unknownTags,
    failed_regions: failedRegions,
    incomplete_regions: incompleteRegions,
    skipped_regions: skippedRegions,
    discovery: { ...discovery, ...(discovery.reason === undefined ? {} : { reason: safe(discovery.reason) }) },
    unseen: listed,
    unseen_total: all.length,
    unseen_truncated: listed.length < all.length
  }
})

/**
 * The coverage in Markdown: what could not be seen first, why, and what to do.
 *
 * @category getters
 * @since 0.1.0
 */
export const toMarkdown = (coverage: Coverage.Coverage): string => markdownOf(coverage, 0)

const markdownOf = remembered((coverage: Coverage.Coverage): string => {
  const { cells, complete, table } = coverage
  const notes = remarks(coverage).map((remark) => `- ${safe(remark)}`)
  if (complete) {
    return [`Everything in scope was seen: ${table.length} cells (account × Region × type).`, ...notes].join("\n")
  }
  const groups = UnseenReasons.of(coverage)
  const rest = groups.slice(maxGroups)
  const more = rest.length
  return [
    `**Incomplete: ${table.length - cells.scanned - cells.unsupported} of ${table.length} cells ` +
    "(account × Region × type) could not be seen. Nothing below speaks of them.**",
    "",
    ...groups.slice(0, maxGroups).map(describe),
    ...(more > 0
      ? [`- and ${rest.reduce((sum, group) => sum + group.cells, 0)} cells for ${more} other reasons: see \`coverage.unseen\``]
      : []),
    ...notes
  ].join("\n")
})

const maxGroups = 8

/** A cell is not all seen when it did not end as it should, or holds resources whose tags are unknown. */
const unseenCells = ({ table }: Coverage.Coverage): ReadonlyArray<CellResult> =>
  table.filter(({ outcome, unknownTags }) => (outcome !== "scanned" && outcome !== "unsupported") || unknownTags > 0)

const describe = (
  { accountIds, cells, error, isEverything, message, operations, outcome, regions, standing, types }: UnseenReasons.UnseenReason
): string => {
  const many = `${cells} ${cells === 1 ? "cell" : "cells"}`
  const accounts = accountIds.length > 1 ? ` of ${accountIds.length} accounts (${some(accountIds)})` : ""
  const what = standing === undefined
    ? `- **${outcome}**, ${many}: ${some(types)} in ${some(regions)}${accounts}`
    : `- **${some(regions)}: ${standing}**, ${many}${accounts}: ` +
      `${isEverything ? types.length === 1 ? "" : "all " : ""}${types.length} ${types.length === 1 ? "type" : "types"} (${some(types)})`
  if (error === "") return what
  const [operation, ...others] = operations
  const remedy = advice({ error, message, ...(operation === undefined ? {} : { operation }) })
  const and = others.length === 0 ? "" : ` and ${others.length} other ${others.length === 1 ? "operation" : "operations"}`
  return `${what}: ${operation ?? error}${and}: ${quoted(message, 200)} ${remedy}`
}

const some = (names: ReadonlyArray<string>): string =>
  names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} others` : names.join(", ")
