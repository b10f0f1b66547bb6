/**
 * The same figures, counted naively: one resource at a time, by hand, without
 * anything of the code under test or of the policy engine.
 */
import type { Resource } from "@cadastre/model"
import type { Figures } from "@cadastre/aggregation"
import { costMicros, type HiddenCell } from "./Events.ts"

export type Judgement = "compliant" | "violating" | "unknown" | "not-applicable"

const blank = (value: string | undefined): boolean => value === undefined || value.trim() === ""
const own = (tags: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(tags, key) ? tags[key] : undefined

export const judge = (resource: Resource, tags = resource.tags): Judgement => {
  if (resource.marks !== undefined || resource.type === "sns:topic") return "not-applicable"
  if (tags === null) return "unknown"
  return blank(own(tags, "Owner")) ? "violating" : "compliant"
}

const violationsOf = (resource: Resource): number => {
  const judgement = judge(resource)
  if (judgement === "unknown" || judgement === "not-applicable") return 0
  const env = own(resource.tags!, "Env")
  return (judgement === "violating" ? 1 : 0) + (env === "a" || env === "b" ? 0 : 1)
}

export const ownerOf = ({ service, tags }: Resource): string => {
  if (tags === null) return ""
  // IAM alone takes any case for the same key.
  const spelt = Object.keys(tags).filter((key) => key === "Owner" || (service === "iam" && /^owner$/iu.test(key)))
  const value = own(tags, spelt.find((key) => key === "Owner") ?? spelt[0] ?? "")
  return value === undefined || value.trim() === "" ? "" : value
}

export const figuresOf = (resources: ReadonlyArray<Resource>, seen = true): Figures => {
  const of = (judgement: Judgement) => resources.filter((resource) => judge(resource) === judgement)
  const compliant = of("compliant").length
  const total = compliant + of("violating").length
  const costs = of("violating").map(costMicros)
  const reasons = of("not-applicable").map(({ marks }) => marks?.[0] ?? "nothing-required")
  return {
    ...(seen ? { complianceScore: total === 0 ? 1 : compliant / total } : {}),
    totalResources: total,
    compliantResources: compliant,
    notApplicable: of("not-applicable").length,
    notApplicableByReason: Object.fromEntries(
      [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length])
    ),
    unknownTags: of("unknown").length,
    resourcesFound: resources.length,
    violationCount: resources.reduce((sum, resource) => sum + violationsOf(resource), 0),
    costAttributionGap:
      !seen || costs.includes(undefined) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) / 1_000_000
  }
}

export const scannedCells = (cells: ReadonlyArray<HiddenCell>): ReadonlyArray<HiddenCell> =>
  cells.filter(({ outcome }) => outcome === "scanned")

export const foundIn = (cells: ReadonlyArray<HiddenCell>): ReadonlyArray<Resource> =>
  cells.flatMap(({ pages }) => pages.flat())

/** The score that a scan which sees everything would give. */
export const trueScore = (cells: ReadonlyArray<HiddenCell>): number => {
  const judged = cells.flatMap(({ pages, truth }) =>
    pages.flat().map((resource) => judge(resource, truth.get(resource.arn) ?? {}))
  )
  const compliant = judged.filter((judgement) => judgement === "compliant").length
  const total = compliant + judged.filter((judgement) => judgement === "violating").length
  return total === 0 ? 1 : compliant / total
}

/** How many resources of a cell are scored when all of it is seen. */
export const scoredIn = ({ pages }: HiddenCell): number =>
  pages.flat().filter((resource) => judge(resource, {}) !== "not-applicable").length
