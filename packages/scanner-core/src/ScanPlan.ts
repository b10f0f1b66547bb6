/**
 * From what is asked to what will be done: a request becomes the cells of a plan.
 *
 * @since 0.1.0
 */
import { Estate, type EstateAccount } from "@cadastre/account-discovery"
import type { Account } from "@cadastre/client-factory"
import {
  type AccountId,
  type AccountScope,
  type AwsError,
  type Cell,
  type CellReason,
  type Location,
  Partition,
  type RegionId,
  type ScanScope,
  type SweptSource,
  TagFilter
} from "@cadastre/model"
import { type RegionList, Regions, RegionSelection, ServiceAvailability } from "@cadastre/region-discovery"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { JournalKey } from "./Journal.ts"
import type { PlansMade } from "./PlansMade.ts"
import type { ScanMode, ScanRequest } from "./ScanRequest.ts"
import { type CatalogEntry, ScannerRegistry } from "./ScannerRegistry.ts"
import * as Sweeps from "./Sweeps.ts"

/**
 * Whether an account can be called, and if not, why.
 *
 * @category models
 * @since 0.1.0
 */
export type Access =
  | { readonly _tag: "Reachable"; readonly account: Account }
  | { readonly _tag: "Unreachable"; readonly error: AwsError }

/**
 * The cells of one account in one Region, or its global ones.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlannedRegion {
  readonly accountId: AccountId
  readonly access: Access
  /** The default Region of the account's partition: where its credentials are known to work. */
  readonly home: RegionId
  readonly region: Location
  /** By service, in the order of work. */
  readonly services: ReadonlyArray<ReadonlyArray<CatalogEntry>>
}

/**
 * One source, to be read through in one Region, or for what has none.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlannedSweep extends Omit<PlannedRegion, "services"> {
  readonly source: SweptSource
  readonly entry: CatalogEntry
}

/**
 * What a scan will do.
 *
 * - `sweeps`: read first, account by account
 * - `isOpen`: all types are wanted, those without a scanner too where a source tells of them
 * - `regions`: the work, account by account
 * - `cells`: the same, one by one
 * - `narrowed`: enabled Regions are left out
 * - `absent`: why a service does not exist in a Region, where it does not
 * - `key`, `request`: under what the journal keeps it
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanPlan {
  readonly scope: ScanScope
  readonly narrowed: boolean
  readonly sweeps: ReadonlyArray<PlannedSweep>
  readonly isOpen: boolean
  readonly regions: ReadonlyArray<PlannedRegion>
  readonly cells: ReadonlyArray<Cell>
  readonly absent: (service: string, region: Location) => string | undefined
  readonly mode: ScanMode
  readonly maxAgeSeconds: number
  readonly resume: boolean
  readonly timeoutSeconds: number | undefined
  readonly key: JournalKey
  readonly request: string
}

/** What a plan depends on besides the request. */
interface PlanSettings {
  readonly bounds: RegionSelection.RegionBounds
  /** Accounts that are asked for their Regions at once. */
  readonly accountsAtOnce: number
  /** Where AWS is, when it is not AWS. */
  readonly endpoint: string
  /** The plans that were made of late. */
  readonly made: PlansMade
}

