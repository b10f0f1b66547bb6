/**
 * What a snapshot is of: the scope that was asked for, as a text that is the same for the same scope.
 *
 * @since 0.1.0
 */
import type { ScanPlan } from "@cadastre/scanner-core"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Includable } from "./ScoreScope.ts"

const Names = Schema.Union([Schema.Literal("all"), Schema.Array(Schema.String)])

/**
 * - `estate`: where AWS is, and which tags were asked for, as in `JournalKey`
 * - `accounts`: their ids: one that joins the estate, or leaves it, begins another history
 * - `regions`: `all` where no enabled Region was left out, however many there are
 * - `types`: `all` where all that there are scanners for were asked for
 * - `sources`, `explorerView`: who was asked besides the services
 * - `include`: what was scored although it is left out by default
 * - `quick`: less of each resource was asked for
 *
 * @category models
 * @since 0.1.0
 */
export const SnapshotScope = Schema.Struct({
  estate: Schema.String,
  accounts: Schema.Array(Schema.String),
  regions: Names,
  types: Names,
  sources: Schema.optionalKey(Schema.Array(Schema.Literals(["tagging-api", "resource-explorer"]))),
  explorerView: Schema.optionalKey(Schema.String),
  include: Schema.optionalKey(Schema.Array(Includable)),
  quick: Schema.optionalKey(Schema.Literal(true))
})
/** @since 0.1.0 */
export type SnapshotScope = typeof SnapshotScope.Type

/**
 * The scope of a plan, as a text: `SnapshotKey.scope`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const textOf = (
  { isOpen, key, mode, narrowed, scope }: ScanPlan,
  request: { readonly include?: ReadonlyArray<Includable>; readonly explorerView?: string } = {}
): string => {
  const include = [...new Set(request.include)].toSorted()
  const { accountIds, regions, types } = scope
  const sources = (["resource-explorer", "tagging-api"] as const).filter((source) => scope.sources?.includes(source))
  const value: SnapshotScope = {
    estate: key.estate,
    accounts: accountIds.toSorted(),
    regions: narrowed ? regions.toSorted() : "all",
    types: isOpen ? "all" : types.toSorted(),
    ...sources.length === 0 ? {} : { sources },
    ...sources.length === 0 || request.explorerView === undefined ? {} : { explorerView: request.explorerView },
    ...include.length === 0 ? {} : { include },
    ...mode === "quick" ? { quick: true } : {}
  }
  return JSON.stringify(value)
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(SnapshotScope))

/**
 * Whether all of one scope is in another, cell by cell: they differ in their
 * types only.
 *
 * @category predicates
 * @since 0.1.0
 */
export const covers = (wider: string, scope: string): boolean => {
  if (wider === scope) return true
  const [all, some] = [Option.getOrUndefined(decode(wider)), Option.getOrUndefined(decode(scope))]
  if (all === undefined || some === undefined) return false
  const { types: has, ...rest } = all
  const { types: wants, ...others } = some
  return JSON.stringify(rest) === JSON.stringify(others) &&
    (has === "all" || (wants !== "all" && wants.every((type) => has.includes(type))))
}

const mostNames = 4

/**
 * A scope in words; of one that another version wrote, the text itself.
 *
 * @category getters
 * @since 0.1.0
 */
export const wordsOf = (text: string): string => {
  const scope = Option.getOrUndefined(decode(text))
  if (scope === undefined) return text
  const { accounts, estate, explorerView, include = [], quick, regions, sources = [], types } = scope
  const [where, tags] = estate.split("?tags=")
  return [
    `${accounts.length === 1 ? "account" : `${accounts.length} accounts`} ${listed(accounts)}`,
    regions === "all" ? "all Regions" : listed(regions),
    types === "all" ? "all types" : listed(types),
    ...tags === undefined ? [] : [`with tags ${tags}`],
    ...sources.length === 0 ? [] : [`with ${sources.join(" and ")}`],
    ...explorerView === undefined ? [] : [`by ${explorerView}`],
    ...include.length === 0 ? [] : [`scoring ${include.join(", ")} too`],
    ...quick === true ? ["in quick mode"] : [],
    ...where === undefined || where === "aws" ? [] : [`at ${where}`]
  ].join("; ")
}

const listed = (names: ReadonlyArray<string>): string =>
  names.length > mostNames
    ? `${names.slice(0, mostNames - 1).join(", ")} and ${names.length - mostNames + 1} more`
    : names.join(", ")
