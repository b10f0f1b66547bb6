/**
 * The estate as the Resource Groups Tagging API sees it: what was never tagged is missing, what is gone lingers.
 *
 * @since 0.1.0
 */
import type { Cell } from "./Cell.ts"
import type { TaggingEntry } from "./EstateResource.ts"
import { draw } from "./Hash.ts"
import type { OtherResource } from "./Others.ts"
import { type ResourceType, resourceTypes } from "./ResourceType.ts"
import { wasEverTagged } from "./TagProfile.ts"
import { modelOf } from "./resources/catalog.ts"

/** A cell, and what was made in it since the estate began. */
export interface MadeCell extends Cell {
  /** How many were ever made, deleted ones included: they keep their index. */
  made: number
}

/** What was changed about one resource since the estate began. */
export interface Change {
  createdAt?: Date
  /** It had a tag before it lost them all. */
  tagged?: boolean
  tags?: ReadonlyArray<readonly [string, string]>
  deleted?: boolean
}

/** Indices from here on are resources that were deleted before the estate begins. */
const ghostsFrom = 0x4000_0000

/** What the tagging API can tell. */
export interface TaggingView {
  /** One resource as the tagging API sees it in a Region. */
  readonly taggingEntry: (accountId: string, region: string, arn: string) => TaggingEntry | undefined
  /** What the tagging API sees in a Region, from a position on; `full` says that an entry has no room any more. */
  readonly scanTagging: (
    accountId: string,
    region: string,
    types: (taggingType: string) => boolean,
    from: number,
    limit: number,
    accept: (entry: TaggingEntry) => boolean,
    full?: (entry: TaggingEntry) => boolean
  ) => { readonly items: ReadonlyArray<TaggingEntry>; readonly next: number | undefined }
}

/** The tags that the tagging API still has of a resource, or that it has not seen it yet. */
export type Outdated = ReadonlyArray<readonly [key: string, value: string]> | "unseen"

/** What it is told from. */
interface Source {
  /** Resources of services that are not simulated. */
  readonly others: (accountId: string, region: string) => ReadonlyArray<OtherResource>
  readonly outdated: (arn: string) => Outdated | undefined
  readonly cellOf: (accountId: string, region: string, type: ResourceType) => MadeCell | undefined
  readonly cellOfArn: (arn: string) => MadeCell | undefined
  readonly indexIn: (cell: Cell, key: string) => number | undefined
  readonly bornTags: (
    cell: Cell,
    index: number,
    hash: number,
    name: string
  ) => ReadonlyArray<readonly [key: string, value: string]>
  readonly changeOf: (arn: string) => Change | undefined
  /** The Region that global resources are listed in. */
  readonly homeOf: (accountId: string) => string
  /** Deleted resources relative to the living. */
  readonly ghosts: number
}

/** The view of one estate. */
export const make = (source: Source): TaggingView => {
  const ghostsOf = (cell: MadeCell) => Math.ceil(cell.size * source.ghosts)

  /** What the tagging API knows of a resource, living or deleted. */
  const entryAt = (cell: MadeCell, index: number): TaggingEntry | undefined => {
    const model = modelOf(cell.type)
    const hash = draw(cell.hash, index)
    const { arn, name } = model.identify(cell, index, hash)
    const change = source.changeOf(arn)
    const born = index < cell.size || index >= ghostsFrom ? source.bornTags(cell, index, hash, name) : []
    const outdated = source.outdated(arn)
    if (outdated === "unseen") return undefined
    const tags = outdated ?? change?.tags ?? born
    if (tags.length > 0) return { arn, tags }
    if (model.taggable?.(index) === false) return undefined
    const original = index < cell.size || index >= ghostsFrom
    return change?.tagged === true || (original && wasEverTagged(hash, born)) ? { arn, tags } : undefined
  }

  const othersIn = (accountId: string, region: string) =>
    [
      ...source.others(accountId, region),
      ...region === source.homeOf(accountId) ? source.others(accountId, "global") : []
    ].flatMap(({ arn, kind, tags }) => {
      const list = Object.entries(tags)
      return list.length === 0 ? [] : [{ arn, kind, tags: list }]
    })

  return {
    taggingEntry: (accountId, region, arn) => {
      const other = othersIn(accountId, region).find((one) => one.arn === arn)
      if (other !== undefined) return other
      const cell = source.cellOfArn(arn)
      if (cell === undefined || cell.accountId !== accountId) return undefined
      if (modelOf(cell.type).taggingApi === undefined) return undefined
      if (cell.region !== (cell.region === "global" && region === source.homeOf(cell.accountId) ? "global" : region)) {
        return undefined
      }
      const index = source.indexIn(cell, arn)
      return index === undefined || (index >= cell.made && (index < ghostsFrom || index >= ghostsFrom + ghostsOf(cell)))
        ? undefined
        : entryAt(cell, index)
    },
    scanTagging: (accountId, region, types, from, limit, accept, full) => {
      const home = source.homeOf(accountId)
      const items: Array<TaggingEntry> = []
      let before = 0
      let position = from
      let looked = 0
      for (const type of resourceTypes) {
        const model = modelOf(type)
        if (model.taggingApi === undefined || !types(model.taggingApi)) continue
        const place = model.scope === "regional" ? region : region === home ? "global" : undefined
        const cell = place === undefined ? undefined : source.cellOf(accountId, place, type)
        if (cell === undefined) continue
        const total = cell.made + ghostsOf(cell)
        for (; position < before + total; position++) {
          // AWS may end a page early; so does this one, rather than walk a million resources for one call.
          if (items.length >= limit || looked >= 20_000) return { items, next: position }
          looked++
          const offset = position - before
          const entry = entryAt(cell, offset < cell.made ? offset : ghostsFrom + offset - cell.made)
          if (entry === undefined || !accept(entry)) continue
          if (items.length > 0 && full?.(entry) === true) return { items, next: position }
          if (items.length === 0) full?.(entry)
          items.push(entry)
        }
        before += total
      }
      const rest = othersIn(accountId, region).filter(({ kind }) => types(kind.toLowerCase()))
      for (; position < before + rest.length; position++) {
        if (items.length >= limit) return { items, next: position }
        const entry = rest[position - before]!
        if (!accept(entry)) continue
        if (items.length > 0 && full?.(entry) === true) return { items, next: position }
        if (items.length === 0) full?.(entry)
        items.push(entry)
      }
      return { items, next: undefined }
    }
  }
}
