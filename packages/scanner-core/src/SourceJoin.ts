/**
 * Joins what cross-service sources say of an account with what the services
 * themselves say, by ARN.
 *
 * The sources are read first, the services after them. So what a source lists
 * and a service's own complete list does not is no longer there: a ghost.
 *
 * Memory: about 130 bytes for each listed resource of a type that is to be
 * scanned, its ARN and a number, until its cell ends. Whole resources are kept only of
 * types that no scanner is for, and only where two sources have to be put
 * together.
 *
 * @since 0.1.0
 */
import {
  type AccountId,
  type Cell,
  cellKey,
  type ExplorerIndex,
  type Location,
  type RegionId,
  type Resource,
  type ResourceType,
  type SweptSource,
  TagFilter
} from "@cadastre/model"
import * as CellJoin from "./CellJoin.ts"
import { knows } from "./TaggingSupport.ts"

/**
 * What the join of one account is about.
 *
 * - `regions`: those that are wanted
 * - `cells`: those that will be scanned
 * - `isOpen`: types without a scanner are wanted as well
 * - `filter`: only resources with these tags are
 * - `isExhaustive`: all Regions that are wanted are known and swept
 * - `sources`: which are asked
 *
 * @category models
 * @since 0.1.0
 */
export interface JoinScope {
  readonly accountId: AccountId
  readonly home: Location
  readonly regions: ReadonlyArray<RegionId>
  readonly cells: ReadonlyArray<Cell>
  readonly isOpen: boolean
  readonly filter: ReadonlyArray<TagFilter.TagFilter> | undefined
  readonly isExhaustive: boolean
  readonly sources: ReadonlyArray<SweptSource>
}

/** How many one source lists of a type that no scanner is for, and how many both. */
interface Unscanned {
  one: number
  both: number
}

/**
 * The join of one account.
 *
 * @category models
 * @since 0.1.0
 */
export class SourceJoin {
  readonly scope: JoinScope
  /** Of types that no scanner is for, what Resource Explorer lists and the tagging API has not listed so far. */
  readonly explored = new Map<string, Resource>()
  readonly indexes: Array<ExplorerIndex> = []
  private readonly cells = new Map<string, CellJoin.CellJoin>()
  private readonly globalTypes: ReadonlySet<string>
  private readonly read = new Map<SweptSource, Set<Location>>()
  private readonly asked = new Map<SweptSource, Set<Location>>()
  private readonly unscanned = new Map<string, Map<ResourceType.ResourceType, Unscanned>>()
  /** ARNs that name no Region may be listed in more than one. */
  private readonly placeless = new Set<string>()

  constructor(scope: JoinScope) {
    this.scope = scope
    this.globalTypes = new Set(scope.cells.filter(({ region }) => region === "global").map(({ type }) => type))
    for (const cell of scope.cells) this.cells.set(cellKey(cell), CellJoin.make(cell))
  }

  /** A sweep is about to begin. */
  begin(source: SweptSource, region: Location): void {
    this.asked.set(source, (this.asked.get(source) ?? new Set()).add(region))
  }

  /** A sweep was read to its end. */
  end(source: SweptSource, region: Location): void {
    this.read.set(source, (this.read.get(source) ?? new Set()).add(region))
  }

  /**
   * Takes note of what a source lists. Answers with the resource where it is to
   * be in the result on the word of that source; `undefined` where its own
   * service will be asked, where its type is not wanted, or where it is known.
   */
  note(source: SweptSource, resource: Resource, sweep: Location): Resource | undefined {
    const { accountId, filter, isOpen } = this.scope
    const { arn, region, type } = resource
    if (filter !== undefined && resource.tags !== null && !TagFilter.matches(filter, resource.tags)) return undefined
    const place = this.globalTypes.has(type) ? "global" : region
    const cell = this.cells.get(cellKey({ accountId, region: place, type }))
    if (cell !== undefined) {
      CellJoin.note(cell, source, resource)
      return undefined
    }
    if (!isOpen) return undefined
    if (source === "resource-explorer") {
      if (!this.explored.has(arn)) this.explored.set(arn, resource)
      return undefined
    }
    if (region === "global" || resource.service === "s3") {
      if (this.placeless.has(arn)) return undefined
      this.placeless.add(arn)
    }
    const isExplored = this.explored.delete(arn)
    const counts = this.countsOf(source, sweep, type)
    if (isExplored) counts.both++
    else counts.one++
    return isExplored ? { ...resource, sources: swept } : resource
  }

