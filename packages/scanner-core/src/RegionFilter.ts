/** @since 0.1.0 */
import type { Location } from "@cadastre/model"
import * as Context from "effect/Context"

/**
 * Which places the current scan wants resources from; all by default. A scan of
 * some Regions lists S3 buckets, which are listed all at once, but keeps only
 * those that live in one of its Regions, and asks no other Region for their tags.
 *
 * @category services
 * @since 0.1.0
 */
export class RegionFilter extends Context.Reference<(region: Location) => boolean>(
  "@cadastre/scanner-core/RegionFilter",
  { defaultValue: () => () => true }
) {}
