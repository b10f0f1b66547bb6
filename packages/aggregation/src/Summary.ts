/**
 * What a scan's aggregate says: scores, bounds, breakdowns, coverage.
 *
 * @since 0.1.0
 */
import { type Cell, Coverage, type Resource, sweptSourceOf } from "@cadastre/model"
import type { Violation } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import type { Aggregate, CellAggregate } from "./Aggregate.ts"
import * as Tally from "./Tally.ts"

/**
 * The figures of one group of resources, or of all. Only resources of cells
 * that ended as `scanned` count.
 *
 * - `complianceScore`: `compliantResources` ÷ `totalResources`, 0 to 1; 1 when everything was seen and there
 *   is nothing to score; **absent when nothing was seen**
 * - `totalResources`: those that the policy has a say in and whose tags are known
 * - `notApplicable`, `unknownTags`: seen, not scored
 * - `notApplicableByReason`: of `notApplicable`, how many for which reason (`free`, `default`, `aws-created`,
 *   `deleted`, `untaggable`, `unconfirmed`, `waived`, `nothing-required`); reasons that no resource has are left out
 * - `resourcesFound`: all that were seen
 * - `costAttributionGap`: US dollars that the resources which are not compliant cost; `null` when not known
 *
 * @category models
 * @since 0.1.0
 */
export const Figures = Schema.Struct({
  complianceScore: Schema.optionalKey(Schema.Finite),
  totalResources: Schema.Natural,
  compliantResources: Schema.Natural,
  notApplicable: Schema.Natural,
  notApplicableByReason: Schema.Record(Schema.String, Schema.Natural),
  unknownTags: Schema.Natural,
  resourcesFound: Schema.Natural,
  violationCount: Schema.Natural,
  costAttributionGap: Schema.NullOr(Schema.Finite)
})
/** @since 0.1.0 */
export type Figures = typeof Figures.Type

const Breakdown = Schema.Record(Schema.String, Figures)

/**
 * The lowest and the highest score that is consistent with what was not seen.
 *
 * @category models
 * @since 0.1.0
 */
export const ScoreBounds = Schema.Struct({ lowest: Schema.Finite, highest: Schema.Finite })
/** @since 0.1.0 */
export type ScoreBounds = typeof ScoreBounds.Type

/**
 * - `scoreBounds`: absent where something was not seen and nobody knows how much it is
 * - `byRegion`: by the Region where the resources are, `global` for those that have none
 * - `byOwner`: by the value of the owner tag; under `""` those of whom no owner is known, for they have no such tag, an
 *   empty one, or tags that could not be read
 * - `byRule`: number of violations by rule
 *
 * @category models
 * @since 0.1.0
 */
export const Summary = Schema.Struct({
  ...Figures.fields,
  scoreBounds: Schema.optionalKey(ScoreBounds),
  byRegion: Breakdown,
  byType: Breakdown,
  byAccount: Breakdown,
  byOwner: Breakdown,
  byRule: Schema.Record(Schema.String, Schema.Natural)
})
/** @since 0.1.0 */
export type Summary = typeof Summary.Type

/**
 * The coverage of an aggregate. A cell that never ended was skipped.
 *
 * @category getters
 * @since 0.1.0
 */
export const coverageOf = (aggregate: Aggregate): Coverage.Coverage =>
  Coverage.make({
    cells: [...aggregate.cells.values()].map(({ cell, result }) =>
      result ?? { ...cell, outcome: "skipped", resources: 0, unknownTags: 0, calls: 0, durationMs: 0 }
    ),
    skippedRegions: aggregate.scope?.skippedRegions ?? [],
    discovery: aggregate.scope?.discovery ?? { status: "complete", source: "request", exhaustive: true },
    unnamedAccounts: aggregate.scope?.unnamedAccounts ?? []
  })

/**
 * The summary of an aggregate.
 *
 * `lastKnown` answers how many scored resources an unseen cell held when it was
 * last seen, if ever: without it, a scan that has unseen cells has no bounds.
 *
 * @category getters
 * @since 0.1.0
 */
export const summaryOf = (
  aggregate: Aggregate,
  options: { readonly lastKnown?: (cell: Cell) => number | undefined } = {}
): Summary => {
  const cells = [...aggregate.cells.values()]
  const scanned = cells.filter(({ result }) => result?.outcome === "scanned")
  const all = Tally.Reducer.combineAll(scanned.flatMap(({ byRegion }) => [...byRegion.values()]))
  const bounds = boundsOf(cells, all, options.lastKnown ?? (() => undefined))
  // A Region that was seen and holds nothing says so; global types have no Region to speak for.
  const regions = [...new Set(scanned.map(({ cell }) => cell.region))].filter((region) => region !== "global")
  const emptyOf = (keys: ReadonlyArray<string>): Tally.Groups =>
    new Map(keys.map((key) => [key, Tally.Reducer.initialValue]))
  const by = (groupsOf: (cell: CellAggregate) => Tally.Groups) =>
    breakdown([
      emptyOf(scanned.flatMap((cell) => [...groupsOf(cell).keys()])),
      ...scanned.map(groupsOf)
    ])
  return {
    ...figures(all, scanned.length > 0),
    ...(bounds === undefined ? {} : { scoreBounds: bounds }),
    byRegion: breakdown([emptyOf(regions), ...scanned.map(({ byRegion }) => byRegion)]),
    byType: by(typesOf),
    byAccount: by(({ byRegion, cell }) => new Map([[cell.accountId, Tally.Reducer.combineAll(byRegion.values())]])),
    byOwner: breakdown(scanned.map(({ byOwner }) => byOwner)),
    byRule: countBy(scanned.flatMap(({ violations }) => violations), ({ rule }) => rule)
  }
}

