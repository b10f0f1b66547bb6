/**
 * Which of an account's Regions a scan looks at.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import { type AccountId, type AwsError, type Discovery, Partition, RegionId, Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type RegionList, Regions } from "./Regions.ts"

/**
 * A Region filter names a Region that cannot be scanned.
 *
 * - `pattern`: the filter's entry; of `nothing-allowed`, all of `ALLOWED_REGIONS`
 * - `problem`: what is wrong with it
 * - `valid`: the Regions that can be named
 *
 * @category errors
 * @since 0.1.0
 */
export class RegionFilterError extends Schema.TaggedError<RegionFilterError>()("RegionFilterError", {
  pattern: Schema.String,
  problem: Schema.Literals([
    "unknown",
    "not-enabled",
    "not-allowed",
    "multi-region-off",
    "matches-nothing",
    "nothing-allowed"
  ]),
  valid: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const valid = this.valid.length === 0 ? "none" : this.valid.join(", ")
    if (this.problem === "nothing-allowed") {
      return `ALLOWED_REGIONS is "${this.pattern}", and none of that is an enabled Region. Enabled Regions: ${valid}`
    }
    const why = {
      unknown: "is no Region of this partition",
      "not-enabled": "is not enabled in any account of this scan",
      "not-allowed": "is not among ALLOWED_REGIONS",
      "multi-region-off": "is not the default Region, and MULTI_REGION_ENABLED is off",
      "matches-nothing": "matches no enabled Region"
    }[this.problem]
    return `Region "${this.pattern}" ${why}. Valid Regions: ${valid}`
  }
}

/**
 * The Regions that a scan looks at, those that it leaves out, and how the list
 * they were chosen from was come by. `narrowed` says that enabled Regions were
 * left out.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegionSelection {
  readonly regions: ReadonlyArray<RegionId>
  readonly skipped: ReadonlyArray<RegionId>
  readonly narrowed: boolean
  readonly discovery: Discovery
}

/**
 * An account and its Regions; `undefined` where they are unknown, because the
 * account cannot be asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface AccountRegions {
  readonly accountId: AccountId
  readonly partition: Partition.Partition
  readonly list: RegionList | undefined
}

/** Region codes and wildcards. */
interface Patterns {
  /** Empty: all. */
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
}

/**
 * How far any selection may go, whatever is asked for.
 *
 * - `multiRegion`: whether more than the default Region is scanned
 * - `allowed`: the Regions that may be scanned
 *
 * @category models
 * @since 0.1.0
 */
export interface RegionBounds {
  readonly multiRegion: boolean
  readonly allowed: Patterns
}

/**
 * Reads the bounds: `MULTI_REGION_ENABLED`, on by default, and
 * `ALLOWED_REGIONS`, a comma-separated list of codes and wildcards, all by
 * default.
 *
 * @category configuration
 * @since 0.1.0
 */
export const bounds: Config.Config<RegionBounds> = Config.all({
  multiRegion: Setting.flag("MULTI_REGION_ENABLED", true),
  allowed: Config.String("ALLOWED_REGIONS").pipe(Config.withDefault("all"), Config.map(readPatterns))
})

/**
 * Chooses among an account's enabled Regions.
 *
 * `patterns` are Region codes and wildcards (`eu-*`); one that begins with `!`
 * leaves Regions out. None, or `all`, is every enabled Region. The selection
 * never goes beyond the bounds.
 *
 * Fails with {@link RegionFilterError} before any scan call is made, and as
 * `Regions.discover` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const select = Effect.fn("RegionSelection.select")(function*(
  account: Account,
  patterns: ReadonlyArray<string>,
  bounds: RegionBounds
): Effect.fn.Return<RegionSelection, RegionFilterError | AwsError, Regions> {
  const regions = yield* Regions
  // Without a choice there is nothing to ask.
  const list = bounds.multiRegion ? yield* regions.discover(account) : undefined
  const selections = yield* selectAll([{ accountId: account.id, partition: account.partition, list }], patterns, bounds)
  return selections.get(account.id)!
})

/**
 * The same for many accounts, whose lists of Regions are at hand: the answer
 * holds every account. Makes no call.
 *
 * A Region that is named has to be enabled in one of them; where it is not, it
 * is left out and among those `skipped`, and an account may end up with none.
 * An account whose list is unknown or holds the default Region alone takes the
 * user at their word for a Region that is named. For the rest an unknown list is
 * taken to be what the other accounts of its partition have, or where these
 * know nothing either, the default Region; its `discovery` says so.
 *
 * Fails with {@link RegionFilterError} where an entry matches in no account.
 *
 * @category constructors
 * @since 0.1.0
 */
