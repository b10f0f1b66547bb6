/**
 * Bills in AWS's own form, the Cost and Usage Report 2.0.
 *
 * @since 0.1.0
 */
import * as BillingFile from "./BillingFile.ts"
import { dataTransferUsage, lineItemTypes } from "./ChargeKind.ts"
import type { Source } from "./CostSource.ts"
import { accountSql, serviceCases } from "./FocusFile.ts"

/**
 * - `cost`: `amortized`, what was paid in advance spread over the days that use it (default), or `unblended`
 *
 * @category models
 * @since 0.1.0
 */
export interface CurOptions extends BillingFile.BillingFiles {
  readonly cost?: "amortized" | "unblended"
}

/** Columns that amortised cost is made of, besides the unblended one; absent ones count as nothing. */
const commitments = [
  "savings_plan_savings_plan_effective_cost",
  "savings_plan_total_commitment_to_date",
  "savings_plan_used_commitment",
  "reservation_effective_cost",
  "reservation_unused_amortized_upfront_fee_for_billing_period",
  "reservation_unused_recurring_fee"
] as const

/**
 * Files of a CUR 2.0 export with resource ids: exact cost of each resource, tags as the bill shows them. Columns that
 * are not needed may be missing; without those of reservations and savings plans all lines count as they were invoiced.
 *
 * Fails with `BadFile`, naming file and column, for what is no such file or has an amount or time that is none.
 *
 * Source: AWS Data Exports User Guide, CUR 2.0 columns, and what it says of amortised cost.
 *
 * @category constructors
 * @since 0.1.0
 */
export const curFile = (options: CurOptions): Source =>
  BillingFile.make({
    name: "cur",
    required: [
      ["line_item_unblended_cost"],
      ["line_item_usage_start_date"],
      ["line_item_line_item_type"],
      ["line_item_product_code"],
      ["line_item_resource_id"],
      ["line_item_usage_account_id"],
      ["line_item_currency_code"]
    ],
    time: "line_item_usage_start_date",
    amounts: ["line_item_unblended_cost", ...(options.cost === "unblended" ? [] : commitments)],
    words: [
      "line_item_usage_account_id",
      "product_region_code",
      "product_region",
      "line_item_product_code",
      "line_item_resource_id",
      "line_item_currency_code",
      "line_item_line_item_type",
      "bill_billing_entity",
      "line_item_usage_type"
    ],
    account: (column) => accountSql([column("line_item_usage_account_id")]),
    region: (column) => column("product_region_code") ?? column("product_region") ?? "''",
    service: (column) => column("line_item_product_code")!,
    resource: (column) => column("line_item_resource_id")!,
    currency: (column) => column("line_item_currency_code")!,
    kind: (column) => {
      const type = column("line_item_line_item_type")!
      const entity = column("bill_billing_entity")
      const usage = column("line_item_usage_type")
      return `CASE
        ${lineItemTypes.map(([name, kind]) => `WHEN ${type} = '${name}' THEN '${kind}'`).join("\n")}
        ${entity === undefined ? "" : `WHEN ${entity} = 'AWS Marketplace' THEN 'marketplace'`}
        ${serviceCases(column("line_item_product_code")!)}
        ${usage === undefined ? "" : `WHEN regexp_matches(COALESCE(${usage}, ''), '${dataTransferUsage}') THEN 'data-transfer'`}
        ELSE 'usage' END`
    },
    amount: (column) => {
      const unblended = "\"a_line_item_unblended_cost\""
      if (options.cost === "unblended") return unblended
      const type = "CAST(\"w_line_item_line_item_type\" AS VARCHAR)"
      const a = (name: typeof commitments[number]) => column(name) === undefined ? undefined : `"a_${name}"`
      const cases = [
        ["SavingsPlanCoveredUsage", a("savings_plan_savings_plan_effective_cost")],
        ["SavingsPlanNegation", a("savings_plan_savings_plan_effective_cost") && "0"],
        ["SavingsPlanUpfrontFee", a("savings_plan_savings_plan_effective_cost") && "0"],
        [
          "SavingsPlanRecurringFee",
          both(a("savings_plan_total_commitment_to_date"), a("savings_plan_used_commitment"), "-")
        ],
        ["DiscountedUsage", a("reservation_effective_cost")],
        [
          "RIFee",
          both(
            a("reservation_unused_amortized_upfront_fee_for_billing_period"),
            a("reservation_unused_recurring_fee"),
            "+"
          )
        ]
      ] as const
      const known = cases.flatMap(([name, sql]) => sql === undefined ? [] : [`WHEN '${name}' THEN ${sql}`])
      return known.length === 0 ? unblended : `CASE ${type} ${known.join(" ")} ELSE ${unblended} END`
    },
    tags: "resource_tags"
  }, options)

const both = (a: string | undefined, b: string | undefined, sign: "+" | "-"): string | undefined =>
  a === undefined || b === undefined ? undefined : `${a} ${sign} ${b}`
