/**
 * One cell's part of the join by ARN: what the sources list of it, and what
 * becomes of that when its service is asked.
 *
 * @since 0.1.0
 */
import type {
  Cell,
  Disagreement,
  Location,
  Resource,
  SeenBy as SeenByType,
  Source,
  SourceProof,
  SweptSource,
  Tags
} from "@cadastre/model"

/** @since 0.1.0 */
export type SeenBy = SeenByType

/**
 * - `noted`: by ARN, who lists it and where, in one number: see {@link codeOf}
 *
 * @category models
 * @since 0.1.0
 */
export interface CellJoin {
  readonly cell: Cell
  readonly noted: Map<string, number>
  readonly regions: Array<Location>
  readonly samples: Array<Disagreement>
  taggingApi: number
  resourceExplorer: number
  /** Seen by the service, by which others saw it. */
  readonly listed: Array<number>
  tagsDiffer: number
  unlisted: number
}

const tagging = 1
const explorer = 2
const places = 6

/**
 * - 2 bits: who lists it
 * - 6 bits: in which Region, as a number in `regions`
 * - 22 bits: a hash of the tags that the tagging API gives
 */
const codeOf = (bits: number, region: number, tags: number): number => bits | region << 2 | tags << (2 + places)

/** @since 0.1.0 */
export const make = (cell: Cell): CellJoin => ({
  cell,
  noted: new Map(),
  regions: [],
  samples: [],
  taggingApi: 0,
  resourceExplorer: 0,
  listed: [0, 0, 0, 0],
  tagsDiffer: 0,
  unlisted: 0
})

/** A source lists this resource. */
export const note = (join: CellJoin, source: SweptSource, { accountId, arn, region, tags }: Resource): void => {
  const key = keyOf(arn, accountId)
  const before = join.noted.get(key) ?? 0
  const bit = source === "tagging-api" ? tagging : explorer
  // A source may list the same twice, when its list changes between two pages.
  if ((before & bit) !== 0) return
  if (source === "tagging-api") join.taggingApi++
  else join.resourceExplorer++
  const hash = source === "tagging-api" && tags !== null ? hashOf(tags) : before >>> (2 + places)
  join.noted.set(key, codeOf(before & 3 | bit, placeOf(join.regions, region), hash))
}

/** The number of a Region in `regions`; beyond what the bits hold, the last. */
const placeOf = (regions: Array<Location>, region: Location): number => {
  const at = regions.indexOf(region)
  const place = at < 0 ? regions.push(region) - 1 : at
  return Math.min(place, (1 << places) - 1)
}

/**
 * The service lists this resource: what the others have said of it, and the
 * resource with all its sources.
 *
 * - `isWanted`: whether its tags are those that the scan is about; what is not wanted is compared, and not counted
 * - `knowsType`: the tagging API was read to its end and knows the type, so that it should list what has tags
 */
export const see = (join: CellJoin, resource: Resource, isWanted: boolean, knowsType: boolean): Resource => {
  const key = keyOf(resource.arn, resource.accountId)
  const code = join.noted.get(key) ?? 0
  join.noted.delete(key)
  const bits = code & 3
  const { tags } = resource
  if (isWanted && knowsType && (bits & tagging) === 0 && isTagged(resource)) {
    join.unlisted++
    sample(join, "unlisted", "tagging-api", resource.arn)
  }
  if ((bits & tagging) !== 0 && tags !== null && hashOf(tags) !== code >>> (2 + places)) {
    join.tagsDiffer++
    sample(join, "tags-differ", "tagging-api", resource.arn)
  }
  if (!isWanted) {
    if ((bits & tagging) !== 0) join.taggingApi--
    if ((bits & explorer) !== 0) join.resourceExplorer--
    return resource
  }
  join.listed[bits]!++
  return bits === 0 ? resource : { ...resource, sources: seenWith[bits]! }
}

/**
 * What the cell comes to. What is still noted is a ghost where the service's
 * list is complete, and unconfirmed where it is not.
 */
