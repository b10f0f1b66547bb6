/**
 * Who saw what, in words and as a table.
 *
 * @since 0.1.0
 */
import { combineSeenBy, type Coverage, type ScanScope, type SeenBy, sweptSourceOf } from "@cadastre/model"
import { count, grouped } from "./Counting.ts"

/**
 * Who saw how many resources of each type; empty where the services alone were asked.
 *
 * @since 0.1.0
 */
export const seenBy = ({ table }: Coverage.Coverage): ReadonlyArray<SeenBy> =>
  combineSeenBy(table.flatMap(({ proof }) => proof?.seenBy ?? []))

/**
 * What a reader has to know of the sources before the figures.
 *
 * @since 0.1.0
 */
export const remarks = (coverage: Coverage.Coverage): ReadonlyArray<string> => {
  const all = seenBy(coverage)
  const indexes = coverage.table.flatMap(({ proof }) => proof?.indexes ?? [])
  const sum = (of: (one: SeenBy) => number | undefined) => all.reduce((total, one) => total + (of(one) ?? 0), 0)
  const asked = new Set(coverage.table.map(({ type }) => sweptSourceOf(type)))
  const sources = [
    `service APIs ${grouped(sum(({ serviceApi }) => serviceApi))}`,
    ...(asked.has("tagging-api") ? [`tagging API ${grouped(sum(({ taggingApi }) => taggingApi))}`] : []),
    ...(asked.has("resource-explorer")
      ? [`Resource Explorer ${grouped(sum(({ resourceExplorer }) => resourceExplorer))}`]
      : [])
  ]
  const [ghosts, tagsDiffer, unlisted] = [
    sum((one) => one.ghosts),
    sum((one) => one.tagsDiffer),
    sum((one) => one.unlisted)
  ]
  const alone = all.filter(({ serviceApi, unconfirmed }) => serviceApi === undefined && unconfirmed > 0)
  const unconfirmed = alone.reduce((total, one) => total + one.unconfirmed, 0)
  return [
    ...(all.length === 0 ? [] : [`Seen by: ${sources.join(", ")}`]),
    ...(ghosts === 0 ? [] : [`Left out: ${count(ghosts, "ghost")}, listed by another source and by no service any more`]),
    ...(tagsDiffer === 0 ? [] : [`The tagging API has other tags: ${count(tagsDiffer, "resource")}; the service is believed`]),
    ...(unlisted === 0 ? [] : [`Tagged and unknown to the tagging API: ${count(unlisted, "resource")}`]),
    ...(unconfirmed === 0
      ? []
      : [
        `Unconfirmed: ${count(unconfirmed, "resource")} of ${count(alone.length, "type")} that no service speaks of; ` +
        "some may be gone, and more may be there"
      ]),
    ...indexes.map(({ newestReport, oldestReport, region, resources, type, updatedAt }) =>
      `Index of Resource Explorer: ${type} in ${region}, ${count(resources, "resource")}` +
      (oldestReport === undefined ? "" : `, reported between ${oldestReport} and ${newestReport ?? oldestReport}`) +
      (updatedAt === undefined ? "" : `, set up ${updatedAt}`)
    )
  ]
}

/**
 * The tag filter of a scan; `undefined` for a scan of everything.
 *
 * @since 0.1.0
 */
export const tagFilter = ({ tags }: ScanScope): string | undefined =>
  tags?.map(({ key, values }) => values.length === 0 ? key : `${key}=${values.join(" or ")}`).join(", ")

/** @since 0.1.0 */
export const columns = [
  { title: "Resource Type", color: "yellow" },
  { title: "Service", number: true },
  { title: "Tagging API", number: true },
  { title: "Explorer", number: true },
  { title: "All", number: true },
  { title: "One only", number: true },
  { title: "Ghosts", number: true },
  { title: "Unconfirmed", number: true },
  { title: "Other tags", number: true },
  { title: "Unlisted", number: true }
] as const

/**
 * A line of the table; `–` where a source was not asked, or not read to its end.
 *
 * @since 0.1.0
 */
export const row = (one: SeenBy): readonly [type: string, ...ReadonlyArray<string>] => [
  one.type,
  known(one.serviceApi),
  known(one.taggingApi),
  known(one.resourceExplorer),
  grouped(one.byAll),
  grouped(one.byOneOnly),
  grouped(one.ghosts),
  grouped(one.unconfirmed),
  grouped(one.tagsDiffer),
  grouped(one.unlisted)
]

const known = (number: number | undefined): string => number === undefined ? "–" : grouped(number)

/**
 * Whether the sources do not say the same of the type, or no service speaks of it.
 *
 * @since 0.1.0
 */
export const isRemarkable = ({ ghosts, serviceApi, tagsDiffer, unconfirmed, unlisted }: SeenBy): boolean =>
  serviceApi === undefined && unconfirmed > 0 || ghosts + tagsDiffer + unlisted + unconfirmed > 0
