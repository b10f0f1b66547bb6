/**
 * A simulated bill as files, of the same ledger that Cost Explorer tells of.
 *
 * @since 0.1.0
 */
import { createWriteStream } from "node:fs"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Estate } from "./Estate.ts"
import { currencyOf, dayOf, days, type LedgerLine, ledgerOf, shownSince, textOf } from "./Ledger.ts"

/**
 * Days of a bill: from `start` on, without `end`.
 *
 * @since 0.1.0
 */
export interface BillPeriod {
  readonly start: string
  readonly end: string
}

/** A day of a line. */
interface Entry {
  readonly line: LedgerLine
  readonly day: number
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
  readonly currency: string
}

/** Every day of every line of all accounts. */
function* entries(estate: Estate, { end, start }: BillPeriod): Generator<Entry> {
  const shown = shownSince(estate.costs)
  for (const accountId of estate.accounts) {
    const currency = currencyOf(estate, accountId)
    for (const line of ledgerOf(estate, accountId)) {
      for (const day of days(line, dayOf(start), dayOf(end))) {
        const tags = Object.entries(line.tags).filter(([key]) => (shown.get(key) ?? Number.POSITIVE_INFINITY) <= day)
        yield { line, day, tags, currency }
      }
    }
  }
}

const decimal = (micros: bigint): string => {
  const size = micros < 0n ? -micros : micros
  return `${micros < 0n ? "-" : ""}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, "0")}0000`
}

const time = (day: number): string => `${textOf(day)}T00:00:00Z`

type Column = readonly [name: string, value: (entry: Entry) => string]

const focusCategory = ({ kind }: LedgerLine): string =>
  kind === "Tax" ? "Tax" : kind === "Credit" ? "Credit" : kind === "Refund" ? "Adjustment" : kind === "Support" ? "Purchase" : "Usage"

/** Source: FOCUS specification 1.2. */
const focusColumns: ReadonlyArray<Column> = [
  ["BilledCost", ({ line }) => decimal(line.unblended)],
  ["BillingAccountId", ({ line }) => line.accountId],
  ["BillingCurrency", ({ currency }) => currency],
  ["BillingPeriodStart", ({ day }) => `${textOf(day).slice(0, 7)}-01T00:00:00Z`],
  ["ChargeCategory", ({ line }) => focusCategory(line)],
  ["ChargePeriodEnd", ({ day }) => time(day + 1)],
  ["ChargePeriodStart", ({ day }) => time(day)],
  ["CommitmentDiscountId", ({ line }) => line.kind.startsWith("SavingsPlan") ? "arn:aws:savingsplans::1:savingsplan/1" : ""],
  [
    "CommitmentDiscountStatus",
    ({ line }) => line.kind === "SavingsPlanRecurringFee" ? "Unused" : line.kind === "SavingsPlanCoveredUsage" ? "Used" : ""
  ],
  ["EffectiveCost", ({ line }) => decimal(line.amortized)],
  ["PublisherName", ({ line }) => line.marketplace === true ? "Exemplary Vendor" : "AWS"],
  ["RegionId", ({ line }) => line.region === "global" ? "" : line.region],
  ["ResourceId", ({ line }) => line.resourceId ?? ""],
  ["ServiceName", ({ line }) => line.service[1]],
  ["SubAccountId", ({ line }) => line.accountId],
  ["Tags", ({ tags }) => JSON.stringify(Object.fromEntries(tags))],
  ["x_UsageType", ({ line }) => line.usageType]
]

/** Source: AWS Data Exports User Guide, CUR 2.0 columns. */
const curColumns: ReadonlyArray<Column> = [
  ["bill_billing_entity", ({ line }) => line.marketplace === true ? "AWS Marketplace" : "AWS"],
  ["bill_payer_account_id", ({ line }) => line.accountId],
  ["line_item_currency_code", ({ currency }) => currency],
  ["line_item_line_item_type", ({ line }) => line.kind === "Support" ? "Usage" : line.kind],
  ["line_item_product_code", ({ line }) => line.service[2]],
  ["line_item_resource_id", ({ line }) => line.resourceId ?? ""],
  // On demand, what a savings plan covers is dearer; a second line takes that off again.
  [
    "line_item_unblended_cost",
    ({ line }) => decimal(line.kind === "SavingsPlanCoveredUsage" ? line.amortized * 7n / 5n : line.unblended)
  ],
  ["line_item_usage_account_id", ({ line }) => line.accountId],
  ["line_item_usage_start_date", ({ day }) => time(day)],
  ["line_item_usage_type", ({ line }) => line.usageType],
  ["product_region_code", ({ line }) => line.region === "global" ? "" : line.region],
  ["reservation_effective_cost", () => "0.0"],
  ["resource_tags", ({ tags }) => JSON.stringify(Object.fromEntries(tags.map(([key, value]) => [userKey(key), value])))],
  [
    "savings_plan_savings_plan_effective_cost",
    ({ line }) => line.kind === "SavingsPlanCoveredUsage" ? decimal(line.amortized) : ""
  ],
  [
    "savings_plan_total_commitment_to_date",
    ({ line }) => line.kind === "SavingsPlanRecurringFee" ? decimal(line.unblended) : ""
  ],
  [
    "savings_plan_used_commitment",
    ({ line }) => line.kind === "SavingsPlanRecurringFee" ? decimal(line.unblended - line.amortized) : ""
  ]
]

/** What exports make of a tag's key. */
const userKey = (key: string): string =>
  `user_${key.replaceAll(/([a-z0-9])([A-Z])/gu, "$1_$2").toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_")}`

const field = (text: string): string => /[",\n\r]/u.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

function* rows(columns: ReadonlyArray<Column>, all: Iterable<Entry>): Generator<string> {
  yield `${columns.map(([name]) => name).join(",")}\n`
  for (const entry of all) yield `${columns.map(([, value]) => field(value(entry))).join(",")}\n`
}

/** What a savings plan takes off again has a line of its own in CUR. */
function* withNegations(all: Iterable<Entry>): Generator<Entry> {
  for (const entry of all) {
    yield entry
    if (entry.line.kind !== "SavingsPlanCoveredUsage") continue
    yield { ...entry, line: { ...entry.line, kind: "SavingsPlanNegation" as "Usage", unblended: -(entry.line.amortized * 7n / 5n) } }
  }
}

/**
 * Writes the bill of all accounts as a FOCUS 1.2 file (CSV).
 *
 * @since 0.1.0
 */
export const writeFocus = (estate: Estate, path: string, period: BillPeriod): Promise<void> =>
  pipeline(Readable.from(rows(focusColumns, entries(estate, period))), createWriteStream(path, { mode: 0o600 }))

/**
 * Writes the bill of all accounts as a CUR 2.0 file (CSV).
 *
 * @since 0.1.0
 */
export const writeCur = (estate: Estate, path: string, period: BillPeriod): Promise<void> =>
  pipeline(Readable.from(rows(curColumns, withNegations(entries(estate, period)))), createWriteStream(path, { mode: 0o600 }))
