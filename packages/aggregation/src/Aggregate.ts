/**
 * What a scan amounts to so far: a commutative monoid over scan events.
 *
 * Partial results of pages, Regions, processes or machines may be combined in
 * any order and grouping; the summary is the same.
 *
 * @since 0.1.0
 */
import {
  type AccountScope,
  type Cell,
  cellKey,
  type CellResult,
  type Discovery,
  type Resource,
  type ScanEvent,
  type ScanScope,
  Tags,
  type UnnamedAccount
} from "@cadastre/model"
import { KeyCase, type Verdict, isCompliant, type Violation } from "@cadastre/policy"
import * as Tally from "./Tally.ts"

/**
 * What is known of one cell. `result` is there once the cell has ended: until
 * then, and unless it ended as `scanned`, nothing of it counts.
 *
 * - `byOtherType`: of a sweep, which finds what is not of its own type, by the types of what it found
 *
 * @category models
 * @since 0.1.0
 */
export interface CellAggregate {
  readonly cell: Cell
  readonly result: CellResult | undefined
  readonly byRegion: Tally.Groups
  readonly byOwner: Tally.Groups
  readonly byOtherType: Tally.Groups
  readonly violations: ReadonlyArray<Violation>
  readonly resources: ReadonlyArray<Resource>
}

/**
 * `cells` by `cellKey`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Aggregate {
  readonly scope: ScanScope | undefined
  readonly startedAt: string | undefined
  readonly cells: ReadonlyMap<string, CellAggregate>
}

/**
 * The aggregate of no events.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: Aggregate = { scope: undefined, startedAt: undefined, cells: new Map() }

/**
 * @category combinators
 * @since 0.1.0
 */
export const combine = (a: Aggregate, b: Aggregate): Aggregate => {
  const cells = new Map(a.cells)
  for (const [key, cell] of b.cells) {
    const known = cells.get(key)
    cells.set(key, known === undefined ? cell : combineCells(known, cell))
  }
  return {
    scope: a.scope === undefined ? b.scope : b.scope === undefined ? a.scope : combineScopes(a.scope, b.scope),
    startedAt: a.startedAt === undefined || (b.startedAt !== undefined && b.startedAt < a.startedAt) ? b.startedAt : a.startedAt,
    cells
  }
}

const combineCells = (a: CellAggregate, b: CellAggregate): CellAggregate => ({
  cell: a.cell,
  result: oneResult(a.result, b.result),
  byRegion: Tally.combineGroups(a.byRegion, b.byRegion),
  byOwner: Tally.combineGroups(a.byOwner, b.byOwner),
  byOtherType: Tally.combineGroups(a.byOtherType, b.byOtherType),
  violations: concat(a.violations, b.violations),
  resources: concat(a.resources, b.resources)
})

/** A cell ends once. Where two parts both say how, what claims to have seen less counts, whatever the order. */
const oneResult = (a: CellResult | undefined, b: CellResult | undefined): CellResult | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  if (a.outcome !== b.outcome) {
    if (a.outcome === "scanned") return b
    if (b.outcome === "scanned") return a
  }
  return textOf(a) <= textOf(b) ? a : b
}

const textOf = ({ calls, durationMs, outcome, proof, reason, resources, unknownTags }: CellResult): string =>
  JSON.stringify([
    outcome,
    resources,
    unknownTags,
    calls,
    durationMs,
    reason && [reason.error, reason.message, reason.operation, reason.requestId],
    proof
  ])

const concat = <A>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): ReadonlyArray<A> =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b]

const combineScopes = (a: ScanScope, b: ScanScope): ScanScope => {
  const regions = union(a.regions, b.regions)
  const sources = union(a.sources ?? [], b.sources ?? [])
  const tags = least(a.tags, b.tags, (filter) => JSON.stringify(filter))
  return {
    partition: a.partition < b.partition ? a.partition : b.partition,
    accountIds: union(a.accountIds, b.accountIds),
    regions,
    types: union(a.types, b.types),
    // A Region that one part left out and another looked at was looked at.
    skippedRegions: union(a.skippedRegions, b.skippedRegions).filter((region) => !regions.includes(region)),
    discovery: worse(a.discovery, b.discovery),
    accounts: combineAccounts(a.accounts, b.accounts),
    unnamedAccounts: combineUnnamed(a.unnamedAccounts, b.unnamedAccounts),
    ...(sources.length === 0 ? {} : { sources }),
    ...(tags === undefined ? {} : { tags })
  }
}

const combineAccounts = (
  a: ReadonlyArray<AccountScope>,
  b: ReadonlyArray<AccountScope>
): ReadonlyArray<AccountScope> => {
  const byId = new Map(a.map((account) => [account.accountId, account]))
  for (const account of b) {
    const known = byId.get(account.accountId)
    byId.set(account.accountId, known === undefined ? account : combineAccount(known, account))
  }
  return [...byId.values()].toSorted((a, b) => a.accountId < b.accountId ? -1 : 1)
}

const combineAccount = (a: AccountScope, b: AccountScope): AccountScope => {
  const regions = union(a.regions, b.regions)
  const name = least(a.name, b.name, (name) => name)
  const problem = least(a.problem, b.problem, JSON.stringify)
  return {
    accountId: a.accountId,
    ...(name === undefined ? {} : { name }),
    regions,
    skippedRegions: union(a.skippedRegions, b.skippedRegions).filter((region) => !regions.includes(region)),
    discovery: worse(a.discovery, b.discovery),
    ...(problem === undefined ? {} : { problem })
  }
}

const combineUnnamed = (
  a: ReadonlyArray<UnnamedAccount>,
  b: ReadonlyArray<UnnamedAccount>
): ReadonlyArray<UnnamedAccount> =>
  [...new Map([...a, ...b].map((account) => [JSON.stringify(account), account]))]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([, account]) => account)

