/**
 * Sums of money by whose it is. A commutative monoid.
 *
 * @since 0.1.0
 */
import type { Untaggable } from "./ChargeKind.ts"
import type { Basis, Unseen } from "./Allocation.ts"
import type { Money } from "./Money.ts"

/**
 * What a portion of the spend counts as. `total` is the sum of all parts:
 *
 * - `attributable`: of resources that follow the policy and whose tags the bill shows
 * - `noTag`, `wrongValue`: of resources without a required tag, or with one of a wrong value
 * - `notActivated`, `notBackfilled`: of resources that follow the policy, by tags that the bill does not show: the key
 *   is no cost allocation tag, or was made one after the money was spent
 * - `untaggable`: tax, support and the like: nobody's fault
 * - `notApplicable`: of resources that the policy asks nothing of
 * - `unseen`: not known whose it is
 *
 * @category models
 * @since 0.1.0
 */
export type Part =
  | "attributable"
  | "noTag"
  | "wrongValue"
  | "notActivated"
  | "notBackfilled"
  | "untaggable"
  | "notApplicable"
  | "unseen"

/** @since 0.1.0 */
export const parts: ReadonlyArray<Part> = [
  "attributable",
  "noTag",
  "wrongValue",
  "notActivated",
  "notBackfilled",
  "untaggable",
  "notApplicable",
  "unseen"
]

/**
 * Parts by name, and beside them how many resources bear each, how amounts became known, and why others did not.
 * Names that are absent stand for nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface GapTally {
  readonly amounts: Readonly<Partial<Record<Part, Money>>>
  readonly resources: Readonly<Partial<Record<Part, number>>>
  readonly basis: Readonly<Partial<Record<Basis, Money>>>
  readonly untaggable: Readonly<Partial<Record<Untaggable, Money>>>
  readonly unseen: Readonly<Partial<Record<Unseen, Money>>>
  readonly givenBack: Money
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const empty: GapTally = { amounts: {}, resources: {}, basis: {}, untaggable: {}, unseen: {}, givenBack: 0n }

/**
 * @category combinators
 * @since 0.1.0
 */
export const combine = (a: GapTally, b: GapTally): GapTally => ({
  amounts: added(a.amounts, b.amounts),
  resources: counted(a.resources, b.resources),
  basis: added(a.basis, b.basis),
  untaggable: added(a.untaggable, b.untaggable),
  unseen: added(a.unseen, b.unseen),
  givenBack: a.givenBack + b.givenBack
})

/**
 * Tallies by group, e.g. by Region. Keys are untrusted text.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combineGroups = (
  a: ReadonlyMap<string, GapTally>,
  b: ReadonlyMap<string, GapTally>
): ReadonlyMap<string, GapTally> => {
  const sum = new Map(a)
  for (const [key, tally] of b) sum.set(key, combine(sum.get(key) ?? empty, tally))
  return sum
}

/**
 * The sum of all parts.
 *
 * @since 0.1.0
 */
export const totalOf = ({ amounts }: GapTally): Money => parts.reduce((sum, part) => sum + (amounts[part] ?? 0n), 0n)

/**
 * What could be attributed and is not: the parts that somebody can do something about.
 *
 * @since 0.1.0
 */
export const gapOf = ({ amounts }: GapTally): Money =>
  (amounts.noTag ?? 0n) + (amounts.wrongValue ?? 0n) + (amounts.notActivated ?? 0n) + (amounts.notBackfilled ?? 0n)

const added = <K extends string>(
  a: Readonly<Partial<Record<K, Money>>>,
  b: Readonly<Partial<Record<K, Money>>>
): Partial<Record<K, Money>> => merged(a, b, (x: Money, y: Money) => x + y)

const counted = <K extends string>(
  a: Readonly<Partial<Record<K, number>>>,
  b: Readonly<Partial<Record<K, number>>>
): Partial<Record<K, number>> => merged(a, b, (x: number, y: number) => x + y)

const merged = <K extends string, V>(
  a: Readonly<Partial<Record<K, V>>>,
  b: Readonly<Partial<Record<K, V>>>,
  add: (x: V, y: V) => V
): Partial<Record<K, V>> => {
  const sum: Partial<Record<K, V>> = { ...a }
  for (const key of Object.keys(b) as Array<K>) {
    const left = sum[key]
    const right = b[key]
    if (right !== undefined) sum[key] = left === undefined ? right : add(left, right)
  }
  return sum
}
