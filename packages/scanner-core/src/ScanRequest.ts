/** @since 0.1.0 */
import type { SweptSource, TagFilter } from "@cadastre/model"

/**
 * What to scan, and how.
 *
 * - `types`: resource types, `service:*`, aliases, or `all` (also when absent)
 * - `regions`: Region codes and wildcards; `!` before one leaves it out; all enabled ones when absent
 * - `accounts`: ids and names of the estate's accounts, with wildcards; `!` before one leaves it out; all when absent
 * - `sources`: who is asked besides the services: what they list is joined by ARN with what the services list, and
 *   types that no scanner is for are found through them
 * - `tags`: only resources with all of these tags. The tagging API is asked for them first; where it lists none of a
 *   type that it knows, the service is not called
 * - `explorerView`: the ARN of the view of Resource Explorer to read in the account that it is of; elsewhere, and by
 *   default, the default view
 * - `mode`: `"full"` by default; `"quick"` leaves out the calls that only add attributes;
 *   `"incremental"` uses the cells of earlier scans that are young enough and that no change is known of
 * - `maxAgeSeconds`: how old such a cell may be, a day by default
 * - `resume`: goes on with the last scan of the same request that did not see everything
 * - `timeoutSeconds`: how long the whole scan may take; what has not been seen by then ends as `timed-out`
 * - `seed`: decides the order of work, 0 by default; the result does not depend on it
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanRequest {
  readonly types?: ReadonlyArray<string>
  readonly regions?: ReadonlyArray<string>
  readonly accounts?: ReadonlyArray<string>
  readonly sources?: ReadonlyArray<SweptSource>
  readonly tags?: ReadonlyArray<TagFilter.TagFilter>
  readonly explorerView?: string
  readonly mode?: ScanMode
  readonly maxAgeSeconds?: number
  readonly resume?: boolean
  readonly timeoutSeconds?: number
  readonly seed?: number
}

/** @since 0.1.0 */
export type ScanMode = "full" | "quick" | "incremental"
