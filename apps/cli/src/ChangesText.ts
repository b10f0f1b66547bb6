/** What changed, as a list. */
import type { DiffResult, DriftResult, ResourceChange, ResourceChanges } from "@cadastre/compliance"
import { Listing } from "@cadastre/report"

const mostRows = 200

/** Two snapshots, or files. */
export const ofDiff = (result: DiffResult): Listing.Listing => ({
  title: "Changes",
  lines: [
    ...[result.before, result.after].flatMap(({ complete, name }) =>
      complete ? [] : [{ text: `${name} is incomplete: what it did not see is not compared`, color: "red" as const }]
    ),
    { text: `From ${result.before.name} (${result.before.takenAt}) to ${result.after.name} (${result.after.takenAt})` },
    ...cellLine(result),
    ...result.samePolicy ? [] : [{ text: "Judged by different policies, or by none: only tags are compared", color: "yellow" as const }],
    ...scoreLine(result.before.complianceScore, result.after.complianceScore),
    totalLine(result)
  ],
  ...tablesOf(result),
  value: { kind: "diff", ...result }
})

/** A snapshot and now. */
export const ofDrift = (result: DriftResult, source: string): Listing.Listing => ({
  title: "Changes since a snapshot",
  lines: [
    ...result.coverage === undefined ? [] : Listing.coverageLines(result.coverage),
    ...result.baseline === undefined
      ? []
      : [{ text: `Since snapshot ${result.baseline.snapshotId} (${result.baseline.takenAt}), by ${source}` }],
    ...result.note === undefined ? [] : [{ text: result.note, color: "yellow" as const }],
    ...cellLine(result),
    ...scoreLine(result.baseline?.complianceScore, result.complianceScore),
    totalLine(result)
  ],
  ...tablesOf(result),
  value: { kind: "drift", policy: { source, hash: result.policyHash }, ...result }
})

type Compared = ResourceChanges & Pick<DiffResult, "comparedCells" | "uncomparedCells">

const cellLine = ({ comparedCells, uncomparedCells }: Compared): Listing.Listing["lines"] =>
  uncomparedCells === 0 ? [] : [{
    text: `${uncomparedCells} of ${comparedCells + uncomparedCells} cells were not seen both times: what is in them is not compared`,
    color: "yellow"
  }]

const scoreLine = (before: number | undefined, after: number | undefined): Listing.Listing["lines"] =>
  before === undefined || after === undefined
    ? []
    : [{
      text: `Score: ${(before * 100).toFixed(1)} % before, ${(after * 100).toFixed(1)} % after`,
      color: after < before ? "red" : after > before ? "green" : "bold"
    }]

const totalLine = ({ totals }: Compared): Listing.Listing["lines"][number] => ({
  text: `${totals.added} added, ${totals.removed} removed, ${totals.changed} changed` +
    (totals.notComparable === 0 ? "" : `; ${totals.notComparable} cannot be compared`),
  color: "bold"
})

const tablesOf = ({ changes, moreChanges, totals }: Compared): Pick<Listing.Listing, "tables" | "records" | "notes"> => ({
  tables: [
    {
      title: "By tag",
      columns: [{ title: "Tag" }, ...["Added", "Removed", "Changed"].map((title) => ({ title, number: true }))],
      rows: Object.entries(totals.byTag).map(([tag, counts]) => [tag, ...[counts.added, counts.removed, counts.changed].map(String)])
    },
    {
      title: "Resources",
      most: mostRows,
      columns: [{ title: "Change" }, { title: "Region" }, { title: "Type" }, { title: "Resource" }, { title: "What" }],
      rows: changes.map((change) => [change.change, change.region, change.type, change.id, whatOf(change)])
    }
  ],
  notes: moreChanges === 0 ? [] : [`${moreChanges} more changes are counted and not listed`],
  records: {
    columns: ["Change", "Account", "Region", "Type", "Resource ID", "What", "Before", "After", "Resource ARN"],
    rows: changes.map((change) => {
      const { accountId, after = "", arn, before = "", id, region, type } = change
      return [change.change, accountId, region, type, id, whatOf(change), before, after, arn]
    })
  }
})

const whatOf = ({ newViolations, reason, solvedViolations, tags }: ResourceChange): string =>
  [
    ...reason === undefined ? [] : [reason === "tags-unknown" ? "its tags could not be read" : "its cell was not seen both times"],
    ...tags.map(({ after, before, key }) =>
      before === undefined ? `+${key}=${after}` : after === undefined ? `-${key}=${before}` : `${key}: ${before} → ${after}`
    ),
    ...newViolations.map(({ rule, tag }) => `now ${tag} ${rule}`),
    ...solvedViolations.map(({ rule, tag }) => `no more ${tag} ${rule}`)
  ].join("; ")