/**
 * Plans a scan. Makes no calls but those that find the accounts and their Regions.
 *
 * Every regional type is planned once for each chosen Region of each account,
 * every global type once for the account. Services are interleaved differently
 * in each Region, so that they do not all press on the same one at the same time.
 *
 * An account that cannot be called is planned as well, with the Regions of the
 * others: its cells will say why they were not seen. Only where no account can
 * be called for want of working credentials does the plan itself fail.
 *
 * Fails with `UnknownTypeError` and as `Estate.accounts` and
 * `RegionSelection.selectAll` do.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("ScanPlan.make")(function*(request: ScanRequest, settings: PlanSettings) {
  const registry = yield* ScannerRegistry
  const entries = yield* registry.resolve(request.types ?? [])
  const estate = yield* Estate
  const { accounts, unnamed } = yield* discover(yield* estate.accounts(request.accounts), settings)
  const from = [
    ...entries,
    ...accounts.flatMap(({ access, accountId, list, name }) =>
      [accountId, name, access._tag === "Reachable" ? access.account : access.error, list]),
    ...unnamed.flatMap(({ name, reason }) => [name, reason.error, reason.message])
  ]
  const known = settings.made.get(request, from)
  if (known !== undefined) return known
  const patterns = request.regions ?? []
  const selections = yield* RegionSelection.selectAll(accounts, patterns, settings.bounds)
  const seed = request.seed ?? 0
  const { homeOf } = yield* Regions

  const global = entries.filter(({ scope }) => scope === "global")
  const regional = entries.filter(({ scope }) => scope === "regional")
  const globalServices = servicesOf(global)
  const regionalServices = servicesOf(regional)
  const filter = request.tags === undefined || request.tags.length === 0 ? undefined : TagFilter.normalise(request.tags)
  const sources = sourcesOf(request, filter)
  const isOpen = entries.length === (yield* registry.entries).length
  const sweeps: Array<PlannedSweep> = []
  const regions: Array<PlannedRegion> = []
  const scopes: Array<AccountScope> = []
  let narrowed = false
  for (const { access, accountId, name, partition } of accounts) {
    const selection = selections.get(accountId)!
    const home = homeOf(partition)
    const planned = { accountId, access, home }
    narrowed ||= selection.narrowed
    scopes.push({
      accountId,
      ...(name === undefined ? {} : { name }),
      regions: selection.regions,
      skippedRegions: selection.skipped,
      discovery: selection.discovery,
      ...(access._tag === "Reachable" ? {} : { problem: reasonOf(access.error) })
    })
    const view = request.explorerView
    const ownsView = view !== undefined && Option.exists(Sweeps.viewOf(view), (of) => of.accountId === accountId)
    sweeps.push(...sweepsOf({ ...planned, home: Partition.homeRegion(partition) }, selection.regions, global.length > 0, {
      sources,
      tagging: Sweeps.tagging({ isOpen, ...(filter === undefined ? {} : { filter }) }),
      explorer: Sweeps.explorer({ isOpen, view: ownsView ? view : undefined })
    }))
    if (global.length > 0) {
      regions.push({ ...planned, region: "global", services: ordered(globalServices, seed, `${accountId}/global`) })
    }
    if (regional.length === 0) continue
    // The caller's own Region first: that is where most of an estate tends to be.
    for (const region of selection.regions.toSorted((a, b) => Number(b === home) - Number(a === home))) {
      regions.push({ ...planned, region, services: ordered(regionalServices, seed, `${accountId}/${region}`) })
    }
  }
  const types = entries.map(({ type }) => type)
  const scope: ScanScope = {
    partition: accounts[0]!.partition,
    types,
    ...scopeOf(scopes),
    unnamedAccounts: unnamed,
    ...(sources.length === 0 ? {} : { sources }),
    ...(filter === undefined ? {} : { tags: filter })
  }
  const mode = request.mode ?? "full"
  const asked = sources.length === 0 ? [] : [[sources, request.explorerView ?? ""]]
  const plan: ScanPlan = {
    scope,
    narrowed,
    sweeps,
    isOpen,
    regions,
    cells: [
      ...sweeps.map(({ accountId, entry, region }): Cell => ({ accountId, region, type: entry.type })),
      ...regions.flatMap(({ accountId, region, services }) =>
        services.flat().map(({ type }): Cell => ({ accountId, region, type }))
      )
    ],
    absent: yield* ServiceAvailability.absent(regional.map(iamPrefixOf), scope.regions),
    mode,
    maxAgeSeconds: request.maxAgeSeconds ?? 86_400,
    resume: request.resume ?? false,
    timeoutSeconds: request.timeoutSeconds,
    key: {
      // What has certain tags is another estate: its counts say nothing of the whole.
      estate: `${settings.endpoint === "" ? scope.partition : settings.endpoint}${
        filter === undefined ? "" : `?tags=${JSON.stringify(filter)}`
      }`,
      // What global cells hold depends on the Regions that are wanted, and what is known of cells on who is asked.
      variant: JSON.stringify([mode === "quick" ? "quick" : "full", narrowed ? scope.regions : "all", ...asked])
    },
    request: JSON.stringify([scope.accountIds, patterns.toSorted(), types, ...asked])
  }
  settings.made.set(request, from, plan)
  return plan
})

/** A tag filter asks the tagging API first. */
const sourcesOf = (
  request: ScanRequest,
  filter: ReadonlyArray<TagFilter.TagFilter> | undefined
): ReadonlyArray<SweptSource> => {
  const asked = new Set<SweptSource>([...request.sources ?? [], ...(filter === undefined ? [] : ["tagging-api" as const])])
  return (["tagging-api", "resource-explorer"] as const).filter((source) => asked.has(source))
}

/** The sweeps of one account. */
const sweepsOf = (
  place: Pick<PlannedRegion, "accountId" | "access" | "home">,
  regions: ReadonlyArray<RegionId>,
  hasGlobal: boolean,
  { explorer, sources, tagging }: {
    readonly sources: ReadonlyArray<SweptSource>
    readonly tagging: CatalogEntry
    readonly explorer: CatalogEntry
  }
): ReadonlyArray<PlannedSweep> =>
  sources.flatMap((source) =>
    Sweeps.placesOf(source, { regions, home: place.home, hasGlobal }).map((region): PlannedSweep =>
      ({ ...place, region, source, entry: source === "tagging-api" ? tagging : explorer })
    )
  )

/** An account of the estate, and its Regions as far as they are known. */
interface PlannedAccount {
  readonly accountId: AccountId
  readonly partition: Partition.Partition
  readonly name: string | undefined
  readonly access: Access
  /** Unknown where nobody can be asked. */
  readonly list: RegionList | undefined
}

/** The accounts that have cells, by id, and those that cannot have any. */
interface PlannedAccounts {
  readonly accounts: ReadonlyArray<PlannedAccount>
  readonly unnamed: ScanScope["unnamedAccounts"]
}

