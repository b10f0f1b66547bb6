/** The order in which the policies of one place were attached, which Organizations does not tell. */
import { AwsTagPolicy } from "@cadastre/policy-interop"

/** AWS attaches ten policies of a type to one place at most; more orders than these are not tried. */
const maxOrders = 1000

/** The merge that agrees with AWS's, in whatever order it does; else the one in the order that was told. */
export const merge = (
  levels: ReadonlyArray<AwsTagPolicy.Level>,
  theirs: AwsTagPolicy.EffectivePolicy
): AwsTagPolicy.Merged => {
  const first = AwsTagPolicy.merge(levels)
  if (AwsTagPolicy.differences(first.effective, theirs).length === 0) return first
  let tried = 0
  for (const ordered of orders(levels)) {
    if (++tried > maxOrders) break
    const merged = AwsTagPolicy.merge(ordered)
    if (AwsTagPolicy.differences(merged.effective, theirs).length === 0) return merged
  }
  return first
}

/** The levels with the policies of each in every order. */
function* orders(levels: ReadonlyArray<AwsTagPolicy.Level>): Generator<ReadonlyArray<AwsTagPolicy.Level>> {
  const [level, ...rest] = levels
  if (level === undefined) {
    yield []
    return
  }
  for (const policies of permutations(level.policies)) {
    for (const others of orders(rest)) yield [{ ...level, policies }, ...others]
  }
}

function* permutations<A>(items: ReadonlyArray<A>): Generator<ReadonlyArray<A>> {
  if (items.length < 2) {
    yield items
    return
  }
  for (const [at, item] of items.entries()) {
    for (const others of permutations(items.toSpliced(at, 1))) yield [item, ...others]
  }
}
