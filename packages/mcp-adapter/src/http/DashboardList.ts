/**
 * Which violations the dashboard lists, in what order, and what there is to choose from.
 *
 * @since 0.1.0
 */
import { DashboardPage, type PageView, type Report } from "@cadastre/report"

type Violation = Report["violations"][number]

/** The last of each report: who turns pages asks for the same list. */
const lists = new WeakMap<Report, { readonly of: string; readonly violations: ReadonlyArray<Violation> }>()

/**
 * - `ownerOf`: the owner of a resource that has violations, `""` where none is known; only where owners are asked for
 *
 * @category getters
 * @since 0.1.0
 */
export const listed = (
  report: Report,
  { filters, sort }: DashboardPage.Address,
  ownerOf: ReadonlyMap<string, string> = new Map()
): NonNullable<PageView["listed"]> => {
  const list = { ...filters, accounts: [], regions: [], types: [] }
  const of = DashboardPage.queryOf({ filters: list, sort })
  const kept = lists.get(report)
  const violations = kept?.of === of ? kept.violations : report.violations.filter(isListed(filters, ownerOf)).toSorted(orderOf(sort))
  if (kept?.of !== of) lists.set(report, { of, violations })
  return {
    violations,
    total: report.violations.length,
    sort,
    href: (sort) => DashboardPage.hrefOf({ filters, sort }, "#violations")
  }
}

const isListed = (filters: DashboardPage.Filters, ownerOf: ReadonlyMap<string, string>) => {
  const [severities, findings] = [new Set<string>(filters.severities), new Set<string>(filters.findings)]
  const [keys, owners] = [new Set(filters.keys), new Set(filters.owners)]
  return ({ arn, rule, severity, tag }: Violation): boolean =>
    (severities.size === 0 || severities.has(severity)) &&
    (findings.size === 0 || findings.has(rule)) &&
    (keys.size === 0 || keys.has(DashboardPage.sent(tag))) &&
    (owners.size === 0 || owners.has(DashboardPage.sent(ownerOf.get(arn) ?? "")))
}

const fields: Readonly<Record<DashboardPage.Sort["by"], (violation: Violation) => string>> = {
  severity: ({ severity }) => severity,
  account: ({ accountId }) => accountId,
  region: ({ region }) => region,
  type: ({ resourceType }) => resourceType,
  tag: ({ tag }) => tag,
  finding: ({ rule }) => rule,
  arn: ({ arn }) => arn
}

/** Of equals, the order is that of the report: by ARN, tag and rule. */
const orderOf = ({ by, isDown }: DashboardPage.Sort) => {
  const [field, way] = [fields[by], isDown ? -1 : 1]
  return (a: Violation, b: Violation): number => {
    const [x, y] = [field(a), field(b)]
    return x === y ? 0 : x < y ? -way : way
  }
}

/**
 * What there is to choose from, of the widest report; tags and owners with the most to do first.
 *
 * @category getters
 * @since 0.1.0
 */
export const choicesOf = ({ scope, summary, violations }: Report): DashboardPage.Choices => {
  const names = new Map((scope.accounts ?? []).map(({ accountId, name }) => [accountId as string, name]))
  const byTag = new Map<string, number>()
  for (const { tag } of violations) byTag.set(tag, (byTag.get(tag) ?? 0) + 1)
  const owners = "byOwner" in summary ? Object.entries(summary.byOwner).filter(([owner]) => owner !== "") : []
  return {
    accounts: scope.accountIds.toSorted().map((value) => {
      const about = names.get(value)
      return about === undefined ? { value } : { value, about }
    }),
    regions: scope.regions.toSorted().map((value) => ({ value })),
    types: scope.types.toSorted().map((value) => ({ value })),
    keys: counted([...byTag]),
    owners: counted(owners.map(([owner, { violationCount }]) => [owner, violationCount]))
  }
}

const counted = (values: ReadonlyArray<readonly [value: string, violations: number]>): ReadonlyArray<DashboardPage.Choice> =>
  values
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([value, violations]) => ({ value: DashboardPage.sent(value), violations }))
