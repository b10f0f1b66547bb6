/**
 * A simulated AWS estate: a pure function of a seed, with a thin overlay of changes.
 *
 * @since 0.1.0
 */
import type { Cell } from "./Cell.ts"
import { draw, hashText, unit, unpermute } from "./Hash.ts"
import { commercialRegions, isEnabled, type Region, regionNamed, weightOf } from "./Region.ts"
import { type ResourceType, resourceTypes } from "./ResourceType.ts"
import { defaultTagProfile, type TagProfile, tagsOf, wasEverTagged } from "./TagProfile.ts"
import { type AttributesOf, modelOf } from "./resources/catalog.ts"
import { placeOfBucket } from "./resources/S3Bucket.ts"

/**
 * One resource of the estate as it really is, whatever the API answers say.
 *
 * - `region`: `"global"` for IAM roles and hosted zones; a bucket carries the Region it lives in
 * - `tags`: own properties only, also for a key such as `__proto__`
 * - `mark`: why it is no ordinary resource: made by AWS, came with the VPC, or deleted and still listed
 *
 * @since 0.1.0
 */
export interface EstateResource<T extends ResourceType = ResourceType> {
  readonly arn: string
  readonly id: string
  readonly name: string
  readonly type: T
  readonly accountId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly state: string
  readonly mark?: "aws-created" | "default" | "deleted"
  readonly attributes: AttributesOf<T>
}

/**
 * Counts of one type: a total for the estate, or per Region (`"global"` for
 * types without one) in every account, or per account and Region.
 *
 * @since 0.1.0
 */
export type TypeCounts =
  | number
  | Readonly<Record<string, number>>
  | Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * What an estate is made of.
 *
 * @since 0.1.0
 */
export interface EstateOptions {
  /** The same seed gives the same estate (default 1). */
  readonly seed?: number
  /** Account ids of 12 digits (default one: `"111122223333"`). */
  readonly accounts?: ReadonlyArray<string>
  /** Regions, by name (then enabled) or with their state (default {@link commercialRegions}). */
  readonly regions?: ReadonlyArray<string | Region>
  /**
   * How many resources of the types that `counts` does not name, spread over
   * accounts, Regions and types as in a real estate (default 1,000, or none
   * when `counts` is given).
   */
  readonly resources?: number
  readonly counts?: Partial<Readonly<Record<ResourceType, TypeCounts>>>
  readonly tags?: Partial<TagProfile>
  /** Deleted resources that the tagging API goes on listing, relative to the living (default 0.02). */
  readonly ghosts?: number
}

/**
 * Which resources: all that is not named is any.
 *
 * @since 0.1.0
 */
export interface EstateFilter {
  readonly accountId?: string
  readonly region?: string
  readonly type?: ResourceType
}

/**
 * A simulated estate.
 *
 * @since 0.1.0
 */
