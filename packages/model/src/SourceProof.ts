/**
 * What several sources said of the same resources, joined by ARN.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { RegionId } from "./RegionId.ts"
import { Source } from "./Resource.ts"
import { ResourceType } from "./ResourceType.ts"

/**
 * A source that lists the resources of many services.
 *
 * @category models
 * @since 0.1.0
 */
export type SweptSource = Exclude<Source, "service-api">

/** By whether the sweep is for all types, or for those of the scope alone. */
const sweeps: Readonly<Record<SweptSource, readonly [all: string, some: string]>> = {
  "tagging-api": ["tagging-api:resource", "tagging-api:types-in-scope"],
  "resource-explorer": ["resource-explorer:resource", "resource-explorer:types-in-scope"]
}

/**
 * The type of the cells that are sweeps of a source: it is read through in one
 * Region, or for one account. What they find is of other types.
 *
 * A sweep of a scan of some types (`isOpen` is `false`) is of another type, since
 * it says nothing of the types that it was not asked for: those of a sweep for
 * all must not be taken for gone.
 *
 * @category getters
 * @since 0.1.0
 */
export const sweepTypeOf = (source: SweptSource, isOpen = true): ResourceType =>
  ResourceType.make(sweeps[source][isOpen ? 0 : 1])

/**
 * The source that cells of this type are sweeps of; `undefined` for ordinary types.
 *
 * @category getters
 * @since 0.1.0
 */
export const sweptSourceOf = (type: string): SweptSource | undefined =>
  sweeps["tagging-api"].includes(type)
    ? "tagging-api"
    : sweeps["resource-explorer"].includes(type)
    ? "resource-explorer"
    : undefined

/**
 * Who saw how many resources of one type, by ARN.
 *
 * - `serviceApi`, `taggingApi`, `resourceExplorer`: how many each source lists, ghosts included. **Absent where the
 *   source was not asked or could not be read to its end**: what it would have said is unknown. The service API is
 *   absent for types that no scanner is for
 * - `byAll`: seen by every source that is there
 * - `byOneOnly`: seen by exactly one of them
 * - `ghosts`: listed by another source, and not by the service's own complete list, which was read later: they are
 *   not in the result
 * - `unconfirmed`: in the result although no service has confirmed that they are there
 * - `tagsDiffer`: the tagging API has other tags than the service, which is believed
 * - `unlisted`: tagged as the service says, and unknown to the tagging API although it knows the type
 *
 * @category models
 * @since 0.1.0
 */
export const SeenBy = Schema.Struct({
  type: ResourceType,
  serviceApi: Schema.optionalKey(Schema.Natural),
  taggingApi: Schema.optionalKey(Schema.Natural),
  resourceExplorer: Schema.optionalKey(Schema.Natural),
  byAll: Schema.Natural,
  byOneOnly: Schema.Natural,
  ghosts: Schema.Natural,
  unconfirmed: Schema.Natural,
  tagsDiffer: Schema.Natural,
  unlisted: Schema.Natural
})
/** @since 0.1.0 */
export type SeenBy = typeof SeenBy.Type

/**
 * One resource of which two sources do not say the same, as a sample: {@link SeenBy} counts them all.
 *
 * - `kind`: `ghost`, `tags-differ` or `unlisted`, as in {@link SeenBy}
 * - `source`: who disagrees with the service
 *
 * @category models
 * @since 0.1.0
 */
export const Disagreement = Schema.Struct({
  kind: Schema.Literals(["ghost", "tags-differ", "unlisted"]),
  source: Source,
  arn: Schema.NonEmptyString
})
/** @since 0.1.0 */
export type Disagreement = typeof Disagreement.Type

/**
 * An index of Resource Explorer that was read.
 *
 * - `type`: `AGGREGATOR` holds all Regions, `LOCAL` its own
 * - `updatedAt`: when the index was last set up anew, ISO 8601
 * - `oldestReport`, `newestReport`: when what was read was last reported to the index: how old the answer is
 *
 * @category models
 * @since 0.1.0
 */
export const ExplorerIndex = Schema.Struct({
  region: RegionId,
  type: Schema.String,
  resources: Schema.Natural,
  updatedAt: Schema.optionalKey(Schema.String),
  oldestReport: Schema.optionalKey(Schema.String),
  newestReport: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type ExplorerIndex = typeof ExplorerIndex.Type

/**
 * What is known of a cell from more than one source.
 *
 * - `by`: the source that alone proves the cell empty: with a tag filter, the tagging API lists nothing of a type that
 *   it knows, so the service was not called
 * - `seenBy`: of the cell's type, empty with `by`; of a sweep, by each type that no scanner is for
 * - `disagreements`: at most five of each kind and source
 * - `indexes`: of a sweep of Resource Explorer
 *
 * @category models
 * @since 0.1.0
 */
export const SourceProof = Schema.Struct({
  by: Schema.optionalKey(Source),
  seenBy: Schema.Array(SeenBy),
  disagreements: Schema.Array(Disagreement),
  indexes: Schema.optionalKey(Schema.Array(ExplorerIndex))
})
/** @since 0.1.0 */
export type SourceProof = typeof SourceProof.Type

/**
 * What several cells say together, by type.
 *
 * A source that could not be read to its end in one of the cells is absent for
 * the whole type.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combineSeenBy = (all: Iterable<SeenBy>): ReadonlyArray<SeenBy> => {
  const byType = new Map<string, SeenBy>()
  for (const one of all) {
    const known = byType.get(one.type)
    byType.set(one.type, known === undefined ? one : add(known, one))
  }
  return [...byType.values()].toSorted((a, b) => a.type < b.type ? -1 : 1)
}

const add = (a: SeenBy, b: SeenBy): SeenBy => ({
  type: a.type,
  ...both("serviceApi", a.serviceApi, b.serviceApi),
  ...both("taggingApi", a.taggingApi, b.taggingApi),
  ...both("resourceExplorer", a.resourceExplorer, b.resourceExplorer),
  byAll: a.byAll + b.byAll,
  byOneOnly: a.byOneOnly + b.byOneOnly,
  ghosts: a.ghosts + b.ghosts,
  unconfirmed: a.unconfirmed + b.unconfirmed,
  tagsDiffer: a.tagsDiffer + b.tagsDiffer,
  unlisted: a.unlisted + b.unlisted
})

const both = <K extends string>(key: K, a: number | undefined, b: number | undefined): { readonly [P in K]?: number } =>
  a === undefined || b === undefined ? {} : { [key]: a + b } as { readonly [P in K]?: number }
