/** @since 0.1.0 */
import * as Schema from "effect/Schema"

/**
 * A 12-digit AWS account id.
 *
 * @since 0.1.0
 */
export const AccountId = Schema.String.check(Schema.isPattern(/^[0-9]{12}$/u)).pipe(Schema.brand("AccountId"))
/** @since 0.1.0 */
export type AccountId = typeof AccountId.Type
