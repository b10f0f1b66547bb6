/**
 * Where in an estate a resource would be that an ARN names.
 *
 * @since 0.1.0
 */
import { type AccountId, type AccountScope, type Cell, Partition, RegionId, type ResourceType } from "@cadastre/model"
import type { CatalogEntry, PlannedRegion, Scan, ScanPlan, ScanPlanError, ScanRequest } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ArnTarget } from "./ArnTarget.ts"
import * as CellsPlan from "./CellsPlan.ts"
import type { ValidationOutcome } from "./Validation.ts"

/**
 * What there is to look at: a plan of all places of the types in question.
 *
 * @category models
 * @since 0.1.0
 */
export interface Estate {
  readonly plan: ScanPlan
  readonly accountIds: ReadonlyArray<AccountId>
  readonly accounts: ReadonlyArray<EstateAccount>
  readonly entries: ReadonlyMap<string, CatalogEntry>
}

interface EstateAccount extends Pick<AccountScope, "accountId" | "discovery"> {
  readonly partition: Partition.Partition
  readonly regions: ReadonlyArray<RegionId>
  /** Absent where nothing of it is planned. */
  readonly place?: Omit<PlannedRegion, "services" | "region">
}

/**
 * - `Settled`: there is nothing to look for. `aside`: where the tagging API may know of it all the same
 * - `Cells`: it is in one of them, if anywhere; `message` says that it was not. `doubt`: why not even that would prove
 *   that it is not there
 *
 * @category models
 * @since 0.1.0
 */
export type Place =
  | {
    readonly _tag: "Settled"
    readonly outcome: ValidationOutcome
    readonly message: string
    readonly aside?: Omit<PlannedRegion, "services">
  }
  | {
    readonly _tag: "Cells"
    readonly cells: ReadonlyArray<Cell>
    readonly message: string
    readonly doubt?: string
  }

/**
 * Plans the places of some resources. Only accounts that may have them are
 * entered.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plan: (
  scan: Scan["Service"],
  request: Pick<ScanRequest, "accounts" | "timeoutSeconds">,
  entries: ReadonlyArray<CatalogEntry>,
  targets: ReadonlyArray<ArnTarget>
) => Effect.Effect<Estate, ScanPlanError> = Effect.fnUntraced(function*(scan, request, entries, targets) {
  const byType = new Map<string, CatalogEntry>(entries.map((entry) => [entry.type, entry]))
  const types = [...new Set(targets.map(({ type }) => type))].filter((type) => byType.has(type))
  const { accounts = [], timeoutSeconds } = request
  const asked: ScanRequest = { types, accounts, ...timeoutSeconds === undefined ? {} : { timeoutSeconds } }
  const named = new Set(targets.map(({ arn }) => arn.accountId).filter((id) => id !== "aws"))
  // An account that the estate does not have by this id may be one whose id is not known: then all are looked at.
  const first = accounts.length > 0 || named.size === 0 || named.has("")
    ? yield* scan.plan(asked)
    : yield* Effect.catchTag(scan.plan({ ...asked, accounts: [...named] }), "AccountFilterError", () => scan.plan(asked))

  // Where the Regions could not be listed, one that an ARN names is taken at its word.
  const unlisted = new Set(targets.flatMap(({ arn: { accountId, region } }) =>
    isRegionId(region) && first.scope.accounts.some((account) =>
        (accountId === "" || account.accountId === accountId) && !account.discovery.exhaustive && !account.regions.includes(region))
      ? [region]
      : []
  ))
  const more = yield* Effect.forEach(unlisted, (region) =>
    Effect.map(scan.plan({ ...asked, accounts: first.scope.accountIds, regions: [region] }), (plan) => [plan]).pipe(
      Effect.catchTag("RegionFilterError", () => Effect.succeed([]))
    ))
  const all = more.flat().reduce(CellsPlan.withMore, first)
  return {
    plan: all,
    entries: byType,
    accountIds: first.scope.accountIds,
    accounts: first.scope.accounts.map(({ accountId, discovery, regions }) => {
      const planned = all.regions.filter((one) => one.accountId === accountId)
      const [some] = planned
      return {
        accountId,
        discovery,
        partition: some === undefined ? first.scope.partition : Partition.ofRegion(some.home),
        regions: [...new Set([...regions, ...planned.map(({ region }) => region).filter(isRegionId)])],
        ...some === undefined ? {} : { place: { accountId, access: some.access, home: some.home } }
      }
    })
  }
})

const isRegionId = Schema.is(RegionId)

/** Services whose resources have no Region at all. Other global types may list what lives in one, as S3 does. */
const withoutRegions: ReadonlySet<string> = new Set(["cloudfront", "iam", "route53"])

