/**
 * Region codes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An AWS Region code such as `eu-west-1`. Which Regions exist is asked of AWS,
 * never listed here: this checks the form alone.
 *
 * @since 0.1.0
 */
export const RegionId = Schema.String.check(
  Schema.isPattern(/^[a-z]{2,5}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$/u)
).pipe(Schema.brand("RegionId"))
/** @since 0.1.0 */
export type RegionId = typeof RegionId.Type

/**
 * Where a resource or a cell is: a Region, or `"global"` for types that have none.
 *
 * @since 0.1.0
 */
export const Location = Schema.Union([RegionId, Schema.Literal("global")])
/** @since 0.1.0 */
export type Location = typeof Location.Type
