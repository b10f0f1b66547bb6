/**
 * What a scan could not see, in as few lines as there are reasons for it: a Region that refuses everything is one, not one
 * for each operation.
 *
 * @since 0.1.0
 */
import { type CellResult, type Coverage, RegionStanding, ResourceType } from "@cadastre/model"

/**
 * Cells that ended alike, for what is the same reason to people.
 *
 * - `outcome`: how, in words; `tags unknown` for cells that were seen except for tags
 * - `standing`: where whole Regions are meant, how they stand, in words
 * - `isEverything`: whether that is all that there is of those Regions
 * - `error`, `message`: of the first of them; empty where there is no reason
 * - `operations`: those that were refused or failed
 *
 * @category models
 * @since 0.1.0
 */
export interface UnseenReason {
  readonly outcome: string
  readonly standing: string | undefined
  readonly isEverything: boolean
  readonly error: string
  readonly message: string
  readonly operations: ReadonlyArray<string>
  readonly cells: number
  readonly accountIds: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
}

/**
 * The unseen cells by reason: every one of them is in exactly one group. Whole Regions first, then those with the most cells.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = ({ table }: Coverage.Coverage): ReadonlyArray<UnseenReason> => {
  const tried = Map.groupBy(table.filter(({ reason }) => reason !== undefined), placeOf)
  // One service that refuses says nothing of a Region.
  const isWide = (place: string): boolean => new Set(tried.get(place)?.map(({ type }) => ResourceType.serviceOf(type))).size > 1
  const standings = new Map(
    RegionStanding.byRegion(table).flatMap(({ accountId, region, standing }) => {
      const place = `${accountId}/${region}`
      return standing === "enabled" || !isWide(place) ? [] : [[place, RegionStanding.label(standing)] as const]
    })
  )
  const groups = Map.groupBy(table.filter(isUnseen), (cell) => {
    const standing = standingOf(cell, standings)
    const { outcome, reason } = cell
    return JSON.stringify(
      standing === undefined ? [outcome, reason?.error, kindOf(reason?.message, reason?.operation)] : [outcome, standing, "Region"]
    )
  })
  const inRegions = Map.groupBy(table.filter(({ outcome }) => outcome !== "unsupported"), placeOf)
  return [...groups.values()].map((cells) => reasonOf(cells, standings, inRegions)).toSorted((a, b) =>
    Number(a.standing === undefined) - Number(b.standing === undefined) || b.cells - a.cells
  )
}

const reasonOf = (
  cells: ReadonlyArray<CellResult>,
  standings: ReadonlyMap<string, string>,
  inRegions: ReadonlyMap<string, ReadonlyArray<CellResult>>
): UnseenReason => {
  const [first] = cells
  const { outcome, reason } = first!
  const standing = standingOf(first!, standings)
  const there = [...new Set(cells.map(placeOf))].reduce((sum, place) => sum + (inRegions.get(place)?.length ?? 0), 0)
  return {
    outcome: isSeen(first!) ? "tags unknown" : outcome.replace("-", " "),
    standing,
    isEverything: standing !== undefined && there === cells.length,
    error: reason?.error ?? "",
    message: reason?.message ?? "",
    operations: namesOf(cells.flatMap(({ reason }) => reason?.operation === undefined ? [] : [reason.operation])),
    cells: cells.length,
    accountIds: namesOf(cells.map(({ accountId }) => accountId)),
    regions: namesOf(cells.map(({ region }) => region)),
    types: namesOf(cells.map(({ type }) => type))
  }
}

const isSeen = ({ outcome }: CellResult): boolean => outcome === "scanned" || outcome === "unsupported"

const isUnseen = (cell: CellResult): boolean => !isSeen(cell) || cell.unknownTags > 0

const placeOf = ({ accountId, region }: CellResult): string => `${accountId}/${region}`

/** Of a cell that nobody tried to see, the Region says nothing. */
const standingOf = (cell: CellResult, standings: ReadonlyMap<string, string>): string | undefined =>
  isSeen(cell) || cell.reason === undefined || cell.outcome === "skipped" ? undefined : standings.get(placeOf(cell))

const namesOf = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].toSorted()

/** A message without what differs from one call to the next: operations, ARNs, and identifiers. */
const kindOf = (message = "", operation = ""): string =>
  (operation === "" ? message : message.replaceAll(operation, "…"))
    .replaceAll(/arn:[\w-]+:[^\s"',;]+/gu, "…")
    .replaceAll(/\b[a-z][\w-]*:[A-Z]\w+/gu, "…")
    .replaceAll(/\b(?:[0-9a-f]{8}-[0-9a-f-]{27}|[\w+/=-]{40,})/giu, "…")
