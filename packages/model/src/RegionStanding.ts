/**
 * How a Region stands to an account: whether it is on, and whether it can be
 * called.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { AccountId } from "./AccountId.ts"
import { type AwsErrorReason, saysScp } from "./AwsError.ts"
import type { CellResult } from "./Cell.ts"
import type { RegionId } from "./RegionId.ts"

/**
 * What AWS says of a Region: on, off, or on the way from one to the other. Only
 * an `enabled` one can be called.
 *
 * @since 0.1.0
 */
export const RegionState = Schema.Literals(["enabled", "enabling", "disabling", "not-opted-in"])
/** @since 0.1.0 */
export type RegionState = typeof RegionState.Type

/**
 * A {@link RegionState}, or what only a call can tell:
 *
 * - `scp-denied`: a service control policy refuses
 * - `iam-denied`: another policy refuses
 * - `unreachable`: nothing there answers
 *
 * @since 0.1.0
 */
export const RegionStanding = Schema.Literals([...RegionState.literals, "scp-denied", "iam-denied", "unreachable"])
/** @since 0.1.0 */
export type RegionStanding = typeof RegionStanding.Type

/**
 * A standing in words that go on after "Region eu-south-1:".
 *
 * @since 0.1.0
 */
export const label = (standing: RegionStanding): string => labels[standing]

const labels: Readonly<Record<RegionStanding, string>> = {
  enabled: "enabled",
  enabling: "being enabled",
  disabling: "being disabled",
  "not-opted-in": "off",
  "scp-denied": "denied by a service control policy",
  "iam-denied": "denied by IAM",
  unreachable: "unreachable"
}

/**
 * What a failed call tells of its Region; `undefined` where it tells nothing,
 * as with credentials that do not work. A Region that refuses for the rate or
 * with a fault of its own is `enabled`: it answers.
 *
 * @since 0.1.0
 */
export const ofReason = (reason: AwsErrorReason): RegionStanding | undefined => ofError(reason._tag, reason.message)

const ofError = (error: string, message: string): RegionStanding | undefined => {
  switch (error) {
    case "AccessDenied":
      return saysScp(message) ? "scp-denied" : "iam-denied"
    case "RegionDisabled":
      return "not-opted-in"
    case "Network":
    case "TimedOut":
      return "unreachable"
    case "Throttled":
    case "NotFound":
    case "Unexpected":
      return "enabled"
    default:
      return undefined
  }
}

/**
 * What the cells of one account and Region tell of it, so that a report can say
 * "denied by a service control policy" once and not for each type.
 *
 * A Region is `enabled` as soon as one cell of it was answered. It is refused or
 * unreachable only when every cell that was tried says the same; a denial that
 * does not say by which policy goes with those that do, since some services
 * leave that out. `undefined`: nothing was tried, or the cells do not agree.
 *
 * @since 0.1.0
 */
export const ofCells = (cells: Iterable<CellResult>): RegionStanding | undefined => {
  const found = new Set<RegionStanding | "denied" | undefined>()
  for (const { calls, outcome, reason, resources } of cells) {
    if (outcome === "scanned" || resources > 0) return "enabled"
    // What does not exist there, and what was never begun, says nothing; time may run out before the first call.
    if (outcome === "unsupported" || outcome === "skipped" || (outcome === "timed-out" && calls === 0)) continue
    // A cell that ran out of time was slow; only a call that did says that nobody answers.
    const isSlow = outcome === "timed-out" && !isCall.test(reason?.operation ?? "")
    const standing = reason === undefined || isSlow ? undefined : ofError(reason.error, reason.message)
    if (standing === "enabled") return "enabled"
    found.add(standing === "iam-denied" && !otherPolicy.test(reason?.message ?? "") ? "denied" : standing)
  }
  if (found.delete("denied") && !found.has("scp-denied")) found.add("iam-denied")
  const [standing] = found
  return found.size === 1 && standing !== "denied" ? standing : undefined
}

/** `ec2:DescribeInstances`, not `scan ec2:instance`. */
const isCall = /^[\w.-]+:[A-Z]/u

/** The kinds of policies, other than service control policies, that AWS names in a denial. */
const otherPolicy =
  /identity-based|resource-based|permissions boundary|session policy|vpc endpoint policy|resource control/iu

/**
 * How the Regions of many cells stand, by account and Region; those of which
 * nothing can be told are left out.
 *
 * @since 0.1.0
 */
export const byRegion = (cells: Iterable<CellResult>): ReadonlyArray<{
  readonly accountId: AccountId
  readonly region: RegionId
  readonly standing: RegionStanding
}> => {
  const groups = new Map<string, {
    readonly accountId: AccountId
    readonly region: RegionId
    readonly cells: Array<CellResult>
  }>()
  for (const cell of cells) {
    const { accountId, region } = cell
    if (region === "global") continue
    const key = `${accountId}/${region}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { accountId, region, cells: [cell] })
    else group.cells.push(cell)
  }
  return [...groups]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .flatMap(([, { accountId, cells, region }]) => {
      const standing = ofCells(cells)
      return standing === undefined ? [] : [{ accountId, region, standing }]
    })
}
