/**
 * How the list of Regions was come by.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * - `status`: `complete` when AWS's first answer was used, else `fallback`
 * - `source`: what answered; `other accounts` where an account's own list is unknown and the Regions of
 *   the others are taken for it
 * - `exhaustive`: whether the list holds every enabled Region. Where it is `false` the scan may
 *   have missed whole Regions and is never called complete
 * - `reason`: why the first source was not used
 *
 * @since 0.1.0
 */
export const Discovery = Schema.Struct({
  status: Schema.Literals(["complete", "fallback"]),
  source: Schema.Literals([
    "ec2:DescribeRegions",
    "account:ListRegions",
    "ec2:DescribeRegions in another Region",
    "cache",
    "other accounts",
    "default Region",
    "request"
  ]),
  exhaustive: Schema.Boolean,
  reason: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type Discovery = typeof Discovery.Type