export const selectAll = Effect.fn("RegionSelection.selectAll")(function*(
  accounts: ReadonlyArray<AccountRegions>,
  patterns: ReadonlyArray<string>,
  bounds: RegionBounds
): Effect.fn.Return<ReadonlyMap<AccountId, RegionSelection>, RegionFilterError, Regions> {
  const { homeOf } = yield* Regions
  const wanted = readPatterns(patterns.join(","))
  const selections = new Map<AccountId, RegionSelection>()
  if (accounts.length === 0) return selections
  const chosen = bounds.multiRegion
    ? yield* choose(accounts, wanted, bounds.allowed, homeOf)
    : yield* homesOnly(accounts, wanted, bounds.allowed, homeOf)
  accounts.forEach(({ accountId }, at) => selections.set(accountId, chosen[at]!))
  return selections
})

/** The default Region of each account's partition. Whether it is enabled is not asked: the first call will tell. */
const homesOnly = Effect.fnUntraced(function*(
  accounts: ReadonlyArray<AccountRegions>,
  wanted: Patterns,
  allowed: Patterns,
  homeOf: Regions["Service"]["homeOf"]
): Effect.fn.Return<ReadonlyArray<RegionSelection>, RegionFilterError> {
  const homes = accounts.map(({ partition }) => homeOf(partition))
  const valid = [...new Set(homes)].toSorted()
  const other = wanted.include.find((pattern) => !homes.some((home) => matches(pattern, home)))
  if (other !== undefined) return yield* new RegionFilterError({ pattern: other, problem: "multi-region-off", valid })
  const refused = homes.find((home) => !isIn(allowed, home))
  if (homes.every((home) => !isIn(allowed, home))) {
    return yield* new RegionFilterError({ pattern: refused!, problem: "not-allowed", valid: [] })
  }
  if (homes.every((home) => !isIn(wanted, home) || !isIn(allowed, home))) {
    const out = wanted.exclude.find((pattern) => homes.some((home) => matches(pattern, home)))
    return yield* new RegionFilterError({ pattern: `!${out}`, problem: "matches-nothing", valid })
  }
  return homes.map((home): RegionSelection => {
    const isTaken = isIn(wanted, home) && isIn(allowed, home)
    return {
      regions: isTaken ? [home] : [],
      skipped: isTaken ? [] : [home],
      narrowed: true,
      discovery: { status: "complete", source: "request", exhaustive: true }
    }
  })
})

/** What is known of an account's Regions, or taken for it. */
interface Candidates {
  readonly partition: Partition.Partition
  readonly regions: RegionList["regions"]
  readonly enabled: ReadonlyArray<RegionId>
  readonly discovery: Discovery
}

