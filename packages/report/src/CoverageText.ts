/**
 * What a scan could not see, in words.
 *
 * @since 0.1.0
 */
import { type Coverage, type Outcome, RegionStanding } from "@cadastre/model"
import { count, grouped } from "./Counting.ts"
import * as SourceText from "./SourceText.ts"

export { count, grouped }

/** Outcomes of cells that were not seen; what does not exist in a Region cannot be missed there. */
const unseenOutcomes: ReadonlyArray<Outcome> = ["denied", "throttled", "timed-out", "failed", "skipped"]

const words = (outcome: Outcome): string => outcome.replace("-", " ")

/**
 * The first of a list, and how many there are besides.
 *
 * @since 0.1.0
 */
export const some = (items: ReadonlyArray<string>, most: number): string =>
  items.length <= most
    ? items.join(", ")
    : `${items.slice(0, most).join(", ")} and ${grouped(items.length - most)} more`

/**
 * How much was seen, in one sentence.
 *
 * @since 0.1.0
 */
export const headline = (coverage: Coverage.Coverage): string => {
  const { cells, failedRegions, incompleteRegions, successfulRegions } = coverage
  const unseen = unseenOutcomes.reduce((sum, outcome) => sum + cells[outcome], 0)
  const total = unseen + cells.scanned + cells.unsupported
  if (total === 0) return "Nothing was looked at: the scope holds no cells"
  const regions = successfulRegions.length + incompleteRegions.length + failedRegions.length
  if (unseen === 0) {
    const accounts = new Set(coverage.table.map(({ accountId }) => accountId)).size
    const where = regions === 0 ? "" : ` in ${count(regions, "Region")}${accounts > 1 ? ` of ${count(accounts, "account")}` : ""}`
    const all = `${total === 1 ? "the one cell" : `all ${count(total, "cell")}`} seen${where}`
    return coverage.complete ? `Complete: ${all}` : `Incomplete: ${all}, but not everything in scope`
  }
  const outcomes = unseenOutcomes
    .filter((outcome) => cells[outcome] > 0)
    .map((outcome) => `${grouped(cells[outcome])} ${words(outcome)}`)
  return `Seen: ${grouped(total - unseen)} of ${count(total, "cell")} (${outcomes.join(", ")})` +
    (failedRegions.length === 0 ? "" : `; failed Regions: ${some(failedRegions, 12)}`)
}

/**
 * What else a reader has to know before the figures; empty for a complete scan
 * of all Regions.
 *
 * @since 0.1.0
 */
export const remarks = (coverage: Coverage.Coverage): ReadonlyArray<string> => {
  const { discovery, failedAccounts, incompleteRegions, skippedRegions, table, unknownTags, unnamedAccounts } = coverage
  const earlier = table.flatMap(({ seenAt }) => seenAt === undefined ? [] : [seenAt]).toSorted()
  const because = discovery.reason === undefined ? "" : `: ${discovery.reason}`
  return [
    ...(failedAccounts.length === 0 ? [] : [`Failed accounts: ${some(failedAccounts, 12)}`]),
    ...unnamedAccounts.map(({ name, reason }) => `Not looked at: account "${name}": ${reason.message}`),
    ...standings(coverage),
    ...(incompleteRegions.length === 0 ? [] : [`Seen in part: ${some(incompleteRegions, 12)}`]),
    ...(unknownTags === 0 ? [] : [`The tags of ${count(unknownTags, "resource")} could not be read`]),
    ...(discovery.exhaustive ? [] : [`There may be more Regions: the list comes from ${discovery.source}${because}`]),
    ...(discovery.exhaustive && discovery.status === "fallback"
      ? [`The list of Regions comes from ${discovery.source}${because}`]
      : []),
    ...(earlier.length === 0 ? [] : [`Seen by an earlier scan: ${count(earlier.length, "cell")}, since ${earlier[0]}`]),
    ...SourceText.remarks(coverage),
    ...(skippedRegions.length === 0 ? [] : [`Not looked at, as asked or not enabled: ${some(skippedRegions, 12)}`])
  ]
}

/** Regions in which nothing was seen for one common reason, by that reason. */
const standings = ({ table }: Coverage.Coverage): ReadonlyArray<string> => {
  const severalAccounts = new Set(table.map(({ accountId }) => accountId)).size > 1
  const found = RegionStanding.byRegion(table).filter(({ standing }) => standing !== "enabled")
  return [...Map.groupBy(found, ({ standing }) => standing)].map(([standing, places]) => {
    const named = places.map(({ accountId, region }) => severalAccounts ? `${accountId}/${region}` : region)
    // The same Region stands in each account as it does there.
    const counted = severalAccounts
      ? count(places.length, "pair of account and Region", "pairs of account and Region")
      : count(places.length, "Region")
    return `${counted} ${RegionStanding.label(standing)}: ${some(named, 12)}`
  })
}

/**
 * Cells that ended alike, for the same reason.
 *
 * - `outcome`: how, in words; `tags unknown` for cells that were seen except for tags
 * - `error`, `operation`, `message`: empty where there is no reason
 * - `cells`: how many
 *
 * @category models
 * @since 0.1.0
 */
export interface UnseenGroup {
  readonly outcome: string
  readonly error: string
  readonly operation: string
  readonly message: string
  readonly cells: number
  readonly accountIds: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
}

/**
 * The unseen cells by reason, those with the most cells first.
 *
 * @since 0.1.0
 */
export const unseen = (coverage: Coverage.Coverage): ReadonlyArray<UnseenGroup> => {
  const groups = new Map<string, {
    readonly head: Pick<UnseenGroup, "outcome" | "error" | "operation" | "message">
    readonly accountIds: Set<string>
    readonly regions: Set<string>
    readonly types: Set<string>
    cells: number
  }>()
  for (const { accountId, outcome, reason, region, type, unknownTags } of coverage.table) {
    const isSeen = outcome === "scanned" || outcome === "unsupported"
    if (isSeen && unknownTags === 0) continue
    const head = {
      outcome: isSeen ? "tags unknown" : words(outcome),
      error: reason?.error ?? "",
      operation: reason?.operation ?? "",
      message: reason?.message ?? ""
    }
    const key = JSON.stringify(Object.values(head))
    const group = groups.get(key) ??
      { head, accountIds: new Set<string>(), regions: new Set<string>(), types: new Set<string>(), cells: 0 }
    groups.set(key, group)
    group.cells++
    group.accountIds.add(accountId)
    group.regions.add(region)
    group.types.add(type)
  }
  return [...groups.values()]
    .map(({ accountIds, cells, head, regions, types }) => ({
      ...head,
      cells,
      accountIds: [...accountIds].toSorted(),
      regions: [...regions].toSorted(),
      types: [...types].toSorted()
    }))
    // Equals stay in the order of the table.
    .toSorted((a, b) => b.cells - a.cells)
}

/**
 * Where a group's cells are, in one line; accounts only where there are several.
 *
 * @since 0.1.0
 */
export const whereOf = ({ accountIds, regions, types }: UnseenGroup, severalAccounts: boolean): string =>
  [...(severalAccounts ? [some(accountIds, 3)] : []), some(regions, 6), some(types, 6)].join(" · ")
