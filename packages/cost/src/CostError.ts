/**
 * Why the cost is not known.
 *
 * @since 0.1.0
 */
import { AwsError } from "@cadastre/model"
import * as Schema from "effect/Schema"

/** The next call would cost more than is left of the budget. @since 0.1.0 */
export class BudgetSpent extends Schema.TaggedError<BudgetSpent>()("BudgetSpent", {
  budgetUsd: Schema.Finite,
  spentUsd: Schema.Finite,
  priceUsd: Schema.Finite
}) {
  override get message(): string {
    return `the budget of ${this.budgetUsd} USD for paid calls is spent (${this.spentUsd} USD, the next call costs ` +
      `${this.priceUsd} USD): raise COST_EXPLORER_BUDGET_USD to go on`
  }
}

/** AWS refused or failed. @since 0.1.0 */
export class CallFailed extends Schema.TaggedError<CallFailed>()("CallFailed", { error: AwsError }) {
  override get message(): string {
    const { operation, reason } = this.error
    return `${operation} ${reason._tag === "AccessDenied" ? "is denied" : "failed"}: ${reason.message}`
  }
}

/** The source cannot tell what was asked for. @since 0.1.0 */
export class NotAvailable extends Schema.TaggedError<NotAvailable>()("NotAvailable", { message: Schema.String }) {}

/** A file cannot be read as what it should be. @since 0.1.0 */
export class BadFile extends Schema.TaggedError<BadFile>()("BadFile", {
  file: Schema.String,
  column: Schema.optionalKey(Schema.String),
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}${this.column === undefined ? "" : `, column ${this.column}`}: ${this.problem}`
  }
}

/** Files are read with DuckDB, which is not installed. @since 0.1.0 */
export class NoDuckDb extends Schema.TaggedError<NoDuckDb>()("NoDuckDb", {}) {
  override get message(): string {
    return "billing files are read with DuckDB: install the package @duckdb/node-api"
  }
}

/**
 * The cost is not known, which is not the same as none. `source` is `none` where nobody could be asked.
 *
 * @category errors
 * @since 0.1.0
 */
export class CostError extends Schema.TaggedError<CostError>()("CostError", {
  source: Schema.Literals(["focus", "cur", "cost-explorer-resources", "cost-explorer-services", "none"]),
  reason: Schema.Union([BudgetSpent, CallFailed, NotAvailable, BadFile, NoDuckDb])
}) {
  override get message(): string {
    return `Cost unknown${this.source === "none" ? "" : ` (${this.source})`}: ${this.reason.message}`
  }
}
