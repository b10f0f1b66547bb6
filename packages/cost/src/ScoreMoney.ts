/**
 * How much of the money may be of resources that follow the policy, and how much surely is: what the score by spend
 * can be. Sums, so that parts may be put together in any order.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Portion } from "./Allocation.ts"
import type { JudgedResource } from "./AttributionGap.ts"
import type { Money } from "./Money.ts"

/**
 * - `followsAtLeast`, `followsAtMost`: of resources that follow the policy
 * - `violatesAtLeast`, `violatesAtMost`: of resources that do not
 *
 * @category models
 * @since 0.1.0
 */
export interface ScoreMoney {
  readonly followsAtLeast: Money
  readonly followsAtMost: Money
  readonly violatesAtLeast: Money
  readonly violatesAtMost: Money
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const empty: ScoreMoney = { followsAtLeast: 0n, followsAtMost: 0n, violatesAtLeast: 0n, violatesAtMost: 0n }

/**
 * @category combinators
 * @since 0.1.0
 */
export const combine = (a: ScoreMoney, b: ScoreMoney): ScoreMoney => ({
  followsAtLeast: a.followsAtLeast + b.followsAtLeast,
  followsAtMost: a.followsAtMost + b.followsAtMost,
  violatesAtLeast: a.violatesAtLeast + b.violatesAtLeast,
  violatesAtMost: a.violatesAtMost + b.violatesAtMost
})

/**
 * The lowest and the highest score that there can be, 0 to 1.
 *
 * @category models
 * @since 0.1.0
 */
export const Bounds = Schema.Struct({ lowest: Schema.Finite, highest: Schema.Finite })
/** @since 0.1.0 */
export type Bounds = typeof Bounds.Type

/**
 * The bounds of the score; `null` where no money can be of what the policy asks something of.
 *
 * @category getters
 * @since 0.1.0
 */
export const boundsOf = (money: ScoreMoney): Bounds | null => {
  const { followsAtLeast, followsAtMost, violatesAtLeast, violatesAtMost } = money
  if (followsAtMost + violatesAtMost === 0n) return null
  return {
    lowest: ratio(followsAtLeast, violatesAtMost) ?? 1,
    highest: ratio(followsAtMost, violatesAtLeast) ?? 0
  }
}

const ratio = (follows: Money, violates: Money): number | undefined =>
  follows + violates === 0n ? undefined : Number(follows) / Number(follows + violates)

/** What money can be of. */
interface CanBe {
  readonly follows: boolean
  readonly violates: boolean
  readonly outside: boolean
}

/**
 * Counts portions of the spend.
 *
 * - `types`: what is of other types is outside of the score
 *
 * @category constructors
 * @since 0.1.0
 */
export const count = (types: ReadonlySet<string> | undefined): {
  readonly add: (portion: Portion<JudgedResource>) => void
  readonly money: () => ScoreMoney
} => {
  const known = new Map<ReadonlyArray<JudgedResource>, CanBe>()
  let money = empty
  const one = ({ standing, type }: JudgedResource): CanBe => {
    const outside = types?.has(type) === false || standing === "not-applicable" || standing === "untaggable"
    const isUnknown = !outside && standing === "unknown"
    return {
      follows: !outside && (isUnknown || standing === "compliant"),
      violates: !outside && standing !== "compliant",
      outside
    }
  }
  const any = (among: ReadonlyArray<JudgedResource>): CanBe => {
    const before = known.get(among)
    if (before !== undefined) return before
    const all = among.map(one)
    const made = {
      follows: all.some(({ follows }) => follows),
      violates: all.some(({ violates }) => violates),
      outside: all.some(({ outside }) => outside)
    }
    known.set(among, made)
    return made
  }
  return {
    add: ({ amount, among, bearer, unseen }) => {
      if (bearer === undefined && unseen === undefined) return
      const { follows, outside, violates } = bearer === undefined
        ? { follows: true, violates: true, outside: true }
        : among === undefined
        ? one(bearer)
        : any(among)
      money = combine(money, {
        followsAtLeast: follows && !violates && !outside ? amount : 0n,
        followsAtMost: follows ? amount : 0n,
        violatesAtLeast: violates && !follows && !outside ? amount : 0n,
        violatesAtMost: violates ? amount : 0n
      })
    },
    money: () => money
  }
}
