import { Compliance, type HistoryResult } from "@cadastre/compliance"
import type { Listing } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import * as DemoHistory from "../DemoHistory.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, Failure } from "../Failure.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import { scopeOf } from "../ScanRequest.ts"
import type { SourceFlags } from "../SourceFlags.ts"

interface HistoryFlags
  extends Omit<EstateFlags.Scope, keyof ListingFlags | "allowIncomplete">, AccountScope, SourceFlags, ListingFlags
{
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly days: number
  readonly groupBy: "day" | "week" | "month"
  readonly snapshot: Option.Option<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** Tells how the score went. There being no history is a failure, and no empty list. */
export const history = Effect.fn("cadastre history")(function*(flags: HistoryFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* scopeOf(flags)
  if (flags.demo) yield* DemoHistory.fill(request, policy, include)
  const compliance = yield* Compliance
  const snapshot = Option.isNone(flags.snapshot) ? undefined : yield* compliance.findSnapshot(flags.snapshot.value)
  const result = yield* compliance.history({
    ...request,
    policy,
    include,
    days: flags.days,
    groupBy: flags.groupBy,
    ...snapshot === undefined ? {} : { snapshotId: snapshot.id }
  })
  if (!result.hasHistory) return yield* new Failure({ exitCode: ExitCode.usage, message: noHistory(result) })
  yield* ListingOutput.write(listingOf(result, source), flags)
}, (effect, flags) => within({ ...flags, memory: "asked" }, effect))

const noHistory = ({ days, otherHistories, scope }: HistoryResult): string =>
  `There is no history of the last ${days} days of ${scope}, by this policy. ` +
  "Store a snapshot with `cadastre check --store-snapshot`" +
  (otherHistories.length === 0
    ? ""
    : `, or ask for another history:\n${
      otherHistories.map(({ scope, snapshotId, takenAt }) => `  --snapshot ${snapshotId}  (last ${takenAt}: ${scope})`).join("\n")
    }`)

const listingOf = (result: HistoryResult, source: string): Listing.Listing => {
  const { changePercent, changePoints, commonViolations, direction, leftOut, note, otherHistories, points, policyHash, scope } = result
  const change = changePoints === undefined
    ? ""
    : `: ${signed(changePoints)} points${changePercent === undefined || changePercent === null ? "" : ` (${signed(changePercent)} %)`}`
  const rows = points.map(({ complete, complianceScore, compliantResources, costAttributionGap, period, snapshotId, snapshots, takenAt, totalResources, violationCount }) => ({
    shown: [
      period,
      percent(complianceScore),
      String(compliantResources),
      String(totalResources),
      String(violationCount),
      String(snapshots),
      snapshotId.slice(0, 8)
    ],
    all: [
      period,
      complianceScore === undefined ? "" : String(complianceScore),
      String(compliantResources),
      String(totalResources),
      String(violationCount),
      costAttributionGap === null ? "" : String(costAttributionGap),
      String(snapshots),
      String(complete),
      takenAt,
      snapshotId
    ]
  }))
  return {
    title: "Compliance history",
    lines: [
      { text: `${directions[direction]}${change}`, color: direction === "declining" ? "red" : direction === "improving" ? "green" : "bold" },
      { text: `Of ${scope}, by ${source}; days are those of UTC` },
      ...note === undefined ? [] : [{ text: note, color: "yellow" as const }],
      ...leftOut === 0 ? [] : [{ text: `${leftOut} incomplete or differently covered snapshots are left out`, color: "yellow" as const }]
    ],
    tables: [
      {
        columns: [
          { title: "Period" },
          ...["Score", "Compliant", "Of", "Violations", "Snapshots"].map((title) => ({ title, number: true })),
          { title: "Last snapshot" }
        ],
        rows: rows.map(({ shown }) => shown)
      },
      {
        title: "Most common violations",
        columns: [{ title: "Tag" }, { title: "Rule" }, { title: "Resources", number: true }],
        rows: commonViolations.map(({ count, rule, tag }) => [tag, rule, String(count)])
      }
    ],
    notes: otherHistories.map(({ scope, snapshotId }) => `Another history: ${scope} (--snapshot ${snapshotId.slice(0, 8)})`),
    records: {
      columns: ["Period", "Score", "Compliant", "Total", "Violations", "Cost gap", "Snapshots", "Complete", "Taken at", "Snapshot"],
      rows: rows.map(({ all }) => all)
    },
    value: { kind: "history", policy: { source, hash: policyHash }, ...result }
  }
}

const directions: Readonly<Record<HistoryResult["direction"], string>> = {
  improving: "Improving",
  declining: "Declining",
  stable: "Stable",
  unknown: "One period only: nothing to compare with"
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(1)}`

/** Down, so that not all is never shown as all. */
const percent = (score: number | undefined): string => score === undefined ? "none" : `${(Math.floor(score * 1000) / 10).toFixed(1)} %`