/** The one of the lesser text, so that the order makes no difference; what is there before what is not. */
const least = <A>(a: A | undefined, b: A | undefined, textOf: (value: A) => string): A | undefined =>
  a === undefined || b === undefined ? a ?? b : textOf(a) <= textOf(b) ? a : b

const union = <A extends string>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...new Set([...a, ...b])].toSorted()

/** The less that was known, the worse; equals are told apart by their text so that the order makes no difference. */
const worse = (a: Discovery, b: Discovery): Discovery => {
  if (a.exhaustive !== b.exhaustive) return a.exhaustive ? b : a
  if (a.status !== b.status) return a.status === "complete" ? b : a
  return JSON.stringify([a.source, a.reason]) <= JSON.stringify([b.source, b.reason]) ? a : b
}

/**
 * How events are judged as they are folded.
 *
 * - `validator`: the compiled policy; without one, resources are counted and not scored
 * - `costMicros`: what a resource costs, in millionths of a US dollar, where it is known
 * - `keepResources`: whether the resources themselves are kept, which takes memory for each; off by default
 * - `ownerTag`: the tag that names the owner, `Owner` by default
 *
 * @category models
 * @since 0.1.0
 */
export interface FoldOptions {
  readonly validator?: { readonly check: (resource: Resource) => Verdict }
  readonly costMicros?: (resource: Resource) => number | undefined
  readonly keepResources?: boolean
  readonly ownerTag?: string
}

/** Tallies while they are being counted. */
type Counting = { -readonly [K in keyof Tally.Tally]: Tally.Tally[K] }

interface CellFold {
  readonly cell: Cell
  result: CellResult | undefined
  readonly byRegion: Map<string, Counting>
  readonly byOwner: Map<string, Counting>
  readonly byOtherType: Map<string, Counting>
  readonly violations: Array<Violation>
  readonly resources: Array<Resource>
}

/**
 * Folds events in place, a page at a time. `add` takes every event of a stream
 * once; `aggregate` is what they amount to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fold = (options: FoldOptions = {}): {
  readonly add: (event: ScanEvent) => void
  readonly aggregate: () => Aggregate
} => {
  const { costMicros, keepResources = false, ownerTag = "Owner", validator } = options
  const cells = new Map<string, CellFold>()
  let scope: ScanScope | undefined
  let startedAt: string | undefined

  const cellOf = (cell: Cell): CellFold => {
    const key = cellKey(cell)
    const known = cells.get(key)
    if (known !== undefined) return known
    const { accountId, region, type } = cell
    const made: CellFold = {
      cell: { accountId, region, type },
      result: undefined,
      byRegion: new Map(),
      byOwner: new Map(),
      byOtherType: new Map(),
      violations: [],
      resources: []
    }
    cells.set(key, made)
    return made
  }

  const addPage = (fold: CellFold, resources: ReadonlyArray<Resource>): void => {
    for (const resource of resources) {
      const verdict = validator === undefined ? unjudged : validator.check(resource)
      const micros = verdict._tag === "Checked" && !verdict.compliant ? costMicros?.(resource) : 0
      count(group(fold.byRegion, resource.region), verdict, micros)
      count(group(fold.byOwner, ownerOf(resource, ownerTag)), verdict, micros)
      if (resource.type !== fold.cell.type) count(group(fold.byOtherType, resource.type), verdict, micros)
      for (const violation of verdict.violations) fold.violations.push(violation)
      if (keepResources) fold.resources.push(resource)
    }
  }

  return {
    add: (event) => {
      switch (event._tag) {
        case "ScanStarted":
          scope = scope === undefined ? event.scope : combineScopes(scope, event.scope)
          startedAt = startedAt === undefined || event.startedAt < startedAt ? event.startedAt : startedAt
          for (const cell of event.cells) cellOf(cell)
          return
        case "ResourcesFound":
          addPage(cellOf(event.cell), event.resources)
          return
        case "CellEnded": {
          const ended = cellOf(event.result)
          ended.result = oneResult(ended.result, event.result)
          return
        }
        case "Progress":
          return
      }
    },
    aggregate: () => ({ scope, startedAt, cells })
  }
}

/** The key of those of whom no owner is known. */
const nobody = ""

/** A value without a visible character names nobody. */
const ownerOf = ({ service, tags }: Resource, key: string): string => {
  if (tags === null) return nobody
  const value = Tags.get(tags, key) ?? (KeyCase.isIgnoredBy(service) ? Tags.get(tags, foldedIn(tags, key)) : undefined)
  return value !== undefined && /\S/u.test(value) ? value : nobody
}

const foldedIn = (tags: Tags.Tags, key: string): string =>
  Object.keys(tags).find((one) => one.toLowerCase() === key.toLowerCase()) ?? key

const unjudged: Verdict = { _tag: "NotApplicable", reason: "nothing-required", violations: [] }

const group = (groups: Map<string, Counting>, key: string): Counting => {
  const known = groups.get(key)
  if (known !== undefined) return known
  const made: Counting = { ...Tally.Reducer.initialValue }
  groups.set(key, made)
  return made
}

const count = (tally: Counting, verdict: Verdict, micros: number | undefined): void => {
  tally.found++
  tally.violations += verdict.violations.length
  switch (verdict._tag) {
    case "Unknown":
      tally.unknownTags++
      return
    case "NotApplicable":
      tally[verdict.reason]++
      return
    default:
      tally.scored++
      if (isCompliant(verdict)) tally.compliant++
      if (micros === undefined) tally.unpriced++
      else tally.gapMicros += micros
  }
}