export interface Estate {
  readonly seed: number
  readonly accounts: ReadonlyArray<string>
  readonly regions: ReadonlyArray<Region>
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
  /** Adds a resource to a place. */
  readonly create: (
    place: { readonly accountId: string; readonly region: string; readonly type: ResourceType },
    tags?: Readonly<Record<string, string>>
  ) => EstateResource
  /** A walk over the resources of one place from an index on: one page of a list operation. */
  readonly scan: <T extends ResourceType>(
    cells: ReadonlyArray<Place<T>>,
    from: number,
    limit: number,
    accept?: (resource: EstateResource<T>) => boolean
  ) => { readonly items: ReadonlyArray<EstateResource<T>>; readonly next: number | undefined }
  /** Where {@link scan} meets a resource of one place, also one that is deleted. */
  readonly positionOf: (accountId: string, region: string, type: ResourceType, key: string) => number | undefined
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

/**
 * A resource of the ground truth as JSON.
 *
 * @since 0.1.0
 */
export type Truth = Omit<EstateResource, "createdAt"> & { readonly createdAt: string }

/** One type in one Region of one account. */
export interface Place<T extends ResourceType = ResourceType> {
  readonly accountId: string
  readonly region: string
  readonly type: T
}

/** A resource as the tagging API knows it. */
export interface TaggingEntry {
  readonly arn: string
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
}

interface MutableCell extends Cell {
  /** How many were ever made, deleted ones included: they keep their index. */
  made: number
}

/** What was changed about one resource since the estate began. */
interface Change {
  /** It had a tag before it lost them all. */
  tagged?: boolean
  tags?: ReadonlyArray<readonly [string, string]>
  deleted?: boolean
}

/** Indices from here on are resources that were deleted before the estate begins. */
const ghostsFrom = 0x4000_0000

/** Estates end here; everything in them was made in the four years before. */
const epoch = Date.UTC(2026, 10, 1)

const regionSkew = 0.6

/**
 * Makes an estate. Nothing is stored per resource: one of a million costs as
 * much as one of ten.
 *
 * @since 0.1.0
 */
export const make = (options: EstateOptions = {}): Estate => {
  const seed = options.seed ?? 1
  const accounts = options.accounts ?? ["111122223333"]
  for (const account of accounts) {
    if (!/^\d{12}$/u.test(account)) throw new RangeError(`an account id has 12 digits: ${account}`)
  }
  const regions = (options.regions ?? commercialRegions).map((region) =>
    typeof region === "string" ? regionNamed(region) : region
  )
  const profile: TagProfile = { ...defaultTagProfile, ...options.tags }
  const ghostRate = options.ghosts ?? 0.02
  const cells = new Map<string, MutableCell>()
  const changes = new Map<string, Change>()
  let deleted = 0

  const keyOf = (accountId: string, region: string, type: string) => `${accountId}/${region}/${type}`

  const addCell = (accountId: string, region: string, type: ResourceType, size: number): MutableCell => {
    const hash = hashText(keyOf(accountId, region, type), seed)
    const model = modelOf(type)
    const siblings = new Map<ResourceType, MutableCell | undefined>()
    const cell: MutableCell = {
      accountId,
      region,
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

  const placesOf = (type: ResourceType): ReadonlyArray<readonly [string, string, number]> => {
    const enabled = modelOf(type).scope === "global" ? [] : regions.filter(isEnabled)
    return accounts.flatMap((account, at) => {
      const share = 1 / (1 + at) ** regionSkew
      return modelOf(type).scope === "global"
        ? [[account, "global", share] as const]
        : enabled.map(({ name }) => [account, name, share * weightOf(name)] as const)
    })
  }

  const sizes = new Map<string, number>()
  const counts = options.counts ?? {}
  const spread: Array<readonly [key: string, weight: number]> = []
  for (const type of resourceTypes) {
    const given = counts[type]
    const places = placesOf(type)
    if (given === undefined) {
      const total = places.reduce((sum, [, , weight]) => sum + weight, 0)
      for (const [account, region, weight] of places) {
        spread.push([keyOf(account, region, type), (weight / total) * modelOf(type).share])
      }
    } else if (typeof given === "number") {
      const shares = places.map(([account, region, weight]) => [keyOf(account, region, type), weight] as const)
      for (const [key, size] of apportion(given, shares)) sizes.set(key, size)
    } else {
      for (const [name, value] of Object.entries(given as Record<string, number | Record<string, number>>)) {
        if (typeof value === "number") {
          for (const account of accounts) sizes.set(keyOf(account, name, type), value)
        } else {
          for (const [region, size] of Object.entries(value)) sizes.set(keyOf(name, region, type), size)
        }
      }
    }
  }
  const resources = options.resources ?? (options.counts === undefined ? 1000 : 0)
  for (const [key, size] of apportion(resources, spread)) sizes.set(key, size)
  for (const [key, size] of sizes) {
    if (size === 0) continue
    const [accountId = "", region = "", type = ""] = key.split("/")
    if (!accounts.includes(accountId)) throw new RangeError(`counts name an account that does not exist: ${accountId}`)
    const scope = modelOf(type as ResourceType).scope
    if (scope === "global" ? region !== "global" : !regions.some((known) => known.name === region)) {
      throw new RangeError(`counts name a Region that does not exist for ${type}: ${region}`)
    }
    addCell(accountId, region, type as ResourceType, size)
  }

  const bornTags = (cell: Cell, index: number, hash: number, name: string) => {
    const model = modelOf(cell.type)
    return model.taggable?.(index) === false ? [] : tagsOf(hash, profile, model.nameTag ? name : undefined)
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
      createdAt: new Date(epoch - Math.floor(unit(hash, 10) ** 2 * 126_144_000) * 1000),
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

  const cellOfArn = (arn: string): MutableCell | undefined => {
    const [, , service, region, account, ...rest] = arn.split(":")
    const type = arnTypes.find(([known, head]) => known === service && rest.join(":").startsWith(head))?.[2]
    if (type === undefined) return undefined
    if (type === "s3:bucket") {
      const place = placeOfBucket(arn)
      return place && cells.get(keyOf(place.accountId, place.region, type))
    }
    if (type === "route53:hosted-zone") {
      return accounts
        .map((accountId) => cells.get(keyOf(accountId, "global", type)))
        .find((cell) => cell !== undefined && indexIn(cell, arn) !== undefined)
    }
    return cells.get(keyOf(account ?? "", region === "" ? "global" : region ?? "", type))
  }

  const find = (arn: string): EstateResource | undefined => {
    const cell = cellOfArn(arn)
    return cell && findIn(cell.accountId, cell.region, cell.type, arn)
  }

  const matching = (filter: EstateFilter = {}) =>
    [...cells.values()].filter((cell) =>
      (filter.accountId === undefined || cell.accountId === filter.accountId) &&
      (filter.region === undefined || cell.region === filter.region) &&
      (filter.type === undefined || cell.type === filter.type)
    )

  function* walk(filter?: EstateFilter): Generator<EstateResource> {
    for (const cell of matching(filter)) {
      for (let index = 0; index < cell.made; index++) {
        const resource = at(cell, index)
        if (resource !== undefined) yield resource
      }
    }
  }

  const existing = (arn: string): Change => {
    if (find(arn) === undefined) throw new RangeError(`no such resource: ${arn}`)
    const change = changes.get(arn) ?? {}
    changes.set(arn, change)
    return change
  }

  const ghostsOf = (cell: MutableCell) => Math.ceil(cell.size * ghostRate)

  /** What the tagging API knows of a resource, living or deleted. */
  const entryAt = (cell: MutableCell, index: number): TaggingEntry | undefined => {
    const model = modelOf(cell.type)
    const hash = draw(cell.hash, index)
    const { arn, name } = model.identify(cell, index, hash)
    const change = changes.size === 0 ? undefined : changes.get(arn)
    const born = index < cell.size || index >= ghostsFrom ? bornTags(cell, index, hash, name) : []
    const tags = change?.tags ?? born
    if (tags.length > 0) return { arn, tags }
    if (model.taggable?.(index) === false) return undefined
    const original = index < cell.size || index >= ghostsFrom
    return change?.tagged === true || (original && wasEverTagged(hash, born)) ? { arn, tags } : undefined
  }

  const estate: Estate = {
    seed,
    accounts,
    regions,
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
    positionOf: (accountId, region, type, key) => {
      const cell = cells.get(keyOf(accountId, region, type))
      const index = cell === undefined ? undefined : indexIn(cell, key)
      return index === undefined || cell === undefined || index >= cell.made ? undefined : index
    },
    taggingEntry: (accountId, region, arn) => {
      const cell = cellOfArn(arn)
      if (cell === undefined || cell.accountId !== accountId) return undefined
      if (modelOf(cell.type).taggingApi === undefined) return undefined
      if (cell.region !== (cell.region === "global" && region === "us-east-1" ? "global" : region)) return undefined
      const index = indexIn(cell, arn)
      return index === undefined || (index >= cell.made && (index < ghostsFrom || index >= ghostsFrom + ghostsOf(cell)))
        ? undefined
        : entryAt(cell, index)
    },
    tag: (arn, tags) => {
      const before = find(arn)
      const change = existing(arn)
      change.tagged = change.tagged === true || Object.keys(before?.tags ?? {}).length > 0
      change.tags = Object.entries(tags)
    },
    delete: (arn) => {
      existing(arn).deleted = true
      deleted++
    },
    create: ({ accountId, region, type }, tags = {}) => {
      const cell = cells.get(keyOf(accountId, region, type)) ?? addCell(accountId, region, type, 0)
      const index = cell.made++
      changes.set(modelOf(type).identify(cell, index, draw(cell.hash, index)).arn, { tags: Object.entries(tags) })
      return at(cell, index)!
    },
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
    scanTagging: (accountId, region, types, from, limit, accept, full) => {
      const items: Array<TaggingEntry> = []
      let before = 0
      let position = from
      let looked = 0
      for (const type of resourceTypes) {
        const model = modelOf(type)
        if (model.taggingApi === undefined || !types(model.taggingApi)) continue
        const place = model.scope === "regional" ? region : region === "us-east-1" ? "global" : undefined
        const cell = place === undefined ? undefined : cells.get(keyOf(accountId, place, type))
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
      return { items, next: undefined }
    }
  }
  return estate
}

/** ARNs say the type in as many ways as there are services. */
const arnTypes: ReadonlyArray<readonly [service: string, head: string, type: ResourceType]> = [
  ["autoscaling", "autoScalingGroup:", "autoscaling:group"],
  ["dynamodb", "table/", "dynamodb:table"],
  ["ec2", "elastic-ip/", "ec2:elastic-ip"],
  ["ec2", "instance/", "ec2:instance"],
  ["ec2", "natgateway/", "ec2:natgateway"],
  ["ec2", "security-group/", "ec2:security-group"],
  ["ec2", "snapshot/", "ec2:snapshot"],
  ["ec2", "volume/", "ec2:volume"],
  ["ecs", "cluster/", "ecs:cluster"],
  ["iam", "role/", "iam:role"],
  ["lambda", "function:", "lambda:function"],
  ["rds", "db:", "rds:db"],
  ["route53", "hostedzone/", "route53:hosted-zone"],
  ["s3", "", "s3:bucket"],
  ["sns", "", "sns:topic"],
  ["sqs", "", "sqs:queue"]
]

/** Divides a total by weights, exactly: the largest remainders get what rounding down left over. */
const apportion = (
  total: number,
  shares: ReadonlyArray<readonly [key: string, weight: number]>
): ReadonlyArray<readonly [key: string, size: number]> => {
  const sum = shares.reduce((all, [, weight]) => all + weight, 0)
  if (sum === 0 || total === 0) return []
  const exact = shares.map(([key, weight]) => ({ key, value: (total * weight) / sum }))
  const sizes = exact.map(({ key, value }) => [key, Math.floor(value)] as [string, number])
  const left = total - sizes.reduce((all, [, size]) => all + size, 0)
  const order = exact
    .map(({ value }, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest)
  for (const { index } of order.slice(0, left)) sizes[index]![1]++
  return sizes
}
