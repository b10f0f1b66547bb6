/** @since 0.1.0 */
import * as Effect from "effect/Effect"
import * as CoverageAnswer from "../CoverageAnswer.ts"
import { LastScan, lastCoverageUri } from "../LastScan.ts"
import { make } from "../Resource.ts"

/** What could not be seen is most of it: as much of that as an answer may hold. */
const unseenBytes = 60_000

/**
 * What the last scan of this server could see, and what it could not.
 *
 * @category resources
 * @since 0.1.0
 */
export const lastCoverage = make({
  uri: lastCoverageUri,
  name: "coverage-of-last-scan",
  title: "Coverage of the last scan",
  description: "What the last scan of this server could see and what it could not, and why. It changes with each scan.",
  mimeType: "application/json",
  read: Effect.fn("cadastre://coverage/last")(function*({ uri }) {
    const seen = yield* (yield* LastScan).get
    const answer = seen === undefined
      ? { scanned: false, note: "This server has scanned nothing yet: nothing is known. check_tag_compliance scans." }
      : {
        scanned: true,
        scan_timestamp: seen.scannedAt,
        account_ids: seen.accountIds,
        policy_hash: seen.policyHash,
        coverage: CoverageAnswer.make(seen.coverage, unseenBytes)
      }
    return [{ uri, mimeType: "application/json", text: JSON.stringify(answer) }]
  })
})