/**
 * Where a resource would be.
 *
 * - `part`: that it is a part of a resource, as people are told
 *
 * @category getters
 * @since 0.1.0
 */
export const placeOf = (estate: Estate, { arn, type }: ArnTarget, part: string | undefined): Place => {
  const { plan } = estate
  if (arn.accountId === "aws") return settled("not-in-scope", "it is AWS's own, of no account")
  const unnamed = plan.scope.unnamedAccounts.length === 0
    ? undefined
    : `it may be of an account whose id is not known: ${plan.scope.unnamedAccounts.map(({ name }) => name).join(", ")}`
  const accounts = estate.accounts.filter(({ accountId, partition }) =>
    partition === arn.partition && (arn.accountId === "" || arn.accountId === accountId)
  )
  if (accounts.length === 0) {
    return unnamed !== undefined && (arn.accountId === "" || estate.accounts.every(({ accountId }) => accountId !== arn.accountId))
      ? settled("unknown", unnamed)
      : settled("not-in-scope", arn.accountId === "" || estate.accounts.some(({ accountId }) => accountId === arn.accountId)
        ? `no account in scope is of the partition ${arn.partition}`
        : `account ${arn.accountId} is not in scope`)
  }
  if (part !== undefined) return settled("unsupported", part)
  const entry = estate.entries.get(type)
  if (entry === undefined) return unscannable(type, arn.accountId === "" ? undefined : accounts[0], arn.region)
  return entry.scope === "global"
    ? globally(plan, accounts, type, arn.accountId === "" ? unnamed : undefined)
    : regionally(accounts, arn, type, arn.accountId === "" ? unnamed : undefined)
}

const settled = (outcome: ValidationOutcome, message: string): Place => ({ _tag: "Settled", outcome, message })

const unscannable = (type: string, account: EstateAccount | undefined, arnRegion: string): Place => {
  const region = arnRegion === "" ? "global" as const : account?.regions.find((one) => one === arnRegion)
  return {
    _tag: "Settled",
    outcome: "unsupported",
    message: `there is no scanner for ${type}: nobody can say whether it exists`,
    ...account?.place === undefined || region === undefined ? {} : { aside: { ...account.place, region } }
  }
}

const globally = (
  plan: ScanPlan,
  accounts: ReadonlyArray<EstateAccount>,
  type: ResourceType.ResourceType,
  unnamed: string | undefined
): Place => {
  const doubt = plan.narrowed && !withoutRegions.has(type.slice(0, type.indexOf(":")))
    ? "it is in none of the Regions that may be looked at (ALLOWED_REGIONS, MULTI_REGION_ENABLED), and may be in another"
    : unnamed
  return {
    _tag: "Cells",
    cells: accounts.map(({ accountId }) => ({ accountId, region: "global", type })),
    message: notAmong(type, accounts, undefined),
    ...doubt === undefined ? {} : { doubt }
  }
}

const regionally = (
  accounts: ReadonlyArray<EstateAccount>,
  arn: ArnTarget["arn"],
  type: ResourceType.ResourceType,
  unnamed: string | undefined
): Place => {
  const cells = accounts.flatMap(({ accountId, regions }) =>
    regions.filter((region) => arn.region === "" || region === arn.region).map((region): Cell => ({ accountId, region, type }))
  )
  const unsure = accounts.find(({ discovery, regions }) =>
    !discovery.exhaustive && (arn.region === "" || regions.every((region) => region !== arn.region)))
  const doubt = unsure === undefined
    ? unnamed
    : `not all Regions of account ${unsure.accountId} are known: ${unsure.discovery.reason ?? unsure.discovery.source}`
  if (cells.length > 0) {
    return { _tag: "Cells", cells, message: notAmong(type, accounts, arn.region), ...doubt === undefined ? {} : { doubt } }
  }
  return doubt === undefined
    ? settled("not-in-scope", `Region ${arn.region} is not enabled, or not among those that may be looked at`)
    : settled("unknown", doubt)
}

const notAmong = (type: string, accounts: ReadonlyArray<EstateAccount>, region: string | undefined): string => {
  const [only] = accounts
  const where = accounts.length === 1 ? `account ${only!.accountId}` : `${accounts.length} accounts`
  return `it is not among ${type} of ${where}${region === undefined || region === "" ? "" : `, ${region}`}, which were all listed`
}
