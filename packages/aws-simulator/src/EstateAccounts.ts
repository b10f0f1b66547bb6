/**
 * The accounts of a simulated estate: which AWS they belong to, and which Regions they may use.
 *
 * @since 0.1.0
 */
import {
  inState,
  isEnabled,
  type Partition,
  partitionOf,
  type Region,
  regionNamed,
  regionsOf as regionsOfPartition,
  type RegionState
} from "./Region.ts"

/** What an estate says of its accounts; see `EstateOptions`. */
export interface AccountsOptions {
  readonly accounts?: ReadonlyArray<string>
  readonly management?: string
  readonly regions?: ReadonlyArray<string | Region>
  readonly partitions?: Readonly<Record<string, Partition>>
  readonly regionStates?: Readonly<Record<string, Readonly<Record<string, RegionState>>>>
}

/** The accounts and their Regions. */
export interface EstateAccounts {
  readonly ids: ReadonlyArray<string>
  readonly management: string
  /** The Regions of all accounts, as an account that chose nothing sees them. */
  readonly regions: ReadonlyArray<Region>
  readonly partitionOf: (accountId: string) => Partition
  readonly regionsOf: (accountId: string) => ReadonlyArray<Region>
  readonly isUsable: (accountId: string, region: string) => boolean
  readonly setRegion: (accountId: string, region: string, state: RegionState) => void
}

interface Account {
  readonly partition: Partition
  regions: ReadonlyArray<Region>
  usable: ReadonlySet<string>
}

const usableOf = (regions: ReadonlyArray<Region>) => new Set(regions.filter(isEnabled).map(({ name }) => name))

/** Fails with `RangeError` for ids that are none, and for Regions that an account cannot have. */
export const make = (options: AccountsOptions): EstateAccounts => {
  const ids = options.accounts ?? ["111122223333"]
  if (ids.length === 0) throw new RangeError("an estate has at least one account")
  for (const account of ids) {
    if (!/^\d{12}$/u.test(account)) throw new RangeError(`an account id has 12 digits: ${account}`)
  }
  const check = (account: string, what: string): string => {
    if (!ids.includes(account)) throw new RangeError(`${what} an account that does not exist: ${account}`)
    return account
  }
  const given = options.regions?.map((region) => typeof region === "string" ? regionNamed(region) : region)
  const partitions = options.partitions ?? {}
  for (const account of Object.keys(partitions)) check(account, "partitions name")
  // Regions of one partition alone leave no doubt.
  const [first = "aws", ...others] = new Set((given ?? []).map(({ name }) => partitionOf(name)))
  const usual: Partition = others.length === 0 ? first : "aws"
  const partitionFor = (account: string) => Object.hasOwn(partitions, account) ? partitions[account]! : usual
  const regions = given ?? [...new Set(ids.map(partitionFor))].flatMap(regionsOfPartition)

  const known = new Map<string, Account>()
  for (const account of ids) {
    const partition = partitionFor(account)
    // An account whose partition nobody said has whatever Regions there are: its id may exist in several.
    const own = Object.hasOwn(partitions, account) || given === undefined
      ? regions.filter(({ name }) => partitionOf(name) === partition)
      : regions
    if (own.length === 0) throw new RangeError(`account ${account} has no Region in its partition ${partition}`)
    known.set(account, { partition, regions: own, usable: usableOf(own) })
  }
  const accountOf = (accountId: string): Account => known.get(check(accountId, "the estate is asked for"))!

  const setRegion = (accountId: string, region: string, state: RegionState) => {
    const account = accountOf(accountId)
    const found = account.regions.find(({ name }) => name === region)
    if (found === undefined) throw new RangeError(`account ${accountId} has no Region ${region}`)
    if (found.optInStatus === "opt-in-not-required") {
      throw new RangeError(`every account has Region ${region}: its state cannot be ${state}`)
    }
    account.regions = account.regions.map((one) => one === found ? inState(one, state) : one)
    account.usable = usableOf(account.regions)
  }
  for (const [account, states] of Object.entries(options.regionStates ?? {})) {
    for (const [region, state] of Object.entries(states)) {
      setRegion(check(account, "regionStates name"), region, state)
    }
  }
  return {
    ids,
    management: check(options.management ?? ids[0]!, "management is"),
    regions,
    partitionOf: (accountId) => accountOf(accountId).partition,
    regionsOf: (accountId) => accountOf(accountId).regions,
    isUsable: (accountId, region) => known.get(accountId)?.usable.has(region) === true,
    setRegion
  }
}
