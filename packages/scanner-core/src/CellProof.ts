/**
 * What the sources say of one cell, put to its result: resources that nobody
 * could confirm, and who saw how many.
 *
 * @since 0.1.0
 */
import { type Account, type Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import {
  Arn,
  type Cell,
  type Location,
  Partition,
  type Resource,
  ResourceType,
  type Source,
  type SourceProof,
  type SweptSource,
  TagFilter,
  Tags
} from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as CellJoin from "./CellJoin.ts"
import type { SourceJoin } from "./SourceJoin.ts"
import { knows } from "./TaggingSupport.ts"

/**
 * What a cell's own list is compared with as it comes in.
 *
 * @category constructors
 * @since 0.1.0
 */
export const comparing = (
  join: SourceJoin | undefined,
  cell: Cell
): (page: ReadonlyArray<Resource>) => ReadonlyArray<Resource> => {
  const joined = join?.cellOf(cell)
  if (join === undefined || joined === undefined) return (page) => page
  const { filter } = join.scope
  const knowsType = knows(cell.type) && join.isReadFor("tagging-api", cell)
  return (page) => {
    const kept: Array<Resource> = []
    for (const resource of page) {
      // Tags that could not be read may be those that are wanted.
      const isWanted = filter === undefined || resource.tags === null || TagFilter.matches(filter, resource.tags)
      const seen = CellJoin.see(joined, resource, isWanted, knowsType)
      if (isWanted) kept.push(seen)
    }
    return kept
  }
}

/**
 * What a cell's sources come to, once its service was asked.
 *
 * - `isComplete`: the service's list was read to its end, or need not be read
 * - `by`: the source that alone proves the cell empty
 *
 * @category getters
 * @since 0.1.0
 */
export const proofOf = (
  join: SourceJoin,
  cell: Cell,
  options: { readonly isComplete: boolean; readonly by?: Source }
): SourceProof | undefined => {
  const joined = join.cellOf(cell)
  if (joined === undefined) return undefined
  const { sources } = join.scope
  return CellJoin.proofOf(joined, {
    ...options,
    tagging: sources.includes("tagging-api") ? join.isReadFor("tagging-api", cell) : undefined,
    explorer: sources.includes("resource-explorer") ? join.isReadFor("resource-explorer", cell) : undefined
  })
}

/**
 * The resources of a cell whose service could not be asked to the end, on the
 * word of the sources that list them.
 *
 * - `account`: to read their tags once more; they stay unknown without it, and where that fails
 *
 * @category getters
 * @since 0.1.0
 */
export const unconfirmedOf = Effect.fnUntraced(function*(
  join: SourceJoin,
  cell: Cell,
  account: Account | undefined
): Effect.fn.Return<ReadonlyArray<Resource>, never, Aws.Aws> {
  const joined = join.cellOf(cell)
  if (joined === undefined || joined.noted.size === 0) return []
  const observedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const known = new Map<string, Tags.Tags>()
  const unseen = CellJoin.unseen(joined)
  if (account !== undefined) {
    const { tagsOf } = yield* Effect.promise(() => import("./TaggingSweep.ts"))
    for (const [region, some] of Map.groupBy(unseen, ({ region }) => region)) {
      const read = yield* tagsOf(some.map(({ arn }) => arn)).pipe(
        Effect.provideService(CurrentAccount, account),
        Effect.provideService(CurrentRegion, region === "global" ? Partition.homeRegion(account.partition) : region)
      )
      for (const [arn, tags] of read) known.set(arn, tags)
    }
  }
  const { filter } = join.scope
  return unseen.flatMap(({ arn, region, sources }): ReadonlyArray<Resource> => {
    const tags = known.get(arn) ?? null
    if (filter !== undefined && tags !== null && !TagFilter.matches(filter, tags)) return []
    const name = tags === null ? undefined : Tags.get(tags, "Name")
    const parsed = Arn.parse(arn)
    return [{
      arn,
      id: (parsed._tag === "Some" ? Arn.resourceOf(parsed.value).id : "") || arn,
      ...(name === undefined ? {} : { name }),
      type: cell.type,
      service: ResourceType.serviceOf(cell.type),
      accountId: cell.accountId,
      region,
      tags,
      attributes: {},
      marks: ["unconfirmed"],
      sources,
      observedAt
    }]
  })
})

/**
 * What a sweep comes to: of each type that no scanner is for, who saw how many.
 *
 * @category getters
 * @since 0.1.0
 */
export const sweepProofOf = (join: SourceJoin, source: SweptSource, region: Location): SourceProof => ({
  seenBy: join.seenBySweep(source, region),
  disagreements: [],
  ...(source === "resource-explorer" ? { indexes: join.indexes } : {})
})
