/** What a scan may say of a cell, by what the simulator says went wrong. */
import type { Fault, FaultEntry } from "@cadastre/aws-simulator"
import type { CellResult, Outcome } from "@cadastre/model"
import type { Simulator } from "./Estates.ts"
import { listCalls } from "./Survey.ts"

type FaultType = Fault["type"]

/** What cells are read with. */
export const operations: ReadonlyArray<string> = [
  ...Object.values(listCalls).map(([, operation]) => operation),
  "GetResources",
  "ListTagsForResource",
  "ListQueueTags",
  "ListTagsOfResource",
  "GetBucketTagging"
]

/** Signs for a switched-off Region: the codes for unknown credentials. */
const refusals: ReadonlyArray<FaultType> = [
  "deny",
  "disabled-region",
  "invalid-credentials",
  "bad-signature",
  "not-subscribed"
]

/** For each outcome the faults of which one must have been there. */
const causes: Readonly<Record<Outcome, ReadonlyArray<FaultType> | "any">> = {
  scanned: "any",
  denied: refusals,
  throttled: ["throttle"],
  "timed-out": ["hang", "stall", "drip"],
  unsupported: ["unsupported"],
  failed: "any",
  skipped: []
}

/** Faults that take nothing away from what is said: a reader must see through them. */
const harmless: ReadonlySet<FaultType> = new Set([
  "slow",
  "references",
  "extra-members",
  "unknown-enum",
  "content-type",
  "oversized",
  "nesting",
  "empty-page",
  "short-page",
  "duplicates",
  "vanish",
  "clock-skew"
])

/** The faults that may have befallen the calls of a cell. The tagging API is asked for several types. */
export const faultsOf = (simulator: Simulator, cell: CellResult): ReadonlyArray<FaultEntry> => {
  const service = listCalls[cell.type]![0]
  return simulator.faults().filter((entry) =>
    entry.accountId === cell.accountId && (cell.region === "global" || entry.region === cell.region) &&
    (entry.service === "tagging" || (entry.service === service && entry.operation !== "DescribeRegions"))
  )
}

/** What is wrong with the outcome of a cell; nothing if it may be. */
export const objection = (simulator: Simulator, cell: CellResult): string | undefined => {
  const faults = faultsOf(simulator, cell)
  const { outcome, reason } = cell
  if ((outcome === "scanned") !== (reason === undefined)) return "a reason is there where nothing is wrong, or the other way"
  if (reason?.error === "Defect") return `a defect: ${reason.message}`
  if (outcome === "scanned") return undefined
  // An account that could not be entered, now or again later, or that did not tell its Regions.
  const isPlanHit = simulator.faults().some(({ operation }) => !operations.includes(operation))
  if (isPlanHit && !operations.includes(reason?.operation?.split(":")[1] ?? "")) return undefined
  if (faults.every(({ fault }) => harmless.has(fault.type))) {
    // Where the session is over, it is over for the whole account.
    const expired = simulator.faults().filter(({ accountId, fault }) => fault.type === "expired" && accountId === cell.accountId)
    return reason?.error === "ExpiredToken" && expired.length >= 5 ? undefined : `${outcome}, and nothing went wrong`
  }
  const wanted = causes[outcome]
  if (wanted !== "any" && !faults.some(({ fault }) => wanted.includes(fault.type))) return `${outcome} without a cause`
  return outcome === "unsupported" && cell.resources > 0 ? "unsupported, and it holds something" : undefined
}
