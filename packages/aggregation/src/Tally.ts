/**
 * Counts of judged resources. A commutative monoid.
 *
 * @since 0.1.0
 */
import type { NotApplicableReason } from "@cadastre/policy"
import * as Number from "effect/Number"
import * as Struct from "effect/Struct"

/**
 * - `found`: all resources, whether they are scored or not
 * - `scored`: those that the policy has a say in and whose tags are known: the denominator
 * - `compliant`: those of them without an error
 * - `aws-created`, `default`, `deleted`, `untaggable`, `unconfirmed`, `free`, `waived`, `nothing-required`: seen and
 *   not scored, by the reason for it
 * - `unknownTags`: those whose tags could not be read
 * - `violations`: broken rules, of all severities
 * - `gapMicros`: cost of the scored resources that are not compliant, in millionths of a US dollar: whole
 *   numbers, so that the order of adding makes no difference
 * - `unpriced`: scored resources that are not compliant and whose cost is not known
 *
 * @category models
 * @since 0.1.0
 */
export interface Tally extends Readonly<Record<NotApplicableReason, number>> {
  readonly found: number
  readonly scored: number
  readonly compliant: number
  readonly unknownTags: number
  readonly violations: number
  readonly gapMicros: number
  readonly unpriced: number
}

/**
 * @category reducers
 * @since 0.1.0
 */
export const Reducer = Struct.makeReducer<Tally>({
  found: Number.ReducerSum,
  scored: Number.ReducerSum,
  compliant: Number.ReducerSum,
  "aws-created": Number.ReducerSum,
  default: Number.ReducerSum,
  deleted: Number.ReducerSum,
  untaggable: Number.ReducerSum,
  unconfirmed: Number.ReducerSum,
  free: Number.ReducerSum,
  waived: Number.ReducerSum,
  "nothing-required": Number.ReducerSum,
  unknownTags: Number.ReducerSum,
  violations: Number.ReducerSum,
  gapMicros: Number.ReducerSum,
  unpriced: Number.ReducerSum
})

/**
 * The reasons for which a resource is not scored, in the order in which they are told.
 *
 * @category models
 * @since 0.1.0
 */
export const notApplicableReasons = [
  "free",
  "default",
  "aws-created",
  "deleted",
  "untaggable",
  "unconfirmed",
  "waived",
  "nothing-required"
] as const satisfies ReadonlyArray<NotApplicableReason>

/**
 * Tallies by group, e.g. by Region. Keys are untrusted text.
 *
 * @category models
 * @since 0.1.0
 */
export type Groups = ReadonlyMap<string, Tally>

/**
 * Adds up the tallies of the same group.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combineGroups = (a: Groups, b: Groups): Groups => {
  if (a.size === 0) return b
  if (b.size === 0) return a
  const sum = new Map(a)
  for (const [key, tally] of b) {
    const known = sum.get(key)
    sum.set(key, known === undefined ? tally : Reducer.combine(known, tally))
  }
  return sum
}