  /** What only Resource Explorer lists of types that no scanner is for, once all sweeps of the tagging API are over. */
  exploredAlone(): ReadonlyArray<Resource> {
    const alone = [...this.explored.values()]
    this.explored.clear()
    for (const { type } of alone) this.countsOf("resource-explorer", "global", type).one++
    return alone
  }

  /** Who saw how many of the types that no scanner is for, as one sweep has it. */
  seenBySweep(source: SweptSource, sweep: Location): ReadonlyArray<CellJoin.SeenBy> {
    const isTagging = source === "tagging-api"
    const tagging = isTagging ? this.read.get(source)?.has(sweep) === true : this.isRead("tagging-api")
    const explorer = this.isRead("resource-explorer")
    return [...this.unscanned.get(`${source}/${sweep}`) ?? []].map(([type, { both, one }]): CellJoin.SeenBy => ({
      type,
      ...(tagging ? { taggingApi: isTagging ? one + both : 0 } : {}),
      ...(explorer ? { resourceExplorer: isTagging ? both : one } : {}),
      ...CellJoin.agreement(false, (tagging ? 1 : 0) | (explorer ? 2 : 0), {
        listed: [0, 0, 0, 0],
        left: isTagging ? [0, one, 0, both] : [0, 0, one, 0]
      }),
      ghosts: 0,
      unconfirmed: one + both,
      tagsDiffer: 0,
      unlisted: 0
    })).toSorted((a, b) => a.type < b.type ? -1 : 1)
  }

  private countsOf(source: SweptSource, sweep: Location, type: ResourceType.ResourceType): Unscanned {
    const key = `${source}/${sweep}`
    const groups = this.unscanned.get(key) ?? new Map<ResourceType.ResourceType, Unscanned>()
    this.unscanned.set(key, groups)
    const counts = groups.get(type) ?? { one: 0, both: 0 }
    groups.set(type, counts)
    return counts
  }

  /** The part of one cell, until it is released. */
  cellOf(cell: Cell): CellJoin.CellJoin | undefined {
    return this.cells.get(cellKey(cell))
  }

  release(cell: Cell): void {
    this.cells.delete(cellKey(cell))
  }

  /** Whether the tagging API alone proves that no resource of the cell has the tags that are wanted. */
  provesEmpty(cell: Cell): boolean {
    const { filter } = this.scope
    return filter !== undefined && knows(cell.type) && this.isReadFor("tagging-api", cell) &&
      this.cells.get(cellKey(cell))?.noted.size === 0
  }

  /** Whether the source was read to its end wherever it may list resources of the cell. */
  isReadFor(source: SweptSource, { region, type }: Cell): boolean {
    const read = this.read.get(source)
    if (read === undefined) return false
    if (source === "resource-explorer") return read.size > 0
    if (region !== "global") return read.has(region)
    // Buckets are listed where they are, everything else without a Region at home.
    if (type === "s3:bucket") return this.scope.isExhaustive && this.isRead(source)
    return read.has(this.scope.home) || read.has("global")
  }

  private isRead(source: SweptSource): boolean {
    const asked = this.asked.get(source)
    return asked !== undefined && asked.size > 0 && asked.size === this.read.get(source)?.size
  }
}

const swept: Resource["sources"] = Object.freeze(["tagging-api", "resource-explorer"] as const)
