/**
 * Values as JSON text that does not depend on the order in which their keys
 * were put in: equal values, equal bytes.
 *
 * @since 0.1.0
 */
import { Figures, Inventory, Recommendation, Summary, TopViolation, type TopViolations } from "@cadastre/aggregation"
import {
  AccountScope,
  CellReason,
  CellResult,
  Coverage,
  Disagreement,
  Discovery,
  ExplorerIndex,
  type Resource,
  ScanScope,
  SeenBy,
  SourceProof,
  TagFilter,
  type UnnamedAccount
} from "@cadastre/model"
import { Violation } from "@cadastre/policy"
import { isJudged } from "./Breakdowns.ts"
import type { ReportCosts } from "./CostText.ts"
import { json } from "./Untrusted.ts"

/** JSON in one line; indented by two blanks a level when `indent` is set. */
const text = (value: unknown, indent?: 2): string => json(JSON.stringify(value, null, indent))

/**
 * A value in the head of a document, indented as what stands one level deep.
 *
 * @since 0.1.0
 */
export const indented = (value: unknown): string => text(value, 2).replaceAll("\n", "\n  ")

/** Fields in the order of their schema; those that are absent, or unknown to it, are left out. */
const ordered = <A extends object>(
  { fields }: { readonly fields: { readonly [K in keyof A]: unknown } },
  value: A
): object => {
  const keys = Object.keys(fields) as Array<keyof A>
  return Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]]))
}

/** Open records: by key in code unit order, at every level. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
    ? byKey(value as Readonly<Record<string, unknown>>, sorted)
    : value

const byKey = <A>(record: Readonly<Record<string, A>>, f: (value: A) => unknown): object =>
  Object.fromEntries(
    Object.entries(record).toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([key, value]) => [key, f(value)])
  )

/**
 * A resource in one line. `absent`: whether fields that it does not have are
 * left out, as its schema has it, or `null`, so that every line has the same.
 *
 * @since 0.1.0
 */
export const resource = (resource: Resource, absent: "omitted" | "null"): string => {
  const none = absent === "null" ? null : undefined
  return text({
    arn: resource.arn,
    id: resource.id,
    name: resource.name ?? none,
    type: resource.type,
    service: resource.service,
    accountId: resource.accountId,
    region: resource.region,
    tags: sorted(resource.tags),
    createdAt: resource.createdAt ?? none,
    state: resource.state ?? none,
    attributes: sorted(resource.attributes),
    sources: resource.sources,
    observedAt: resource.observedAt,
    marks: resource.marks
  })
}

/**
 * A violation in one line.
 *
 * @since 0.1.0
 */
export const violation = (violation: Violation): string => text(ordered(Violation, violation))

/** @since 0.1.0 */
export const topViolations = ({ byCost, byCount }: TopViolations): object => ({
  byCount: byCount.map((one) => ordered(TopViolation, one)),
  byCost: byCost.map((one) => ordered(TopViolation, one))
})

/**
 * A recommendation in one line.
 *
 * @since 0.1.0
 */
export const recommendation = (recommendation: Recommendation): string => text(ordered(Recommendation, recommendation))

/**
 * A cell of the coverage table in one line.
 *
 * @since 0.1.0
 */
export const cell = (cell: CellResult): string =>
  text({
    ...ordered(CellResult, cell),
    ...(cell.reason === undefined ? {} : { reason: ordered(CellReason, cell.reason) }),
    ...(cell.proof === undefined ? {} : { proof: proof(cell.proof) })
  })

const proof = (proof: SourceProof): object => ({
  ...ordered(SourceProof, proof),
  seenBy: proof.seenBy.map(seenBy),
  disagreements: proof.disagreements.map((one) => ordered(Disagreement, one)),
  ...(proof.indexes === undefined ? {} : { indexes: proof.indexes.map((one) => ordered(ExplorerIndex, one)) })
})

/** @since 0.1.0 */
export const costs = (costs: ReportCosts): unknown => sorted(costs)

/** @since 0.1.0 */
export const seenBy = (one: SeenBy): object => ordered(SeenBy, one)

/**
 * A coverage without its table, which may be long.
 *
 * @since 0.1.0
 */
export const coverageHead = ({ table: _, ...coverage }: Coverage.Coverage): object => {
  const { table: __, ...fields } = Coverage.Coverage.fields
  return {
    ...ordered({ fields }, coverage),
    cells: ordered(Coverage.CellCounts, coverage.cells),
    discovery: ordered(Discovery, coverage.discovery),
    unnamedAccounts: coverage.unnamedAccounts.map(unnamedAccount)
  }
}

/** @since 0.1.0 */
export const scope = (scope: ScanScope): object => ({
  ...ordered(ScanScope, scope),
  discovery: ordered(Discovery, scope.discovery),
  accounts: scope.accounts.map((account) => ({
    ...ordered(AccountScope, account),
    discovery: ordered(Discovery, account.discovery),
    ...(account.problem === undefined ? {} : { problem: ordered(CellReason, account.problem) })
  })),
  unnamedAccounts: scope.unnamedAccounts.map(unnamedAccount),
  ...(scope.tags === undefined ? {} : { tags: scope.tags.map((one) => ordered(TagFilter.TagFilter, one)) })
})

const unnamedAccount = (account: UnnamedAccount): object => ({
  name: account.name,
  reason: ordered(CellReason, account.reason)
})

/** @since 0.1.0 */
export const summary = (summary: Summary | Inventory): object => {
  if (!isJudged(summary)) {
    return {
      ...ordered(Inventory, summary),
      byRegion: sorted(summary.byRegion),
      byType: sorted(summary.byType),
      byAccount: sorted(summary.byAccount)
    }
  }
  const figures = (groups: Readonly<Record<string, Figures>>) => byKey(groups, (group) => ({
    ...ordered(Figures, group),
    notApplicableByReason: sorted(group.notApplicableByReason)
  }))
  const { scoreBounds } = summary
  return {
    ...ordered(Summary, summary),
    notApplicableByReason: sorted(summary.notApplicableByReason),
    ...(scoreBounds === undefined
      ? {}
      : { scoreBounds: { lowest: scoreBounds.lowest, highest: scoreBounds.highest } }),
    byRegion: figures(summary.byRegion),
    byType: figures(summary.byType),
    byAccount: figures(summary.byAccount),
    byOwner: figures(summary.byOwner),
    byRule: sorted(summary.byRule)
  }
}
