/**
 * How much of the spend nobody can be asked about, and why.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { allocate, type Bearer, engineOf, isGivenBack, type Portion } from "./Allocation.ts"
import { billedAs, servicesNamed } from "./BillingServices.ts"
import { daysOf } from "./CostPeriod.ts"
import * as GapTally from "./GapTally.ts"
import type * as Money from "./Money.ts"
import * as ScoreMoney from "./ScoreMoney.ts"
import type { Spend, SpendLine } from "./Spend.ts"

/**
 * What a policy says of a resource.
 *
 * - `compliant`; `no-tag`: a required tag is missing; `wrong-value`: all are there, one with a wrong value
 * - `not-applicable`: the policy asks nothing of it; `untaggable`: AWS has no tags for it
 * - `unknown`: its tags could not be read
 *
 * @category models
 * @since 0.1.0
 */
export type TagStanding = "compliant" | "no-tag" | "wrong-value" | "not-applicable" | "untaggable" | "unknown"

/**
 * A resource and what the policy says of it.
 *
 * - `requiredKeys`: the tag keys that are required of it; of each, the keys that it may go by
 * - `tags`: needed to group by a tag
 *
 * @category models
 * @since 0.1.0
 */
export type JudgedResource = Bearer & {
  readonly standing: TagStanding
  readonly requiredKeys?: ReadonlyArray<ReadonlyArray<string>>
  readonly tags?: Readonly<Record<string, string>> | null
}

/**
 * @category models
 * @since 0.1.0
 */
export const GroupBy = Schema.Literals(["resource_type", "region", "account", "service", "tag"])
/** @since 0.1.0 */
export type GroupBy = typeof GroupBy.Type

/**
 * - `isSeen`: whether all resources of a type were seen there; a type without Regions is seen anywhere if it is at all
 * - `types`: only money of resources of these types, and of services that bill them (default: all)
 * - `groupBy`: `resource_type` by default; `tag` needs `tagKey`
 * - `currency`: which one, where there are several; sums of different currencies are never added
 *
 * @category models
 * @since 0.1.0
 */
export interface GapRequest {
  readonly resources: Iterable<JudgedResource>
  readonly isSeen: (accountId: string, region: string, type: string) => boolean
  readonly types?: ReadonlyArray<string>
  readonly groupBy?: GroupBy
  readonly tagKey?: string
  readonly currency?: string
}

/**
 * A gap not yet told as numbers: partial ones of Regions or accounts may be put together in any order.
 *
 * - `score`: what of the money is surely or possibly of resources that follow the policy, and that do not
 *
 * @category models
 * @since 0.1.0
 */
export interface Gap {
  readonly whole: GapTally.GapTally
  readonly groups: ReadonlyMap<string, GapTally.GapTally>
  readonly score: ScoreMoney.ScoreMoney
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const empty: Gap = { whole: GapTally.empty, groups: new Map(), score: ScoreMoney.empty }

/**
 * @category combinators
 * @since 0.1.0
 */
export const combine = (a: Gap, b: Gap): Gap => ({
  whole: GapTally.combine(a.whole, b.whole),
  groups: GapTally.combineGroups(a.groups, b.groups),
  score: ScoreMoney.combine(a.score, b.score)
})

/**
 * Measures the gap in one currency. Every amount of the spend is in exactly one part and in exactly one group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const measure = (spend: Spend, request: GapRequest): Gap => {
  const currency = request.currency ?? currenciesOf(spend)[0]
  const types = request.types === undefined ? undefined : new Set(request.types)
  const lines = spend.lines.filter((line) =>
    line.currency === currency && (types === undefined || concerns(line, types))
  )
  const whole = new Counting()
  const groups = new Map<string, Counting>()
  const groupOf = (key: string) => {
    const known = groups.get(key)
    if (known !== undefined) return known
    const made = new Counting()
    groups.set(key, made)
    return made
  }
  const visible = visibility(spend)
  const score = ScoreMoney.count(types)
  for (const portion of allocate({ lines, shares: spend.shares }, request.resources, request.isSeen)) {
    score.add(portion)
    if (types !== undefined && portion.bearer !== undefined && !types.has(portion.bearer.type)) continue
    const group = groupOf(groupKey(portion, request))
    for (const [part, amount] of partsOf(portion, visible)) {
      whole.add(part, amount, portion)
      group.add(part, amount, portion)
    }
  }
  for (const line of lines) {
    if (!isGivenBack(line)) continue
    whole.givenBack += line.amount
    groupOf(groupKey({ line, amount: line.amount }, request)).givenBack += line.amount
  }
  return {
    whole: whole.tally(),
    groups: new Map([...groups].map(([key, counting]) => [key, counting.tally()])),
    score: score.money()
  }
}

/**
 * The currencies of a spend, that of the most lines first.
 *
 * @since 0.1.0
 */
export const currenciesOf = ({ lines }: Pick<Spend, "lines">): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const { currency } of lines) counts.set(currency, (counts.get(currency) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([currency]) => currency)
}

/** What is billed as other services has nothing to do with these types. */
const concerns = ({ service }: SpendLine, types: ReadonlySet<string>): boolean =>
  servicesNamed(service).some((known) => known.types.some(({ type }) => types.has(type)))

