/**
 * Which of an account's Regions a scan looks at.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import { type AwsError, type Discovery, RegionId, Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type RegionList, Regions } from "./Regions.ts"

/**
 * A Region filter names a Region that cannot be scanned.
 *
 * - `pattern`: the filter's entry
 * - `problem`: what is wrong with it
 * - `valid`: the Regions that can be named
 *
 * @category errors
 * @since 0.1.0
 */
export class RegionFilterError extends Schema.TaggedError<RegionFilterError>()("RegionFilterError", {
  pattern: Schema.String,
  problem: Schema.Literals(["unknown", "not-enabled", "not-allowed", "multi-region-off", "matches-nothing"]),
  valid: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const why = {
      unknown: "is no Region of this partition",
      "not-enabled": "is not enabled in this account",
      "not-allowed": "is not among ALLOWED_REGIONS",
      "multi-region-off": "is not the default Region, and MULTI_REGION_ENABLED is off",
      "matches-nothing": "matches no enabled Region"
    }[this.problem]
    return `Region "${this.pattern}" ${why}. Valid Regions: ${this.valid.join(", ")}`
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
  { allowed, multiRegion }: RegionBounds
): Effect.fn.Return<RegionSelection, RegionFilterError | AwsError, Regions> {
  const regions = yield* Regions
  const wanted = readPatterns(patterns.join(","))
  if (!multiRegion) {
    const other = wanted.include.find((pattern) => !matches(pattern, regions.home))
    if (other !== undefined) {
      return yield* new RegionFilterError({ pattern: other, problem: "multi-region-off", valid: [regions.home] })
    }
    if (!isIn(allowed, regions.home)) {
      return yield* new RegionFilterError({ pattern: regions.home, problem: "not-allowed", valid: [] })
    }
    const out = wanted.exclude.find((pattern) => matches(pattern, regions.home))
    if (out !== undefined) {
      return yield* new RegionFilterError({ pattern: `!${out}`, problem: "matches-nothing", valid: [regions.home] })
    }
    return {
      regions: [regions.home],
      skipped: [],
      narrowed: true,
      discovery: { status: "complete", source: "request", exhaustive: true }
    }
  }
  return yield* choose(yield* regions.discover(account), wanted, allowed)
})

/** A function declaration, so that the configuration above may use it. */
function readPatterns(text: string): Patterns {
  const all = text.split(/[\s,]+/u).map((pattern) => pattern.trim().toLowerCase()).filter((pattern) => pattern !== "")
  const include = all.filter((pattern) => !pattern.startsWith("!"))
  return {
    include: include.some((pattern) => pattern === "all" || pattern === "*") ? [] : include,
    exclude: all.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1))
  }
}

const choose = Effect.fnUntraced(function*(
  { discovery, regions }: RegionList,
  wanted: Patterns,
  allowed: Patterns
): Effect.fn.Return<RegionSelection, RegionFilterError> {
  const enabled = regions.filter(({ state }) => state === "enabled").map(({ id }) => id)
  const valid = enabled.filter((id) => isIn(allowed, id))
  const states = new Map(regions.map(({ id, state }) => [id as string, state]))
  const trusted: Array<RegionId> = []

  for (const pattern of wanted.include) {
    if (valid.some((id) => matches(pattern, id))) continue
    // Where the Regions could not be listed, one that the user names is taken at their word.
    if (!discovery.exhaustive && Schema.is(RegionId)(pattern) && isIn(allowed, pattern)) {
      trusted.push(pattern)
      continue
    }
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
    if (!pattern.includes("*") && discovery.exhaustive && !states.has(pattern)) {
      return yield* new RegionFilterError({ pattern, problem: "unknown", valid })
    }
  }
  const chosen = new Set([...valid.filter((id) => isIn(wanted, id)), ...trusted])
  if (chosen.size === 0) {
    const pattern = [...wanted.include, ...wanted.exclude.map((excluded) => `!${excluded}`)].join(",")
    return yield* new RegionFilterError({ pattern, problem: "matches-nothing", valid })
  }
  return {
    regions: [...chosen].toSorted(),
    skipped: regions.map(({ id }) => id).filter((id) => !chosen.has(id)),
    narrowed: trusted.length > 0 || enabled.some((id) => !chosen.has(id)),
    // Regions that were asked for by name are the whole scope, however the rest is known.
    discovery: trusted.length === chosen.size ? { ...discovery, exhaustive: true } : discovery
  }
})

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
