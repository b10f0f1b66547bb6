/** The gap as text for a terminal. */
import type { GapResult } from "@cadastre/compliance"
import { Untrusted } from "@cadastre/report"

/** What the parts are called, in the order in which they are told. */
const kinds = [
  ["no tag", ({ gapByKind }: GapResult) => gapByKind.noTag],
  ["wrong value", ({ gapByKind }: GapResult) => gapByKind.wrongValue],
  ["tag not activated in the bill", ({ gapByKind }: GapResult) => gapByKind.notActivated],
  ["tag activated later", ({ gapByKind }: GapResult) => gapByKind.notBackfilled]
] as const

const sources: Readonly<Record<string, string>> = {
  focus: "FOCUS files",
  cur: "CUR files",
  "cost-explorer-resources": "Cost Explorer, by resource",
  "cost-explorer-services": "Cost Explorer, by service and Region"
}

/** What the score can be, with what is not known or estimated. */
const between = (bounds: GapResult["spendWeightedScoreBounds"]): string =>
  bounds === null || bounds.lowest === bounds.highest
    ? ""
    : ` (between ${(100 * bounds.lowest).toFixed(1)} % and ${(100 * bounds.highest).toFixed(1)} %)`

/** Most groups that are shown; JSON has all. */
const mostGroups = 20

export const render = (result: GapResult): string => {
  const { currency } = result
  const money = (amount: number) => `${amount.toFixed(2)} ${currency}`
  const percent = (share: number | null) => share === null ? "–" : `${share.toFixed(1)} %`
  const part = (name: string, amount: number) => `  ${name.padEnd(32)} ${money(amount).padStart(18)}`
  const { breakdown, notUsed, notes, paid, period, unknownAccounts } = result
  return [
    `Spend from ${period.start} to ${period.end} (not included), by ${sources[result.source] ?? result.source}`,
    "",
    part("total", result.total),
    part("attributable", result.attributable),
    `${part("gap", result.gap)}  ${percent(result.gapPercent)}`,
    ...kinds.map(([name, of]) => part(`  ${name}`, of(result))),
    part("cannot be tagged", result.untaggable),
    ...Object.entries(result.untaggableByKind).map(([kind, amount]) => part(`  ${kind}`, amount)),
    part("policy asks nothing", result.notApplicable),
    part("not seen", result.unseen),
    ...Object.entries(result.unseenByReason).map(([reason, amount]) => part(`  ${reason}`, amount)),
    ...(result.givenBack === null ? [] : [part("credits and refunds, apart", result.givenBack)]),
    "",
    `Score by spend: ${result.spendWeightedScore === null ? "unknown" : percent(100 * result.spendWeightedScore)}${
      between(result.spendWeightedScoreBounds)
    }; by count: ${result.complianceScore === undefined ? "unknown" : percent(100 * result.complianceScore)}`,
    "",
    `By ${result.groupBy.replace("_", " ")}${result.tagKey === undefined ? "" : ` ${Untrusted.visible(result.tagKey)}`}, largest gap first:`,
    ...breakdown.slice(0, mostGroups).map(({ gap, gapPercent, group, total }) =>
      `  ${Untrusted.visible(group).padEnd(44)} ${money(total).padStart(18)}  gap ${money(gap).padStart(18)}  ${percent(gapPercent)}`
    ),
    ...(breakdown.length > mostGroups ? [`  and ${breakdown.length - mostGroups} more (--format json has all)`] : []),
    ...(result.billedByTag === undefined
      ? []
      : [
        "",
        `What the bill itself shows by ${Untrusted.visible(result.tagKey ?? "")}, whatever resources have now:`,
        ...result.billedByTag.slice(0, mostGroups).map(({ amount, value }) =>
          `  ${(value === null ? "(not shown)" : Untrusted.visible(value)).padEnd(44)} ${money(amount).padStart(18)}`
        ),
        ...(result.billedByTag.length > mostGroups ? [`  and ${result.billedByTag.length - mostGroups} more`] : [])
      ]),
    ...(notes.length + notUsed.length + unknownAccounts.length > 0 ? [""] : []),
    ...notes.map((note) => `Note: ${Untrusted.visible(note)}`),
    ...notUsed.map(({ reason, source }) => `Not used, ${sources[source] ?? source}: ${Untrusted.visible(reason)}`),
    ...unknownAccounts.map(({ accountId = "", reason }) => `Cost of ${accountId} unknown: ${Untrusted.visible(reason)}`),
    ...(paid.calls > 0 ? ["", `Asking cost $${paid.usd.toFixed(2)}: ${paid.calls} calls of Cost Explorer`] : []),
    ""
  ].join("\n")
}
