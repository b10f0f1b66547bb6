/**
 * A simulated AWS estate: a pure function of a seed, with a thin overlay of changes.
 *
 * @since 0.1.0
 */
import * as Arn from "./Arn.ts"
import type { Cell } from "./Cell.ts"
import * as CellSizes from "./CellSizes.ts"
import * as EstateAccounts from "./EstateAccounts.ts"
import type { EstateOptions } from "./EstateOptions.ts"
import * as EstateHistory from "./EstateHistory.ts"
import type { EstateFilter, EstateResource, Place, Truth } from "./EstateResource.ts"
import type { CostOptions } from "./Ledger.ts"
import type { ExplorerOptions } from "./Explorer.ts"
import * as Holding from "./Holding.ts"
import { draw, hashText, unit, unpermute } from "./Hash.ts"
import * as Organization from "./Organization.ts"
import * as Others from "./Others.ts"
import type { OtherResource } from "./Others.ts"
import { homeOf, type Partition, partitionOf, type Region, type RegionState } from "./Region.ts"
import type { ResourceType } from "./ResourceType.ts"
import type { RoleOptions } from "./Role.ts"
import * as TaggingView from "./TaggingView.ts"
import { defaultTagProfile, type TagProfile, tagsOf } from "./TagProfile.ts"
import { type AttributesOf, modelOf } from "./resources/catalog.ts"
import { placeOfBucket } from "./resources/S3Bucket.ts"

export type { TypeCounts } from "./CellSizes.ts"
export type { EstateOptions } from "./EstateOptions.ts"
export type { EstateFilter, EstateResource, Place, TaggingEntry, Truth } from "./EstateResource.ts"

/**
 * A simulated estate.
 *
 * @since 0.1.0
 */
export interface Estate extends TaggingView.TaggingView {
  readonly seed: number
  readonly accounts: ReadonlyArray<string>
  readonly management: string
  readonly organization: Organization.Organization | undefined
  readonly roles: Readonly<Record<string, ReadonlyArray<RoleOptions>>>
  readonly explorer: ExplorerOptions | undefined
  readonly costs: CostOptions
  readonly shared: number
  /** The Regions of all accounts, as an account that has chosen nothing sees them. */
  readonly regions: ReadonlyArray<Region>
  readonly partitionOf: (accountId: string) => Partition
  /** The Regions of one account in their present state. Fails with `RangeError` for an account that does not exist. */
  readonly regionsOf: (accountId: string) => ReadonlyArray<Region>
  /** Whether an account may use a Region: it is on, and not about to be switched on or off. */
  readonly isUsable: (accountId: string, region: string) => boolean
  /** Switches a Region of an account; its resources stay. Fails with `RangeError` where there is none to opt in to. */
  readonly setRegion: (accountId: string, region: string, state: RegionState) => void
  /** How many resources there are. */
  readonly count: (filter?: EstateFilter) => number
  /** One resource by its place, or `undefined` where there is none (any more). */
  readonly resource: <T extends ResourceType>(
    accountId: string,
    region: string,
    type: T,
    index: number
  ) => EstateResource<T> | undefined
  /** Every resource, one after the other, in no order that AWS would keep. */
  readonly resources: (filter?: EstateFilter) => Generator<EstateResource>
  /** The same as plain JSON values: `createdAt` is ISO 8601 text. */
  readonly truth: (filter?: EstateFilter) => Generator<Truth>
  /** A resource by its ARN. */
  readonly find: (arn: string) => EstateResource | undefined
  /** A resource by its id, name or ARN in one place. */
  readonly findIn: <T extends ResourceType>(
    accountId: string,
    region: string,
    type: T,
    key: string
  ) => EstateResource<T> | undefined
  /** Replaces the tags of a resource. Fails with `RangeError` when there is none. */
  readonly tag: (arn: string, tags: Readonly<Record<string, string>>) => void
  /** Deletes a resource: the tagging API goes on listing it. Fails with `RangeError` when there is none. */
  readonly delete: (arn: string) => void
  /** Adds a resource to a place, made now by the simulator's own user or by `by`. */
  readonly create: (
    place: { readonly accountId: string; readonly region: string; readonly type: ResourceType },
    tags?: Readonly<Record<string, string>>,
    by?: EstateHistory.Principal
  ) => EstateResource
  /** The resources that the tagging API and Resource Explorer alone list, of one account in one place. */
  readonly others: (accountId: string, region: string) => ReadonlyArray<OtherResource>
  /** What was changed since the estate began. */
  readonly history: EstateHistory.EstateHistory
  /** A walk over the resources of one place from an index on: one page of a list operation. */
  readonly scan: <T extends ResourceType>(
    cells: ReadonlyArray<Place<T>>,
    from: number,
    limit: number,
    accept?: (resource: EstateResource<T>) => boolean
  ) => { readonly items: ReadonlyArray<EstateResource<T>>; readonly next: number | undefined }
  /** How many resources a place began with, and how many were ever made in it: the deleted keep their index. */
  readonly begunWith: (accountId: string, region: string, type: ResourceType) => number
  readonly made: (accountId: string, region: string, type: ResourceType) => number
  /** Where {@link scan} meets a resource of one place, also one that is deleted. */
  readonly positionOf: (accountId: string, region: string, type: ResourceType, key: string) => number | undefined
}

