/**
 * Which rules are broken most, by number and by money.
 *
 * @since 0.1.0
 */
import { Rule, Severity, type Violation } from "@cadastre/policy"
import * as Schema from "effect/Schema"

/**
 * One rule of one tag.
 *
 * - `resources`: how many break it
 * - `cost`: US dollars that they cost together, of those whose cost is known; `null` where it is known of none
 * - `unpriced`: those whose cost is not known
 *
 * @category models
 * @since 0.1.0
 */
export const TopViolation = Schema.Struct({
  tag: Schema.String,
  rule: Rule,
  severity: Severity,
  resources: Schema.Natural,
  cost: Schema.NullOr(Schema.Finite),
  unpriced: Schema.Natural
})
/** @since 0.1.0 */
export type TopViolation = typeof TopViolation.Type

/**
 * - `byCount`: the most frequent first
 * - `byCost`: the most expensive first; those of no known cost are not in it
 *
 * @category models
 * @since 0.1.0
 */
export const TopViolations = Schema.Struct({
  byCount: Schema.Array(TopViolation),
  byCost: Schema.Array(TopViolation)
})
/** @since 0.1.0 */
export type TopViolations = typeof TopViolations.Type

/**
 * What a resource costs, by its ARN, in millionths of a US dollar; `undefined`
 * where that is not known.
 *
 * @category models
 * @since 0.1.0
 */
export type CostOf = (arn: string) => number | undefined

/**
 * The top of a list of violations, which has each of them once.
 *
 * - `costOf`: nothing is known to cost anything by default
 * - `most`: how many of each, 10 by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const topViolations = (
  violations: ReadonlyArray<Pick<Violation, "arn" | "rule" | "severity" | "tag">>,
  { costOf = () => undefined, most = 10 }: { readonly costOf?: CostOf; readonly most?: number } = {}
): TopViolations => {
  const groups = Map.groupBy(violations, ({ rule, severity, tag }) => JSON.stringify([tag, rule, severity]))
  const all = [...groups.values()].map((group) => {
    const { rule, severity, tag } = group[0]!
    const { micros, resources, unpriced } = sumOf(group, costOf)
    return { top: { tag, rule, severity, resources, cost: micros === undefined ? null : micros / 1_000_000, unpriced }, micros }
  })
  const byName = (a: TopViolation, b: TopViolation) => compare(a.tag, b.tag) || compare(a.rule, b.rule) || compare(a.severity, b.severity)
  return {
    byCount: all.map(({ top }) => top).sort((a, b) => b.resources - a.resources || byName(a, b)).slice(0, most),
    byCost: all.filter(({ micros }) => micros !== undefined)
      .sort((a, b) => b.micros! - a.micros! || byName(a.top, b.top))
      .slice(0, most)
      .map(({ top }) => top)
  }
}

/**
 * How many resources violations are of, and what those cost, each once:
 * `micros` of those whose cost is known, and nothing where it is known of none.
 *
 * @category getters
 * @since 0.1.0
 */
export const sumOf = (violations: ReadonlyArray<Pick<Violation, "arn">>, costOf: CostOf) => {
  const arns = new Set(violations.map(({ arn }) => arn))
  let micros: number | undefined
  let unpriced = 0
  for (const arn of arns) {
    const cost = costOf(arn)
    if (cost === undefined) unpriced++
    else micros = (micros ?? 0) + cost
  }
  return { resources: arns.size, micros, unpriced }
}

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