export const proofOf = (join: CellJoin, options: {
  readonly isComplete: boolean
  readonly tagging: boolean | undefined
  readonly explorer: boolean | undefined
  readonly by?: Source
}): SourceProof => {
  const { cell, listed, noted, samples } = join
  const left = [0, 0, 0, 0]
  for (const [arn, code] of noted) {
    left[code & 3]!++
    if (!options.isComplete) continue
    for (const [bit, source] of bitsOf) if ((code & bit) !== 0) sample(join, "ghost", source, arn)
  }
  // Nobody lists anything of it: there is nothing to count, and the service has not said so itself.
  if (options.by !== undefined) return { by: options.by, seenBy: [], disagreements: samples }
  const asksService = options.isComplete
  const seenBy: SeenBy = {
    type: cell.type,
    ...(asksService ? { serviceApi: sum(listed) } : {}),
    ...(options.tagging === true ? { taggingApi: join.taggingApi } : {}),
    ...(options.explorer === true ? { resourceExplorer: join.resourceExplorer } : {}),
    ...agreement(asksService, (options.tagging === true ? tagging : 0) | (options.explorer === true ? explorer : 0), {
      listed,
      left
    }),
    ghosts: options.isComplete ? noted.size : 0,
    unconfirmed: options.isComplete ? 0 : noted.size,
    tagsDiffer: join.tagsDiffer,
    unlisted: join.unlisted
  }
  return { seenBy: [seenBy], disagreements: samples }
}

/**
 * How many resources all sources saw, and how many only one: of those sources
 * that were read to their end.
 *
 * - `mask`: which of the swept sources
 * - `listed`, `left`: how many the service saw, and did not, by which of the others did
 */
export const agreement = (
  asksService: boolean,
  mask: number,
  { left, listed }: { readonly listed: ReadonlyArray<number>; readonly left: ReadonlyArray<number> }
): Pick<SeenBy, "byAll" | "byOneOnly"> => {
  const asked = Number(asksService) + sizes[mask]!
  let byAll = 0
  let byOneOnly = 0
  for (let bits = 0; bits < 4; bits++) {
    for (const [seen, count] of [
      [Number(asksService) + sizes[bits & mask]!, listed[bits]!],
      [sizes[bits & mask]!, left[bits]!]
    ] as const) {
      if (seen === asked) byAll += count
      if (seen === 1) byOneOnly += count
    }
  }
  return asked === 0 ? { byAll: 0, byOneOnly: 0 } : { byAll, byOneOnly }
}

/** How many sources a number of {@link codeOf} stands for. */
const sizes = [0, 1, 1, 2] as const

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((total, count) => total + count, 0)

/** What is noted and was not seen: its ARN, who lists it and where. */
export const unseen = (
  join: CellJoin
): ReadonlyArray<{ readonly arn: string; readonly region: Location; readonly sources: Resource["sources"] }> =>
  [...join.noted].map(([arn, code]) => ({
    arn,
    region: join.regions[code >>> 2 & (1 << places) - 1] ?? join.cell.region,
    sources: without[code & 3]!
  }))

const bitsOf = [[tagging, "tagging-api"], [explorer, "resource-explorer"]] as const

const seenWith: ReadonlyArray<Resource["sources"]> = [
  ["service-api"],
  ["service-api", "tagging-api"],
  ["service-api", "resource-explorer"],
  ["service-api", "tagging-api", "resource-explorer"]
]

const without: ReadonlyArray<Resource["sources"]> = [
  ["tagging-api"],
  ["tagging-api"],
  ["resource-explorer"],
  ["tagging-api", "resource-explorer"]
]

/** The most samples of one kind and source. */
const mostSamples = 5

const sample = (join: CellJoin, kind: Disagreement["kind"], source: Source, arn: string): void => {
  const known = join.samples.filter((one) => one.kind === kind && one.source === source).length
  if (known < mostSamples) join.samples.push({ kind, source, arn })
}

/** Whether it has tags of its owner's and is there: what AWS sets itself, sources may leave out. */
const isTagged = ({ marks, tags }: Resource): boolean => {
  if (tags === null || marks?.includes("deleted") === true) return false
  for (const key in tags) if (!key.startsWith("aws:")) return true
  return false
}

/**
 * What an ARN is looked up by, in the catalogue's own form: sources write some
 * in two ways, with the account and without (snapshots, images), with `:*` at
 * the end and without (log groups).
 */
const keyOf = (arn: string, accountId: string): string =>
  arn.includes("::snapshot/")
    ? arn.replace(/^(arn:[^:]+:ec2:[^:]+:):/u, `$1${accountId}:`)
    : arn.includes(`:${accountId}:image/`)
    ? arn.replace(/^(arn:[^:]+:ec2:[^:]+:)[0-9]+:/u, "$1:")
    : arn.endsWith(":*")
    ? arn.slice(0, -2)
    : arn

/** 22 bits, of the tags whatever their order. Different tags are taken for equal once in four million times. */
const hashOf = (tags: Tags.Tags): number => {
  let sum = 0
  for (const key in tags) {
    if (!Object.hasOwn(tags, key)) continue
    let hash = 0x811c9dc5
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ 0x10000, 0x01000193)
    const value = tags[key]!
    for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
    sum = (sum + (hash ^ (hash >>> 13))) | 0
  }
  return (sum ^ (sum >>> 11)) & 0x3f_ffff
}
