/**
 * What to do first.
 *
 * @since 0.1.0
 */
import { type Coverage, Outcome, ResourceType } from "@cadastre/model"
import { Severity, type Violation } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import { type CostOf, sumOf } from "./TopViolations.ts"

/**
 * - `kind`: `see` what could not be seen; `read-tags` that could not be read; `set-tag` that is missing or wrong
 * - `text`: a sentence for people
 * - `cells`, `outcome`: of `see`: how many cells, and how they ended
 * - `tag`, `type`, `severity`: of `set-tag`
 * - `resources`: how many it is about; absent where nobody knows
 * - `fixes`: of `set-tag`: those of them that break no other rule of severity `error`, and comply afterwards
 * - `scoreGain`: by how much the score would rise, 0 to 1
 * - `cost`: US dollars that they cost, of those whose cost is known; `unpriced`: how many it is not known of
 * - `examples`: ARNs of three of them
 *
 * @category models
 * @since 0.1.0
 */
export const Recommendation = Schema.Struct({
  kind: Schema.Literals(["see", "read-tags", "set-tag"]),
  text: Schema.String,
  cells: Schema.optionalKey(Schema.Natural),
  outcome: Schema.optionalKey(Outcome),
  tag: Schema.optionalKey(Schema.String),
  type: Schema.optionalKey(ResourceType.ResourceType),
  severity: Schema.optionalKey(Severity),
  resources: Schema.optionalKey(Schema.Natural),
  fixes: Schema.optionalKey(Schema.Natural),
  scoreGain: Schema.optionalKey(Schema.Finite),
  cost: Schema.optionalKey(Schema.Finite),
  unpriced: Schema.optionalKey(Schema.Natural),
  examples: Schema.Array(Schema.String)
})
/** @since 0.1.0 */
export type Recommendation = typeof Recommendation.Type

/**
 * Recommendations from what a check saw: first what it could not see, for
 * nobody knows what is there; then tags by type, errors before warnings, the most
 * resources first, and of equals what costs most.
 *
 * - `violations`: all of them, whatever their severity
 * - `costOf`: nothing is known to cost anything by default
 * - `most`: how many tags and types are named, 10 by default; what could not be seen is never left out
 *
 * @category constructors
 * @since 0.1.0
 */
export const recommendationsOf = (
  seen: {
    readonly coverage: Coverage.Coverage
    readonly totalResources: number
    readonly violations: ReadonlyArray<Violation>
  },
  { costOf = () => undefined, most = 10 }: { readonly costOf?: CostOf; readonly most?: number } = {}
): ReadonlyArray<Recommendation> => [
  ...unseenOf(seen.coverage),
  ...tagsOf(seen.violations, seen.totalResources, costOf).slice(0, most)
]

const advice: Readonly<Record<Exclude<Outcome, "scanned" | "unsupported">, string>> = {
  denied: "allow what `cadastre iam-policy` prints, and see whether a service control policy forbids it",
  throttled: "scan again, or leave AWS more time with a lower RATE_LIMIT_SHARE",
  "timed-out": "scan again, or give each Region more time with REGION_SCAN_TIMEOUT_SECONDS",
  failed: "see in the coverage what AWS answered, and scan again",
  skipped: "scan again, and let the scan end"
}

const unseenOf = ({ discovery, table, unknownTags, unnamedAccounts }: Coverage.Coverage): ReadonlyArray<Recommendation> => {
  const groups = Map.groupBy(table, ({ outcome }) => outcome)
  const see = [...groups].flatMap(([outcome, cells]): ReadonlyArray<Recommendation> => {
    if (outcome === "scanned" || outcome === "unsupported") return []
    const places = new Set(cells.map(({ accountId, region }) => `${accountId}/${region}`)).size
    const types = new Set(cells.map(({ type }) => type)).size
    return [{
      kind: "see",
      text: `See what is in ${count(cells.length, "cell")} (${count(types, "type")} in ${count(places, "place")}) that ended as ` +
        `${outcome}: nothing is known of ${cells.length === 1 ? "it" : "them"}. To do so, ${advice[outcome]}`,
      cells: cells.length,
      outcome,
      examples: []
    }]
  }).toSorted((a, b) => b.cells! - a.cells!)
  return [
    ...see,
    ...unnamedAccounts.length === 0 ? [] : [{
      kind: "see" as const,
      text: `See ${count(unnamedAccounts.length, "account")} that could not be entered: ${unnamedAccounts.map(({ name }) => name).join(", ")}`,
      examples: []
    }],
    ...discovery.exhaustive ? [] : [{
      kind: "see" as const,
      text: "Let the Regions be listed (ec2:DescribeRegions or account:ListRegions): there may be more than were looked at",
      examples: []
    }],
    ...unknownTags === 0 ? [] : [{
      kind: "read-tags" as const,
      text: `Let the tags of ${count(unknownTags, "resource")} be read: nobody knows whether they comply. ` +
        "Allow what `cadastre iam-policy` prints",
      resources: unknownTags,
      examples: []
    }]
  ]
}

const tagsOf = (
  violations: ReadonlyArray<Violation>,
  totalResources: number,
  costOf: CostOf
): ReadonlyArray<Recommendation> => {
  const errors = Map.groupBy(violations.filter(({ severity }) => severity === "error"), ({ arn }) => arn)
  const groups = Map.groupBy(violations, ({ resourceType, severity, tag }) => JSON.stringify([severity, tag, resourceType]))
  return [...groups.values()].map((group) => {
    const { resourceType: type, severity, tag } = group[0]!
    const { micros, resources, unpriced } = sumOf(group, costOf)
    const arns = [...new Set(group.map(({ arn }) => arn))].toSorted()
    const fixes = severity !== "error"
      ? 0
      : arns.filter((arn) => errors.get(arn)!.every((one) => one.tag === tag)).length
    const recommendation: Recommendation = {
      kind: "set-tag",
      text: `${severity === "error" ? "Set" : "Look at"} ${tag} on ${count(resources, "resource")} of type ${type}: ${wrongs(group)}` +
        (fixes === 0 ? "" : `; ${fixes === resources ? (fixes === 1 ? "it complies" : "all of them comply") : `${fixes} of them comply`} then`),
      tag,
      type,
      severity,
      resources,
      fixes,
      ...totalResources === 0 ? {} : { scoreGain: fixes / totalResources },
      ...micros === undefined ? {} : { cost: micros / 1_000_000, unpriced },
      examples: arns.slice(0, 3)
    }
    return { recommendation, resources, micros: micros ?? 0 }
  }).sort((a, b) =>
    compare(a.recommendation.severity!, b.recommendation.severity!) || b.resources - a.resources || b.micros - a.micros ||
    compare(a.recommendation.tag!, b.recommendation.tag!) || compare(a.recommendation.type!, b.recommendation.type!)
  ).map(({ recommendation }) => recommendation)
}

/** What is wrong with a tag, the most frequent first. */
const wrongs = (violations: ReadonlyArray<Violation>): string =>
  [...Map.groupBy(violations, ({ rule }) => rule)]
    .toSorted(([a, x], [b, y]) => y.length - x.length || compare(a, b))
    .map(([rule, { length }]) => `${length} ${rule.replaceAll("_", " ")}`)
    .join(", ")

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