/** The share of an amount that a bill does not show a resource's tags on, and why. */
type Visibility = (portion: Portion<JudgedResource>) => ReadonlyArray<readonly [GapTally.Part, Money.Money]>

const visibility = (spend: Spend): Visibility => {
  const bits = new Map(spend.tagKeys.map((key, at) => [key, 2 ** at]))
  const days = BigInt(daysOf(spend.period))
  /** Days of the period that a key is not shown on; all where it is not activated. */
  const hiddenDays = (key: string): bigint => {
    const standing = spend.keyStandings.get(key)
    if (standing === undefined) return 0n
    if (standing.status === "inactive") return days
    const { end, start } = spend.period
    if (standing.since === undefined || standing.since <= start) return 0n
    return BigInt(daysOf({ start, end: standing.since < end ? standing.since : end }))
  }
  return ({ amount, bearer, line }) => {
    const required = bearer?.requiredKeys ?? []
    if (line.keys !== undefined) {
      const shown = line.keys
      const hidden = required.find((keys) => !keys.some((key) => (shown & (bits.get(key) ?? 0)) !== 0))
      if (hidden === undefined) return [["attributable", amount]]
      const isActive = hidden.some((key) => spend.keyStandings.get(key)?.status === "active")
      return [[isActive ? "notBackfilled" : "notActivated", amount]]
    }
    const most = required.reduce((longest, keys) => {
      const fewest = keys.map(hiddenDays).reduce((a, b) => a < b ? a : b, days)
      return fewest > longest ? fewest : longest
    }, 0n)
    if (most === 0n) return [["attributable", amount]]
    if (most === days) {
      const isActive = required.every((keys) => keys.some((key) => spend.keyStandings.get(key)?.status !== "inactive"))
      return [[isActive ? "notBackfilled" : "notActivated", amount]]
    }
    const hidden = amount * most / days
    return [["attributable", amount - hidden], ["notBackfilled", hidden]]
  }
}

const partsOf = (
  portion: Portion<JudgedResource>,
  visible: Visibility
): ReadonlyArray<readonly [GapTally.Part, Money.Money]> => {
  const { amount, bearer } = portion
  if (bearer === undefined) return [[portion.untaggable === undefined ? "unseen" : "untaggable", amount]]
  switch (bearer.standing) {
    case "compliant":
      return visible(portion)
    case "no-tag":
      return [["noTag", amount]]
    case "wrong-value":
      return [["wrongValue", amount]]
    case "not-applicable":
      return [["notApplicable", amount]]
    case "untaggable":
      return [["untaggable", amount]]
    case "unknown":
      return [["unseen", amount]]
  }
}

const groupKey = ({ bearer, line, untaggable }: Portion<JudgedResource>, request: GapRequest): string => {
  switch (request.groupBy ?? "resource_type") {
    case "resource_type":
      return bearer?.type ?? (untaggable === undefined ? "(unseen)" : "(untaggable)")
    case "region":
      return bearer?.region ?? line.region
    case "account":
      return line.accountId
    case "service":
      return bearer === undefined
        ? servicesNamed(line.service)[0]?.name ?? line.service
        : billedAs(bearer.type, engineOf(bearer))?.service.name ?? line.service
    case "tag": {
      if (bearer === undefined) return untaggable === undefined ? "(unseen)" : "(untaggable)"
      const key = request.tagKey ?? ""
      if (bearer.tags === undefined || bearer.tags === null) return "(unknown)"
      return Object.hasOwn(bearer.tags, key) ? `${key}=${bearer.tags[key]}` : `(no ${key})`
    }
  }
}

/** A tally that is still being added to. A resource counts once in each part, however many lines it has. */
class Counting {
  readonly #amounts = new Map<GapTally.Part, Money.Money>()
  readonly #resources = new Map<GapTally.Part, Set<string>>()
  readonly #basis = new Map<NonNullable<Portion["basis"]>, Money.Money>()
  readonly #untaggable = new Map<NonNullable<Portion["untaggable"]>, Money.Money>()
  readonly #unseen = new Map<NonNullable<Portion["unseen"]>, Money.Money>()
  givenBack: Money.Money = 0n

  add(part: GapTally.Part, amount: Money.Money, { basis, bearer, unseen, untaggable }: Portion<JudgedResource>): void {
    plus(this.#amounts, part, amount)
    if (basis !== undefined) plus(this.#basis, basis, amount)
    if (part === "untaggable") plus(this.#untaggable, untaggable ?? "untaggable-type", amount)
    if (part === "unseen") plus(this.#unseen, unseen ?? "unknown-tags", amount)
    if (bearer === undefined) return
    const known = this.#resources.get(part)
    if (known === undefined) this.#resources.set(part, new Set([bearer.arn]))
    else known.add(bearer.arn)
  }

  tally(): GapTally.GapTally {
    return {
      amounts: Object.fromEntries(this.#amounts),
      resources: Object.fromEntries([...this.#resources].map(([part, arns]) => [part, arns.size])),
      basis: Object.fromEntries(this.#basis),
      untaggable: Object.fromEntries(this.#untaggable),
      unseen: Object.fromEntries(this.#unseen),
      givenBack: this.givenBack
    }
  }
}

const plus = <K>(sums: Map<K, Money.Money>, key: K, amount: Money.Money): void => {
  sums.set(key, (sums.get(key) ?? 0n) + amount)
}
