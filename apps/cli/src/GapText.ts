/** The gap as an answer: what people read, what CSV has, and all of it. */
import type { GapResult } from "@cadastre/compliance"
import { CostText, Listing } from "@cadastre/report"

/** What the parts of the gap are called, in the order in which they are told. */
const kinds = [
  ["no tag", "noTag"],
  ["wrong value", "wrongValue"],
  ["tag not activated in the bill", "notActivated"],
  ["tag activated later", "notBackfilled"]
] as const

/** Most groups that people are shown; JSON and CSV have all. */
const mostGroups = 20

const percentOf = (share: number | null): string => share === null ? "" : `${share.toFixed(1)} %`

/** What the score can be, with what is not known or estimated. */
const between = (bounds: GapResult["spendWeightedScoreBounds"]): string =>
  bounds === null || bounds.lowest === bounds.highest
    ? ""
    : ` (between ${percentOf(100 * bounds.lowest)} and ${percentOf(100 * bounds.highest)})`

const spendTable = (result: GapResult): Listing.ListingTable => {
  const { currency, gapByKind, resources, total } = result
  const row = (name: string, amount: number, counted?: number) => [
    name,
    CostText.amount(amount, currency),
    total === 0 ? "" : percentOf(100 * amount / total),
    counted === undefined ? "" : String(counted)
  ]
  const gapResources = kinds.reduce((sum, [, kind]) => sum + resources[kind], 0)
  return {
    columns: [{ title: "Spend" }, ...["Amount", "Share", "Resources"].map((title) => ({ title, number: true }))],
    rows: [
      row("attributable", result.attributable, resources.attributable),
      row("gap", result.gap, gapResources),
      ...kinds.map(([name, kind]) => row(`  ${name}`, gapByKind[kind], resources[kind])),
      row("cannot be tagged", result.untaggable, resources.untaggable),
      ...Object.entries(result.untaggableByKind).map(([kind, amount]) => row(`  ${kind}`, amount)),
      row("policy asks nothing", result.notApplicable, resources.notApplicable),
      row("not seen", result.unseen, resources.unseen),
      ...Object.entries(result.unseenByReason).map(([reason, amount]) => row(`  ${reason}`, amount)),
      row("total", total),
      ...result.givenBack === null ? [] : [["credits and refunds, apart", CostText.amount(result.givenBack, currency), "", ""]]
    ]
  }
}

const breakdownTable = ({ breakdown, currency, groupBy, tagKey }: GapResult): Listing.ListingTable => ({
  title: `By ${groupBy.replace("_", " ")}${tagKey === undefined ? "" : ` ${tagKey}`}, largest gap first`,
  columns: [
    { title: "Group" },
    ...["Spend", "Attributable", "Gap", "Gap %", "Resources"].map((title) => ({ title, number: true }))
  ],
  most: mostGroups,
  rows: breakdown.map(({ attributable, gap, gapPercent, group, resources, total }) => [
    group,
    CostText.amount(total, currency),
    CostText.amount(attributable, currency),
    CostText.amount(gap, currency),
    percentOf(gapPercent),
    String(Object.values(resources).reduce((sum, count) => sum + count, 0))
  ])
})

const billedTable = ({ billedByTag, currency, tagKey = "" }: GapResult): ReadonlyArray<Listing.ListingTable> =>
  billedByTag === undefined ? [] : [{
    title: `What the bill itself shows by ${tagKey}, whatever resources have now`,
    columns: [{ title: "Value" }, { title: "Spend", number: true }],
    most: mostGroups,
    rows: billedByTag.map(({ amount, value }) => [value ?? "(not shown)", CostText.amount(amount, currency)])
  }]

/** The answer in every form. */
export const listingOf = (result: GapResult, source: string): Listing.Listing => {
  const { ageSeconds, breakdown, complianceScore, coverage, currency, fromCache, gap, gapPercent, notes, notUsed } = result
  const { paid, period, policyHash, spendWeightedScore, spendWeightedScoreBounds, unknownAccounts } = result
  const color = gap === 0 && coverage.complete ? "green" : "bold"
  return {
    title: "Attribution gap",
    lines: [
      ...Listing.coverageLines(coverage),
      ...fromCache ? [{ text: `From the cache, ${ageSeconds} s old` }] : [],
      ...unknownAccounts.map(({ accountId = "", reason }) => ({ text: `Cost of ${accountId} unknown: ${reason}`, color: "yellow" as const })),
      {
        text: `Gap: ${CostText.amount(gap, currency)}${gapPercent === null ? "" : `, ${percentOf(gapPercent)}`} of the spend from ` +
          `${period.start} to ${period.end} (not included), by ${CostText.sourceName(result.source)} and ${source}`,
        color
      },
      {
        text: `Score by spend: ${spendWeightedScore === null ? "unknown" : percentOf(100 * spendWeightedScore)}${
          between(spendWeightedScoreBounds)
        }; by count: ${complianceScore === undefined ? "unknown" : percentOf(100 * complianceScore)}`
      }
    ],
    tables: [spendTable(result), breakdownTable(result), ...billedTable(result)],
    notes: [
      ...notes,
      ...notUsed.map(({ reason, source }) => `Not used, ${CostText.sourceName(source)}: ${reason}`),
      ...paid.calls === 0 ? [] : [`Asking cost ${CostText.amount(paid.usd, "USD")}: ${paid.calls} calls of Cost Explorer`]
    ],
    records: {
      columns: [
        "Group", "Currency", "Spend", "Attributable", "Gap", "Gap percent",
        ...kinds.map(([name]) => name[0]!.toUpperCase() + name.slice(1)),
        "Cannot be tagged", "Policy asks nothing", "Not seen"
      ],
      rows: breakdown.map((one) => [
        one.group,
        currency,
        ...[one.total, one.attributable, one.gap].map(String),
        one.gapPercent === null ? "" : String(one.gapPercent),
        ...kinds.map(([, kind]) => String(one.gapByKind[kind])),
        ...[one.untaggable, one.notApplicable, one.unseen].map(String)
      ])
    },
    value: { kind: "gap", policy: { source, hash: policyHash }, ...result }
  }
}