/** Estates end here; everything in them was made in the four years before. */
const epoch = Date.UTC(2026, 10, 1)

/**
 * Makes an estate. Nothing is stored per resource: one of a million costs as
 * much as one of ten.
 *
 * @since 0.1.0
 */
export const make = (options: EstateOptions = {}): Estate => {
  const seed = options.seed ?? 1
  const accounts = EstateAccounts.make(options)
  const profile: TagProfile = { ...defaultTagProfile, ...options.tags }
  const cells = new Map<string, TaggingView.MadeCell>()
  const changes = new Map<string, TaggingView.Change>()
  const history = EstateHistory.make()
  let deleted = 0

  const keyOf = (accountId: string, region: string, type: string) => `${accountId}/${region}/${type}`

  const addCell = (accountId: string, region: string, type: ResourceType, size: number): TaggingView.MadeCell => {
    const hash = hashText(keyOf(accountId, region, type), seed)
    const model = modelOf(type)
    const siblings = new Map<ResourceType, TaggingView.MadeCell | undefined>()
    const cell: TaggingView.MadeCell = {
      accountId,
      region,
      partition: region === "global" ? accounts.partitionOf(accountId) : partitionOf(region),
      type,
      hash,
      placeHash: hashText(`${accountId}/${region}`, seed),
      size,
      made: size,
      // Every cell that begins with resources exists before anybody asks.
      sibling: (other) => {
        let found = siblings.get(other)
        if (found === undefined && !siblings.has(other)) {
          found = cells.get(keyOf(accountId, region, other))
          siblings.set(other, found)
        }
        return found === undefined || found.size === 0 ? undefined : found
      },
      idAt: (index) => model.identify(cell, index, draw(hash, index)).id,
      nameAndIdAt: (index) => model.identify(cell, index, draw(hash, index)),
      stateAt: (index) => model.facts?.(cell, index, draw(hash, index)).state ?? "",
      indexOf: (permuted) => unpermute(permuted, hash)
    }
    cells.set(keyOf(accountId, region, type), cell)
    return cell
  }

  const resources = options.resources ?? (options.counts === undefined ? 1000 : 0)
  const sizes = CellSizes.make(accounts, options.counts ?? {}, resources, options.types)
  for (const { accountId, region, size, type } of sizes) {
    addCell(accountId, region, type, size)
  }

  const bornTags = (cell: Cell, index: number, hash: number, name: string) => {
    const model = modelOf(cell.type)
    return model.taggable?.(index) === false ? [] : tagsOf(hash, profile, cell.placeHash, model.nameTag ? name : undefined)
  }

  const at = <T extends ResourceType>(cell: Cell, index: number): EstateResource<T> | undefined => {
    const model = modelOf(cell.type)
    const hash = draw(cell.hash, index)
    const { arn, id, name } = model.identify(cell, index, hash)
    const change = changes.size === 0 ? undefined : changes.get(arn)
    if (change?.deleted === true) return undefined
    return {
      arn,
      id,
      name,
      type: cell.type as T,
      accountId: cell.accountId,
      region: cell.region,
      tags: Object.fromEntries(change?.tags ?? bornTags(cell, index, hash, name)),
      createdAt: change?.createdAt ?? new Date(epoch - Math.floor(unit(hash, 10) ** 2 * 126_144_000) * 1000),
      ...(model.facts?.(cell, index, hash) ?? { state: "active" }),
      attributes: model.attributes(cell, index, hash) as AttributesOf<T>
    }
  }

  const indexIn = (cell: Cell, key: string): number | undefined => {
    const model = modelOf(cell.type)
    const index = model.locate(cell, key)
    if (index === undefined) return undefined
    const { arn, id, name } = model.identify(cell, index, draw(cell.hash, index))
    return key === arn || key === id || key === name ? index : undefined
  }

  const findIn = <T extends ResourceType>(accountId: string, region: string, type: T, key: string) => {
    const cell = cells.get(keyOf(accountId, region, type))
    if (cell === undefined) return undefined
    const index = indexIn(cell, key)
    return index === undefined || index >= cell.made ? undefined : at<T>(cell, index)
  }

  const cellOfArn = (arn: string): TaggingView.MadeCell | undefined => {
    const said = Arn.parse(arn)
    if (said === undefined) return undefined
    const { accountId, region, type } = said
    if (type === "s3:bucket") {
      const place = placeOfBucket(arn)
      return place && cells.get(keyOf(place.accountId, place.region, type))
    }
    // Some ARNs name no account.
    if (accountId === "") {
      return accounts.ids
        .map((owner) => cells.get(keyOf(owner, region === "" ? "global" : region, type)))
        .find((cell) => cell !== undefined && indexIn(cell, arn) !== undefined)
    }
    return cells.get(keyOf(accountId, region === "" ? "global" : region, type))
  }

  const find = (arn: string): EstateResource | undefined => {
    const cell = cellOfArn(arn)
    return cell && findIn(cell.accountId, cell.region, cell.type, arn)
  }

  const matching = (filter: EstateFilter = {}): ReadonlyArray<TaggingView.MadeCell> => {
    if (filter.accountId !== undefined && filter.region !== undefined && filter.type !== undefined) {
      const cell = cells.get(keyOf(filter.accountId, filter.region, filter.type))
      return cell === undefined ? [] : [cell]
    }
    return [...cells.values()].filter((cell) =>
      (filter.accountId === undefined || cell.accountId === filter.accountId) &&
      (filter.region === undefined || cell.region === filter.region) &&
      (filter.type === undefined || cell.type === filter.type)
    )
  }

  function* walk(filter?: EstateFilter): Generator<EstateResource> {
    for (const cell of matching(filter)) {
      for (let index = 0; index < cell.made; index++) {
        const resource = at(cell, index)
        if (resource !== undefined) yield resource
      }
    }
  }

  const existing = (arn: string): TaggingView.Change => {
    if (find(arn) === undefined) throw new RangeError(`no such resource: ${arn}`)
    const change = changes.get(arn) ?? {}
    changes.set(arn, change)
    return change
  }

  const others = (accountId: string, region: string) =>
    options.others === undefined || options.others === 0
      ? []
      : Others.of({ seed, count: options.others, profile, partitionOf: accounts.partitionOf }, accountId, region)

  /** What the tagging API has not heard of yet: the tags that it still has, or nothing. */
  const outdated = (arn: string): TaggingView.Outdated | undefined => {
    const { taggingLag = 0 } = options
    if (taggingLag === 0) return undefined
    const since = history.now() - taggingLag * 1000
    const first = history.all().find(({ at, kind, resource }) =>
      resource.arn === arn && at > since && kind !== "deleted"
    )
    if (first === undefined) return undefined
    return first.kind === "created" ? "unseen" : Object.entries(first.before?.tags ?? {})
  }

  const tagging = TaggingView.make({
    others,
    outdated,
    cellOf: (accountId, region, type) => cells.get(keyOf(accountId, region, type)),
    cellOfArn,
    indexIn,
    bornTags,
    changeOf: (arn) => changes.size === 0 ? undefined : changes.get(arn),
    homeOf: (accountId) => homeOf(accounts.partitionOf(accountId)),
    ghosts: options.ghosts ?? 0.02
  })

  const estate: Estate = {
    seed,
    accounts: accounts.ids,
    management: accounts.management,
    organization: options.organization === "none"
      ? undefined
      : Organization.make(
        seed,
        accounts.management,
        accounts.ids.filter((id) => accounts.partitionOf(id) === accounts.partitionOf(accounts.management)),
        options.organization
      ),
    roles: options.roles ?? {},
    explorer: options.explorer,
    costs: options.costs ?? {},
    shared: options.shared ?? 0,
    regions: accounts.regions,
    partitionOf: accounts.partitionOf,
    regionsOf: accounts.regionsOf,
    isUsable: accounts.isUsable,
    setRegion: accounts.setRegion,
    count: (filter) => {
      const found = matching(filter)
      const made = found.reduce((sum, cell) => sum + cell.made, 0)
      if (deleted === 0) return made
      return [...changes].reduce((sum, [arn, change]) => {
        const cell = change.deleted === true ? cellOfArn(arn) : undefined
        return cell !== undefined && found.includes(cell) ? sum - 1 : sum
      }, made)
    },
    resource: (accountId, region, type, index) => {
      const cell = cells.get(keyOf(accountId, region, type))
      return cell === undefined || index < 0 || index >= cell.made ? undefined : at(cell, index)
    },
    resources: walk,
    truth: function*(filter) {
      for (const resource of walk(filter)) {
        yield { ...resource, createdAt: resource.createdAt.toISOString() }
      }
    },
    find,
    findIn,
    others,
    begunWith: (accountId, region, type) => cells.get(keyOf(accountId, region, type))?.size ?? 0,
    made: (accountId, region, type) => cells.get(keyOf(accountId, region, type))?.made ?? 0,
    positionOf: (accountId, region, type, key) => {
      const cell = cells.get(keyOf(accountId, region, type))
      const index = cell === undefined ? undefined : indexIn(cell, key)
      return index === undefined || cell === undefined || index >= cell.made ? undefined : index
    },
    taggingEntry: tagging.taggingEntry,
    tag: (arn, tags) => {
      const before = find(arn)
      const change = existing(arn)
      change.tagged = change.tagged === true || Object.keys(before?.tags ?? {}).length > 0
      change.tags = Object.entries(tags)
      history.add("tagged", find(arn)!, { before })
    },
    delete: (arn) => {
      const before = find(arn)
      existing(arn).deleted = true
      deleted++
      for (const held of Holding.heldBy(estate, before!)) estate.delete(held.arn)
      history.add("deleted", before!)
    },
    create: ({ accountId, region, type }, tags = {}, by) => {
      const global = modelOf(type).scope === "global"
      if (global ? region !== "global" : !accounts.regionsOf(accountId).some(({ name }) => name === region)) {
        throw new RangeError(`account ${accountId} has no Region ${region} for ${type}`)
      }
      Holding.check(estate, accountId, region, type)
      const cell = cells.get(keyOf(accountId, region, type)) ?? addCell(accountId, region, type, 0)
      const index = cell.made++
      changes.set(modelOf(type).identify(cell, index, draw(cell.hash, index)).arn, {
        tags: Object.entries(tags),
        createdAt: new Date(history.now())
      })
      const created = at(cell, index)!
      history.add("created", created, { by })
      return created
    },
    history,
    scan: <T extends ResourceType>(
      places: ReadonlyArray<Place<T>>,
      from: number,
      limit: number,
      accept?: (resource: EstateResource<T>) => boolean
    ) => {
      const items: Array<EstateResource<T>> = []
      let before = 0
      let position = from
      for (const place of places) {
        const cell = cells.get(keyOf(place.accountId, place.region, place.type))
        if (cell === undefined) continue
        for (; position < before + cell.made; position++) {
          if (items.length >= limit) return { items, next: position }
          const resource = at<T>(cell, position - before)
          if (resource !== undefined && (accept === undefined || accept(resource))) items.push(resource)
        }
        before += cell.made
      }
      return { items, next: undefined }
    },
    scanTagging: tagging.scanTagging
  }
  return estate
}
