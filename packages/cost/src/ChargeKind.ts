/**
 * What kind of charge a line of a bill is, and which kinds no tag can ever be put on.
 *
 * @since 0.1.0
 */

/**
 * - `usage`: of a service, whether by a resource or not
 * - `data-transfer`: usage that is traffic
 * - `tax`, `support`
 * - `marketplace`: sold by others through AWS
 * - `commitment-fee`: of reservations and savings plans: what was committed and not used
 * - `fee`: other purchases, such as a domain's registration
 * - `credit`, `refund`: what AWS gives back; it is told apart and never makes other spend smaller
 *
 * @category models
 * @since 0.1.0
 */
export type ChargeKind =
  | "usage"
  | "data-transfer"
  | "tax"
  | "support"
  | "marketplace"
  | "commitment-fee"
  | "fee"
  | "credit"
  | "refund"

/**
 * Why money cannot be put down to a tagged resource: its kind, or that the bill names no resource for it.
 *
 * @category models
 * @since 0.1.0
 */
export type Untaggable = "tax" | "support" | "marketplace" | "data-transfer" | "commitment-fee" | "fee" | "no-resource" |
  "untaggable-type"

/**
 * The kinds that nobody can tag, whatever the line says besides.
 *
 * @category data
 * @since 0.1.0
 */
export const neverTaggable: ReadonlySet<ChargeKind> = new Set(["tax", "support", "marketplace", "commitment-fee", "fee"])

/**
 * Services of a bill that are none: by their whole name, in Cost Explorer, in FOCUS and as product code of CUR.
 * Sources: Cost Explorer's `SERVICE` dimension, CUR's `line_item_product_code`.
 *
 * @category data
 * @since 0.1.0
 */
export const untaggableServices: ReadonlyArray<readonly [pattern: RegExp, kind: ChargeKind]> = [
  [/^tax$/iu, "tax"],
  [/^(?:aws|amazon) (?:premium )?support\b|^awssupport|^aws enterprise (?:on-ramp|support)/iu, "support"],
  [/savings plans?\b|^(?:compute|machinelearning|database)savingsplans$/iu, "commitment-fee"],
  [/^aws data ?transfer$/iu, "data-transfer"],
  [/\bmarketplace\b|^awsmarketplace/iu, "marketplace"],
  [/^amazon registrar$|^amazonregistrar$/iu, "fee"]
]

/**
 * CUR's `line_item_line_item_type`, and what each is. Types that are not here are usage.
 * Source: AWS Data Exports User Guide, "Line item columns".
 *
 * @category data
 * @since 0.1.0
 */
export const lineItemTypes: ReadonlyArray<readonly [type: string, kind: ChargeKind]> = [
  ["Tax", "tax"],
  ["Credit", "credit"],
  ["Refund", "refund"],
  ["Fee", "fee"],
  ["RIFee", "commitment-fee"],
  ["SavingsPlanUpfrontFee", "commitment-fee"],
  ["SavingsPlanRecurringFee", "commitment-fee"]
]

/**
 * Usage types that are traffic, as a regular expression that DuckDB and JavaScript read alike:
 * `USE1-DataTransfer-Out-Bytes`, `EUW1-USE1-AWS-Out-Bytes`, `DataTransfer-Regional-Bytes`.
 *
 * @category data
 * @since 0.1.0
 */
export const dataTransferUsage = "DataTransfer|-AWS-(In|Out)-Bytes|-Out-Bytes$|-In-Bytes$|CloudFront-(In|Out)-Bytes"

/**
 * The kind that a service's name alone tells.
 *
 * @since 0.1.0
 */
export const kindOfService = (service: string): ChargeKind =>
  untaggableServices.find(([pattern]) => pattern.test(service))?.[1] ?? "usage"
