/**
 * What the score of a Region or type may be with what was not seen of it.
 *
 * @since 0.1.0
 */
import type { Figures, ScoreBounds, Summary } from "@cadastre/aggregation"
import { type CellResult, type Coverage, sweptSourceOf } from "@cadastre/model"

/**
 * How a group of cells was seen.
 *
 * @since 0.1.0
 */
export type Sight = "all" | "part" | "none"

/** Global services whose resources are in no Region; others, such as S3, list what is in one. */
const nowhere = /^(?:cloudfront|iam|route53):/u

/**
 * How the cells of each Region or type were seen; what does not exist in a Region cannot be missed there. What is
 * looked for everywhere at once, unseen, leaves a part of each group open.
 *
 * @category getters
 * @since 0.1.0
 */
export const sights = ({ table }: Coverage.Coverage, by: "region" | "type", keys: Iterable<string>): ReadonlyMap<string, Sight> => {
  const found = new Map<string, Sight>()
  let isOpen = false
  for (const cell of table) {
    if (cell.outcome === "unsupported") continue
    const sight: Sight = cell.outcome === "scanned" ? "all" : "none"
    const known = found.get(cell[by])
    found.set(cell[by], known === undefined || known === sight ? sight : "part")
    if (sight === "none" && isAnywhere(cell, by)) isOpen = true
  }
  if (!isOpen) return found
  for (const key of new Set([...found.keys(), ...keys])) {
    if ((found.get(key) ?? "all") === "all") found.set(key, "part")
  }
  return found
}

const isAnywhere = ({ region, type }: CellResult, by: "region" | "type"): boolean =>
  by === "type" ? sweptSourceOf(type) !== undefined : region === "global" && !nowhere.test(type)

/**
 * Bounds of a group, from those of the whole. How much was not seen of which cell is in no report, but how much it was
 * in all is in its bounds: a group lacks no more than that. So they are never too narrow, and exact where all that was
 * not seen is in one group.
 *
 * @category getters
 * @since 0.1.0
 */
export const bounds = (summary: Summary): (figures: Figures, sight: Sight) => ScoreBounds | undefined => {
  const unseen = unseenOf(summary)
  return ({ compliantResources, totalResources, unknownTags }, sight) => {
    if (sight !== "all" && unseen === undefined) return undefined
    const hidden = unknownTags + (sight === "all" ? 0 : unseen ?? 0)
    const total = totalResources + hidden
    return total === 0 ? undefined : { lowest: compliantResources / total, highest: (compliantResources + hidden) / total }
  }
}

/** How many resources the cells hold that were not seen, as many as they held when they were seen last. */
const unseenOf = ({ scoreBounds, totalResources, unknownTags }: Summary): number | undefined => {
  if (scoreBounds === undefined) return undefined
  const width = scoreBounds.highest - scoreBounds.lowest
  if (width <= 0) return 0
  if (width >= 1 || totalResources === 0) return undefined
  // Rounded up: a bound that is too wide says nothing wrong.
  return Math.max(0, Math.ceil(totalResources * width / (1 - width) - 1e-6) - unknownTags)
}