const choose = Effect.fnUntraced(function*(
  accounts: ReadonlyArray<AccountRegions>,
  wanted: Patterns,
  allowed: Patterns,
  homeOf: Regions["Service"]["homeOf"]
): Effect.fn.Return<ReadonlyArray<RegionSelection>, RegionFilterError> {
  const candidates = candidatesOf(accounts, homeOf)
  const states = new Map<string, string>()
  for (const { id, state } of candidates.flatMap(({ regions }) => regions)) {
    if (states.get(id) !== "enabled") states.set(id, state)
  }
  const valid = [...new Set(candidates.flatMap(({ enabled }) => enabled))].filter((id) => isIn(allowed, id)).toSorted()
  // A list that is whole names every Region of its partition, also those that are off.
  const listed = new Set(candidates.filter(({ discovery }) => discovery.exhaustive).map(({ partition }) => partition))
  // Where the Regions could not be listed, one that the user names is taken at their word.
  const isTrusted = ({ discovery, partition, regions }: Candidates, pattern: string): pattern is RegionId =>
    !discovery.exhaustive && isRegionId(pattern) && Partition.ofRegion(pattern) === partition &&
    (states.has(pattern) || !listed.has(partition)) &&
    isIn(allowed, pattern) && !regions.some(({ id }) => id === pattern)

  for (const pattern of wanted.include) {
    if (valid.some((id) => matches(pattern, id)) || candidates.some((one) => isTrusted(one, pattern))) continue
    const problem = pattern.includes("*")
      ? "matches-nothing"
      : !states.has(pattern)
      ? "unknown"
      : states.get(pattern) === "enabled"
      ? "not-allowed"
      : "not-enabled"
    return yield* new RegionFilterError({ pattern, problem, valid })
  }
  for (const pattern of wanted.exclude) {
    const partition = Partition.ofRegion(pattern)
    const isListed = listed.has(partition) || candidates.every((one) => one.partition !== partition)
    if (!pattern.includes("*") && isListed && !states.has(pattern)) {
      return yield* new RegionFilterError({ pattern, problem: "unknown", valid })
    }
  }

  const areNamed = wanted.include.length > 0 && wanted.include.every((pattern) => !pattern.includes("*"))
  const isFiltered = [wanted, allowed].some(({ exclude, include }) => include.length + exclude.length > 0)
  const selections = candidates.map((one): RegionSelection => {
    const trusted = wanted.include.filter((pattern): pattern is RegionId =>
      isTrusted(one, pattern) && isIn(wanted, pattern)
    )
    const chosen = new Set([...one.enabled.filter((id) => isIn(allowed, id) && isIn(wanted, id)), ...trusted])
    const { discovery } = one
    return {
      regions: [...chosen].toSorted(),
      skipped: one.regions.map(({ id }) => id).filter((id) => !chosen.has(id)),
      narrowed: isFiltered && (!discovery.exhaustive || one.enabled.some((id) => !chosen.has(id))),
      // Regions that were asked for by name are the whole scope, however the rest is known.
      discovery: areNamed && !discovery.exhaustive
        ? { ...discovery, ...(discovery.source === "other accounts" ? { source: "request" } : {}), exhaustive: true }
        : discovery
    }
  })
  if (selections.every(({ regions }) => regions.length === 0)) {
    if (valid.length > 0) {
      return yield* new RegionFilterError({ pattern: textOf(wanted), problem: "matches-nothing", valid })
    }
    const enabled = [...new Set(candidates.flatMap(({ enabled }) => enabled))].toSorted()
    return yield* new RegionFilterError({ pattern: textOf(allowed), problem: "nothing-allowed", valid: enabled })
  }
  return selections
})

const textOf = ({ exclude, include }: Patterns): string =>
  [...include, ...exclude.map((excluded) => `!${excluded}`)].join(",")

const candidatesOf = (
  accounts: ReadonlyArray<AccountRegions>,
  homeOf: Regions["Service"]["homeOf"]
): ReadonlyArray<Candidates> => {
  const others = new Map<Partition.Partition, ReadonlySet<RegionId>>()
  for (const { list, partition } of accounts) {
    if (list !== undefined) others.set(partition, new Set([...others.get(partition) ?? [], ...enabledOf(list.regions)]))
  }
  return accounts.map(({ list, partition }): Candidates => {
    if (list !== undefined) return { partition, enabled: enabledOf(list.regions), ...list }
    const known = others.get(partition)
    const enabled = known === undefined ? [homeOf(partition)] : [...known].toSorted()
    const discovery: Discovery = {
      status: "fallback",
      source: known === undefined ? "default Region" : "other accounts",
      exhaustive: false,
      reason: "the account could not be asked for its Regions"
    }
    return { partition, enabled, regions: enabled.map((id) => ({ id, state: "enabled" })), discovery }
  })
}

const enabledOf = (regions: RegionList["regions"]): ReadonlyArray<RegionId> =>
  regions.filter(({ state }) => state === "enabled").map(({ id }) => id)

const isRegionId = Schema.is(RegionId)

/** A function declaration, so that the configuration above may use it. */
function readPatterns(text: string): Patterns {
  const all = text.split(/[\s,]+/u).map((pattern) => pattern.trim().toLowerCase()).filter((pattern) => pattern !== "")
  const include = all.filter((pattern) => !pattern.startsWith("!"))
  return {
    include: include.some((pattern) => pattern === "all" || pattern === "*") ? [] : include,
    exclude: all.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1))
  }
}

const isIn = ({ exclude, include }: Patterns, id: string): boolean =>
  (include.length === 0 || include.some((pattern) => matches(pattern, id))) &&
  !exclude.some((pattern) => matches(pattern, id))

/** `*` stands for any run of characters; matched without a regular expression made of input. */
const matches = (pattern: string, id: string): boolean => {
  const parts = pattern.split("*")
  if (parts.length === 1) return pattern === id
  let at = parts[0]!.length
  const last = parts.at(-1)!
  if (!id.startsWith(parts[0]!) || !id.endsWith(last)) return false
  for (const part of parts.slice(1, -1)) {
    const found = id.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + last.length <= id.length
}
