/**
 * How the resources of an estate are spread over accounts, Regions and types.
 *
 * @since 0.1.0
 */
import type { EstateAccounts } from "./EstateAccounts.ts"
import { isEnabled, weightOf } from "./Region.ts"
import { coreTypes, type ResourceType, resourceTypes } from "./ResourceType.ts"
import { modelOf, parentOf } from "./resources/catalog.ts"

/**
 * Counts of one type: a total for the estate, or per Region (`"global"` for
 * types without one) in every account that has it, or per account and Region.
 *
 * @since 0.1.0
 */
export type TypeCounts =
  | number
  | Readonly<Record<string, number>>
  | Readonly<Record<string, Readonly<Record<string, number>>>>

/** Counts of some types. */
export type Counts = Partial<Readonly<Record<ResourceType, TypeCounts>>>

/** One cell and how many resources it begins with. */
export interface CellSize {
  readonly accountId: string
  readonly region: string
  readonly type: ResourceType
  readonly size: number
}

/** Later accounts have less. */
const accountSkew = 0.6

/** The types that resources are spread over: those that most estates have, all of them, or these. */
export type SpreadTypes = "core" | "all" | ReadonlyArray<ResourceType>

/**
 * The cells that begin with any resources. `resources` of the types that `counts` does not name are spread over those
 * of `types`. What cannot be without a holder (a service without its cluster) has one: counted ones get it in addition,
 * spread ones become it. Fails with `RangeError` for accounts and Regions that do not exist.
 */
export const make = (
  accounts: EstateAccounts,
  counts: Counts,
  resources: number,
  types: SpreadTypes = "core"
): ReadonlyArray<CellSize> => {
  const enabledIn = new Map(accounts.ids.map((account) => [account, accounts.regionsOf(account).filter(isEnabled)]))
  const breadth = (account: string | undefined) =>
    (enabledIn.get(account ?? "") ?? []).reduce((sum, { name }) => sum + weightOf(name), 0)
  // An account with few or small Regions is no smaller for that: it has more in each.
  const reference = breadth(accounts.ids[0]) || 1

  const placesOf = (type: ResourceType): ReadonlyArray<readonly [string, string, number]> =>
    accounts.ids.flatMap((account, at) => {
      const share = 1 / (1 + at) ** accountSkew
      if (modelOf(type).scope === "global") return [[account, "global", share] as const]
      const scale = (share * reference) / breadth(account)
      return (enabledIn.get(account) ?? []).map(({ name }) => [account, name, scale * weightOf(name)] as const)
    })

  const has = (account: string, region: string, type: ResourceType) =>
    modelOf(type).scope === "global"
      ? region === "global"
      : accounts.regionsOf(account).some((known) => known.name === region)

  // A later entry for the same cell replaces an earlier one.
  const sizes = new Map<string, CellSize>()
  const set = (accountId: string, region: string, type: ResourceType, size: number) => {
    sizes.set(`${accountId}/${region}/${type}`, { accountId, region, type, size })
  }
  const spread: Array<readonly [cell: readonly [string, string, ResourceType], weight: number]> = []
  const spreadTypes = new Set<ResourceType>(types === "core" ? coreTypes : types === "all" ? resourceTypes : types)
  for (const type of resourceTypes) {
    const given = counts[type]
    if (given === undefined && !spreadTypes.has(type)) continue
    const places = placesOf(type)
    if (given === undefined) {
      const total = places.reduce((sum, [, , weight]) => sum + weight, 0)
      for (const [account, region, weight] of places) {
        spread.push([[account, region, type], (weight / total) * modelOf(type).share])
      }
    } else if (typeof given === "number") {
      const shares = places.map(([account, region, weight]) => [[account, region, type] as const, weight] as const)
      for (const [cell, size] of apportion(given, shares)) set(...cell, size)
    } else {
      for (const [name, value] of Object.entries(given as Record<string, number | Record<string, number>>)) {
        if (typeof value === "number") {
          const having = accounts.ids.filter((account) => has(account, name, type))
          if (value > 0 && having.length === 0) {
            throw new RangeError(`counts name a Region that does not exist for ${type}: ${name}`)
          }
          for (const account of having) set(account, name, type, value)
          continue
        }
        for (const [region, size] of Object.entries(value)) {
          if (size === 0) continue
          if (!accounts.ids.includes(name)) {
            throw new RangeError(`counts name an account that does not exist: ${name}`)
          }
          if (!has(name, region, type)) {
            throw new RangeError(`counts name a Region that does not exist for ${type}: ${region}`)
          }
          set(name, region, type, size)
        }
      }
    }
  }
  const counted = new Set(sizes.keys())
  for (const [cell, size] of apportion(resources, spread)) set(...cell, size)
  // From the inside out: a rule needs its listener, which needs its load balancer.
  for (const type of resourceTypes.toSorted((a, b) => holdersOf(b).length - holdersOf(a).length)) {
    for (const { accountId, region, size } of [...sizes.values()].filter((cell) => cell.type === type)) {
      const key = `${accountId}/${region}`
      const missing = holdersOf(type).filter((holder) => (sizes.get(`${key}/${holder}`)?.size ?? 0) === 0)
      if (size === 0 || missing.length === 0) continue
      const added = counted.has(`${key}/${type}`) ? missing : missing.slice(-size)
      for (const holder of added) set(accountId, region, holder, 1)
      if (!counted.has(`${key}/${type}`)) set(accountId, region, type, size - added.length)
    }
  }
  return [...sizes.values()].filter(({ size }) => size > 0)
}

/** What is around a resource, from the inside out. */
const holdersOf = (type: ResourceType): ReadonlyArray<ResourceType> => {
  const parent = parentOf(type)
  return parent === undefined ? [] : [parent, ...holdersOf(parent)]
}

/** Divides a total by weights, exactly: the largest remainders get what rounding down left over. */
const apportion = <Key>(
  total: number,
  shares: ReadonlyArray<readonly [key: Key, weight: number]>
): ReadonlyArray<readonly [key: Key, size: number]> => {
  const sum = shares.reduce((all, [, weight]) => all + weight, 0)
  if (sum === 0 || total === 0) return []
  const exact = shares.map(([key, weight]) => ({ key, value: (total * weight) / sum }))
  const sizes = exact.map(({ key, value }) => [key, Math.floor(value)] as [Key, number])
  const left = total - sizes.reduce((all, [, size]) => all + size, 0)
  const order = exact
    .map(({ value }, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest)
  for (const { index } of order.slice(0, left)) sizes[index]![1]++
  return sizes
}