/** A cell holds what is of its type; a sweep holds whatever it found, and has no type to speak of. */
const typesOf = ({ byOtherType, byRegion, cell }: CellAggregate): Tally.Groups =>
  sweptSourceOf(cell.type) === undefined
    ? new Map([[cell.type, Tally.Reducer.combineAll(byRegion.values())]])
    : byOtherType

/**
 * What a scan without a policy amounts to: how much there is, and where.
 *
 * - `totalResources`: all that were seen, those of cells that did not end as `scanned` included
 * - `unknownTags`: those whose tags could not be read
 *
 * @category models
 * @since 0.1.0
 */
export const Inventory = Schema.Struct({
  totalResources: Schema.Natural,
  unknownTags: Schema.Natural,
  byRegion: Schema.Record(Schema.String, Schema.Natural),
  byType: Schema.Record(Schema.String, Schema.Natural),
  byAccount: Schema.Record(Schema.String, Schema.Natural)
})
/** @since 0.1.0 */
export type Inventory = typeof Inventory.Type

/**
 * @category getters
 * @since 0.1.0
 */
export const inventoryOf = (aggregate: Aggregate): Inventory => {
  const cells = [...aggregate.cells.values()].map((cell) => ({
    ...cell,
    tally: Tally.Reducer.combineAll(cell.byRegion.values())
  }))
  const count = (groups: ReadonlyArray<readonly [key: string, found: number]>) => {
    const sum = new Map<string, number>()
    for (const [key, found] of groups) sum.set(key, (sum.get(key) ?? 0) + found)
    return sorted(sum)
  }
  return {
    totalResources: cells.reduce((sum, { tally }) => sum + tally.found, 0),
    unknownTags: cells.reduce((sum, { result }) => sum + (result?.unknownTags ?? 0), 0),
    byRegion: count(cells.flatMap(({ byRegion }) => [...byRegion].map(([region, { found }]) => [region, found] as const))),
    byType: count(cells.flatMap((cell) => [...typesOf(cell)].map(([type, { found }]) => [type, found] as const))),
    byAccount: count(cells.map(({ cell, tally }) => [cell.accountId, tally.found]))
  }
}

/**
 * The violations of the scanned cells, by ARN, tag and rule.
 *
 * @category getters
 * @since 0.1.0
 */
export const violationsOf = (aggregate: Aggregate): ReadonlyArray<Violation> =>
  [...aggregate.cells.values()]
    .filter(({ result }) => result?.outcome === "scanned")
    .flatMap(({ violations }) => violations)
    .toSorted((a, b) => compare(a.arn, b.arn) || compare(a.tag, b.tag) || compare(a.rule, b.rule) || compareTexts(a, b))

/**
 * All resources that were seen, by ARN; those of cells that did not end as
 * `scanned` included, for they are there. Empty unless the fold keeps them.
 *
 * @category getters
 * @since 0.1.0
 */
export const resourcesOf = (aggregate: Aggregate): ReadonlyArray<Resource> =>
  [...aggregate.cells.values()].flatMap(({ resources }) => resources)
    .toSorted((a, b) => compare(a.arn, b.arn) || compareTexts(a, b))

const figures = (tally: Tally.Tally, seen: boolean): Figures => ({
  ...(seen ? { complianceScore: scoreOf(tally) } : {}),
  totalResources: tally.scored,
  compliantResources: tally.compliant,
  ...notApplicableOf(tally),
  unknownTags: tally.unknownTags,
  resourcesFound: tally.found,
  violationCount: tally.violations,
  costAttributionGap: tally.unpriced > 0 || !seen ? null : tally.gapMicros / 1_000_000
})

const notApplicableOf = (tally: Tally.Tally): Pick<Figures, "notApplicable" | "notApplicableByReason"> => {
  const byReason = Tally.notApplicableReasons.flatMap((reason) =>
    tally[reason] === 0 ? [] : [[reason, tally[reason]] as const]
  )
  return {
    notApplicable: byReason.reduce((sum, [, count]) => sum + count, 0),
    notApplicableByReason: Object.fromEntries(byReason)
  }
}

const scoreOf = ({ compliant, scored }: Tally.Tally): number => scored === 0 ? 1 : compliant / scored

/** Unseen resources may all be compliant, or none of them. */
const boundsOf = (
  cells: ReadonlyArray<CellAggregate>,
  all: Tally.Tally,
  lastKnown: (cell: Cell) => number | undefined
): ScoreBounds | undefined => {
  let unseen = all.unknownTags
  for (const { cell, result } of cells) {
    if (result?.outcome === "scanned" || result?.outcome === "unsupported") continue
    const known = lastKnown(cell)
    if (known === undefined) return undefined
    unseen += known
  }
  const total = all.scored + unseen
  return total === 0
    ? { lowest: 1, highest: 1 }
    : { lowest: all.compliant / total, highest: (all.compliant + unseen) / total }
}

const breakdown = (groups: ReadonlyArray<Tally.Groups>): Readonly<Record<string, Figures>> => {
  const sum = groups.reduce(Tally.combineGroups, new Map())
  return Object.fromEntries(
    [...sum].toSorted(([a], [b]) => compare(a, b)).map(([key, tally]) => [key, figures(tally, true)])
  )
}

const countBy = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return sorted(counts)
}

const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].toSorted(([a], [b]) => compare(a, b)))

/** By code unit, so that every machine sorts alike. */
const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** Two cells may hold the same ARN (a DocumentDB cluster is listed by RDS too): the order is fixed all the same. */
const compareTexts = (a: object, b: object): number => compare(JSON.stringify(a), JSON.stringify(b))
