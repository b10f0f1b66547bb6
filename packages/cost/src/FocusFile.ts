/**
 * Bills in FOCUS, the FinOps Open Cost and Usage Specification.
 *
 * @since 0.1.0
 */
import * as BillingFile from "./BillingFile.ts"
import { dataTransferUsage, untaggableServices } from "./ChargeKind.ts"
import type { Source } from "./CostSource.ts"

/**
 * - `cost`: `effective`, what was paid in advance spread over the days that use it (default), or `billed`, as invoiced
 *
 * @category models
 * @since 0.1.0
 */
export interface FocusOptions extends BillingFile.BillingFiles {
  readonly cost?: "effective" | "billed"
}

/**
 * Files of FOCUS 1.0, 1.1 or 1.2 as AWS exports them: exact cost of each resource, tags as the bill shows them. Columns
 * that are not needed may be missing.
 *
 * Fails with `BadFile`, naming file and column, for what is no such file or has an amount or time that is none.
 *
 * Source: FOCUS specification 1.2, columns.
 *
 * @category constructors
 * @since 0.1.0
 */
export const focusFile = (options: FocusOptions): Source => {
  const cost = options.cost === "billed" ? "BilledCost" : "EffectiveCost"
  return BillingFile.make({
    name: "focus",
    required: [
      [cost],
      ["ChargePeriodStart"],
      ["ChargeCategory"],
      ["ServiceName"],
      ["ResourceId"],
      ["RegionId"],
      ["SubAccountId", "BillingAccountId"],
      ["BillingCurrency"]
    ],
    time: "ChargePeriodStart",
    amounts: [cost],
    words: [
      "SubAccountId",
      "BillingAccountId",
      "RegionId",
      "ServiceName",
      "ResourceId",
      "BillingCurrency",
      "ChargeCategory",
      "ChargeClass",
      "CommitmentDiscountStatus",
      "CommitmentDiscountId",
      "PublisherName",
      "x_UsageType"
    ],
    account: (column) => accountSql([column("SubAccountId"), column("BillingAccountId")]),
    region: (column) => column("RegionId")!,
    service: (column) => column("ServiceName")!,
    resource: (column) => column("ResourceId")!,
    currency: (column) => column("BillingCurrency")!,
    kind: (column) => {
      const is = (name: string, value: string) => {
        const found = column(name)
        return found === undefined ? "FALSE" : `LOWER(${found}) = '${value.toLowerCase()}'`
      }
      const has = (name: string) => {
        const found = column(name)
        return found === undefined ? "FALSE" : `COALESCE(${found}, '') <> ''`
      }
      const publisher = column("PublisherName")
      const usage = column("x_UsageType")
      return `CASE
        WHEN ${is("ChargeCategory", "Tax")} THEN 'tax'
        WHEN ${is("ChargeCategory", "Credit")} THEN 'credit'
        WHEN ${is("ChargeCategory", "Adjustment")} OR ${is("ChargeClass", "Correction")} AND "a_${cost}" < 0 THEN 'refund'
        WHEN ${is("CommitmentDiscountStatus", "Unused")} THEN 'commitment-fee'
        WHEN ${is("ChargeCategory", "Purchase")} AND ${has("CommitmentDiscountId")} THEN 'commitment-fee'
        ${publisher === undefined
          ? ""
          : `WHEN COALESCE(${publisher}, '') <> '' AND NOT regexp_matches(${publisher}, '^(AWS|Amazon)', 'i') THEN 'marketplace'`}
        ${serviceCases(column("ServiceName")!)}
        WHEN ${is("ChargeCategory", "Purchase")} THEN 'fee'
        ${usage === undefined ? "" : `WHEN regexp_matches(COALESCE(${usage}, ''), '${dataTransferUsage}') THEN 'data-transfer'`}
        ELSE 'usage' END`
    },
    amount: () => `"a_${cost}"`,
    tags: "Tags"
  }, options)
}

/** The first column that says an account: twelve digits, also where a file has lost the zeros before them. */
export const accountSql = (columns: ReadonlyArray<string | undefined>): string => {
  const said = columns.flatMap((column) => column === undefined ? [] : [`NULLIF(CAST(${column} AS VARCHAR), '')`])
  const first = `COALESCE(${said.join(", ")}, '')`
  return `CASE WHEN regexp_full_match(${first}, '[0-9]{1,12}') THEN lpad(${first}, 12, '0') ELSE ${first} END`
}

/** Services that are none, by name. */
export const serviceCases = (service: string): string =>
  untaggableServices.map(([{ source }, kind]) => `WHEN regexp_matches(${service}, '${source}', 'i') THEN '${kind}'`).join("\n")