const discover = Effect.fnUntraced(function*(
  found: ReadonlyArray<EstateAccount>,
  { accountsAtOnce, bounds }: PlanSettings
): Effect.fn.Return<PlannedAccounts, AwsError, Regions> {
  const regions = yield* Regions
  const accounts = yield* Effect.forEach(
    found.filter((one) => one._tag !== "Unnamed"),
    (one): Effect.Effect<PlannedAccount> => {
      if (one._tag === "Unreachable") {
        const { accountId, error, name, partition } = one
        return Effect.succeed({ accountId, partition, name, access: unreachable(error), list: undefined })
      }
      const { account, name } = one
      const known = { accountId: account.id, partition: account.partition, name }
      const access: Access = { _tag: "Reachable", account }
      // Without a choice there is nothing to ask.
      if (!bounds.multiRegion) return Effect.succeed({ ...known, access, list: undefined })
      return Effect.match(regions.discover(account), {
        onFailure: (error) => ({ ...known, access: unreachable(error), list: undefined }),
        onSuccess: (list) => ({ ...known, access, list })
      })
    },
    { concurrency: accountsAtOnce }
  )
  const problems = accounts.flatMap(({ access }) => access._tag === "Unreachable" ? [access.error] : [])
  const unnamed = found.filter((one) => one._tag === "Unnamed")
  if (problems.length === accounts.length) {
    const error = problems.find(isCredentialsError) ?? unnamed.map(({ error }) => error).find(isCredentialsError)
    if (error !== undefined || accounts.length === 0) return yield* error ?? unnamed[0]!.error
  }
  // The default Region alone is a guess; the Regions of the other accounts are a better one.
  const someAreKnown = accounts.some(({ list }) => list?.discovery.exhaustive === true)
  return {
    accounts: accounts
      .map((one) => someAreKnown && one.list?.discovery.source === "default Region" ? { ...one, list: undefined } : one)
      .toSorted((a, b) => a.accountId < b.accountId ? -1 : 1),
    unnamed: unnamed.map(({ error, name }) => ({ name, reason: reasonOf(error) }))
  }
})

const unreachable = (error: AwsError): Access => ({ _tag: "Unreachable", error })

const isCredentialsError = ({ reason }: AwsError): boolean =>
  reason._tag === "InvalidCredentials" || reason._tag === "ExpiredToken"

/**
 * Why a cell was not seen, of an error.
 *
 * @category getters
 * @since 0.1.0
 */
export const reasonOf = ({ operation, reason, requestId }: AwsError): CellReason => ({
  error: reason._tag,
  message: reason.message,
  operation,
  ...(requestId === undefined ? {} : { requestId })
})

/** What the accounts' scopes come to together. */
const scopeOf = (accounts: ReadonlyArray<AccountScope>) => {
  const regions = [...new Set(accounts.flatMap((account) => account.regions))].toSorted()
  const skipped = new Set(accounts.flatMap(({ skippedRegions }) => skippedRegions))
  return {
    accountIds: accounts.map(({ accountId }) => accountId),
    accounts,
    regions,
    skippedRegions: [...skipped].filter((region) => !regions.includes(region)).toSorted(),
    discovery: accounts.map(({ discovery }) => discovery).reduce((worst, one) =>
      certainty(one) < certainty(worst) ? one : worst
    )
  }
}

const certainty = ({ exhaustive, status }: AccountScope["discovery"]): number =>
  (exhaustive ? 2 : 0) + (status === "complete" ? 1 : 0)

/**
 * The service that a type is of, as IAM writes it: what stands before the colon
 * of its first action.
 *
 * @category getters
 * @since 0.1.0
 */
export const iamPrefixOf = ({ actions: [action], type }: CatalogEntry): string =>
  action === undefined ? type : action.includes(":") ? action.slice(0, action.indexOf(":")) : action

interface PlannedService {
  readonly service: string
  readonly group: ReadonlyArray<CatalogEntry>
  readonly steps: number
}

/** Grouped by service: the same for every Region. */
const servicesOf = (entries: ReadonlyArray<CatalogEntry>): ReadonlyArray<PlannedService> =>
  [...Map.groupBy(entries, iamPrefixOf)].map(([service, group]) => ({
    service,
    group,
    steps: group.some(({ tagSource }) => tagSource === "tagging-api") ? 0 : 1
  }))

/**
 * First those that need a second step for their tags, which take longest, then in
 * an order that the seed and the place decide.
 */
const ordered = (
  services: ReadonlyArray<PlannedService>,
  seed: number,
  place: string
): ReadonlyArray<ReadonlyArray<CatalogEntry>> =>
  services
    .map(({ group, service, steps }) => ({ group, steps, rank: hash(`${seed}/${place}/${service}`) }))
    .toSorted((a, b) => a.steps - b.steps || a.rank - b.rank)
    .map(({ group }) => group)

/** FNV-1a, 32 bits, with MurmurHash3's last step, so that every bit of the text decides the order. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
