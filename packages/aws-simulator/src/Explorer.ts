/**
 * Resource Explorer's view of an estate: tagged or not, and some minutes old.
 *
 * @since 0.1.0
 */
import type { Estate, EstateResource } from "./Estate.ts"
import type { Slice } from "./Paging.ts"
import { homeOf, isEnabled } from "./Region.ts"
import { resourceTypes } from "./ResourceType.ts"
import { modelOf } from "./resources/catalog.ts"

/**
 * How accounts have set Resource Explorer up.
 *
 * - `aggregator`: the Region whose index has the resources of all Regions, or that none has (default the partition's
 *   home Region)
 * - `indexes`: the Regions with an index (default all that are on); the resources of others are in none
 * - `tags`: whether the default view includes tags (default true)
 * - `filter`: what the default view shows, as a query (default everything)
 * - `lag`: seconds until a resource that was made or deleted is seen so (default 300)
 * - `tagLag`: seconds until changed tags are seen (default 30)
 *
 * @since 0.1.0
 */
export interface ExplorerOptions {
  readonly aggregator?: string | false
  readonly indexes?: ReadonlyArray<string>
  readonly tags?: boolean
  readonly filter?: string
  readonly lag?: number
  readonly tagLag?: number
}

/** A resource as the index has it. */
export type Indexed = Pick<EstateResource, "accountId" | "arn" | "region" | "tags"> & {
  /** What Resource Explorer calls its type. */
  readonly kind: string
}

/** An index of one Region. */
export interface Index {
  readonly region: string
  readonly aggregates: boolean
}

/** The indexes of an account: none unless Resource Explorer is set up. */
export const indexesOf = (
  estate: Estate,
  options: ExplorerOptions | undefined,
  accountId: string
): ReadonlyArray<Index> => {
  if (options === undefined) return []
  const aggregator = options.aggregator ?? homeOf(estate.partitionOf(accountId))
  return estate.regionsOf(accountId)
    .filter((region) => isEnabled(region) && options.indexes?.includes(region.name) !== false)
    .map(({ name }) => ({ region: name, aggregates: name === aggregator }))
}

/** What Resource Explorer calls a type, if it knows it. */
export const kindOf = (type: EstateResource["type"]): string | undefined => {
  const { explorer, taggingApi } = modelOf(type)
  return explorer ?? taggingApi
}

/** One page looks at no more resources than these: AWS, too, may end a page early. */
const mostLookedAt = 20_000

/** The resources that an index has, from a position on: those of all Regions with an index, or those of its own. */
export const walk = (
  estate: Estate,
  options: ExplorerOptions,
  from: Index,
  accountId: string,
  now: number,
  accept: (one: Indexed) => boolean
) => {
  const regions = from.aggregates
    ? indexesOf(estate, options, accountId).map(({ region }) => region)
    : [from.region]
  // Global resources are indexed at home.
  const places = [...regions, ...regions.includes(homeOf(estate.partitionOf(accountId))) ? ["global"] : []]
  const others = places.flatMap((region) => estate.others(accountId, region))
  const since = now - (options.lag ?? 300) * 1000
  const tagsSince = now - (options.tagLag ?? 30) * 1000
  const fresh = estate.history.all().filter(({ at, resource }) =>
    resource.accountId === accountId && at > Math.min(since, tagsSince)
  )
  const unseen = new Set(
    fresh.filter(({ at, kind }) => kind === "created" && at > since).map(({ resource }) => resource.arn)
  )
  const lingering = fresh
    .filter(({ at, kind, resource }) => kind === "deleted" && at > since && !unseen.has(resource.arn))
    .map(({ resource }) => resource)
    .filter(({ region }) => places.includes(region))
  const oldTags = new Map(
    fresh.filter(({ at, before, kind }) => kind === "tagged" && at > tagsSince && before !== undefined)
      .map(({ before, resource }) => [resource.arn, before!.tags] as const)
      // The first of several changes has the tags that are still seen.
      .toReversed()
  )
  const seen = (one: EstateResource | undefined): Indexed | undefined => {
    const kind = one === undefined ? undefined : kindOf(one.type)
    if (one === undefined || kind === undefined || one.mark === "deleted" || unseen.has(one.arn)) return undefined
    const { accountId, arn, region } = one
    const indexed = { accountId, arn, region, kind, tags: oldTags.get(arn) ?? one.tags }
    return accept(indexed) ? indexed : undefined
  }
  return (start: number, limit: number): Slice<Indexed> => {
    const items: Array<Indexed> = []
    let before = 0
    let position = start
    let looked = 0
    const isFull = () => items.length >= limit || looked++ >= mostLookedAt
    for (const type of resourceTypes.filter((one) => kindOf(one) !== undefined)) {
      for (const region of places) {
        const made = estate.made(accountId, region, type)
        for (; position < before + made; position++) {
          if (isFull()) return { items, next: position }
          const one = seen(estate.resource(accountId, region, type, position - before))
          if (one !== undefined) items.push(one)
        }
        before += made
      }
    }
    for (; position < before + lingering.length; position++) {
      if (isFull()) return { items, next: position }
      const one = seen(lingering[position - before])
      if (one !== undefined) items.push(one)
    }
    before += lingering.length
    for (; position < before + others.length; position++) {
      if (isFull()) return { items, next: position }
      const one = others[position - before]!
      if (accept(one)) items.push(one)
    }
    return { items, next: undefined }
  }
}
