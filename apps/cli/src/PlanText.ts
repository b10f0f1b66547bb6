/** A plan as people read it. */
import type { AccountId, Cell, CellReason, Discovery, Location, Partition } from "@cadastre/model"
import { CostText, Untrusted } from "@cadastre/report"
import type { IamPolicy, ScanEstimate } from "@cadastre/scanner-core"

/**
 * What a scan will do, and what it is expected to cost.
 *
 * - `problems`: accounts that cannot be entered, and why; no call is made there
 * - `costs`: where costs were asked for, what asking is expected to cost, and what it may cost at most
 * - `policy`: for the credentials in use; more than one document where one would be larger than IAM allows
 * - `rolePolicy`: for the role by which other accounts are entered
 */
export interface PlanOutline {
  readonly offline: boolean
  readonly partition: Partition.Partition
  readonly accountIds: ReadonlyArray<AccountId>
  readonly problems: ReadonlyArray<{ readonly accountId: AccountId; readonly problem: CellReason }>
  readonly regions: ReadonlyArray<Location>
  readonly discovery: Discovery
  readonly types: ReadonlyArray<string>
  readonly cells: ReadonlyArray<Cell>
  readonly estimate: ScanEstimate.ScanEstimate
  readonly costs?: CostPlan
  readonly policy: ReadonlyArray<IamPolicy.PolicyDocument>
  readonly rolePolicy?: ReadonlyArray<IamPolicy.PolicyDocument>
}

/**
 * What asking for costs will take.
 *
 * - `source`: `files`, which are read, or `cost-explorer`, whose pages cost money
 * - `calls`, `usd`: paid ones, at list price; `withinBudget`: whether all of them will be made
 */
export interface CostPlan {
  readonly source: "files" | "cost-explorer"
  readonly calls: number
  readonly usd: number
  readonly budgetUsd: number
  readonly withinBudget: boolean
}

/** The plan as lines: what, how much, how long, and what must be allowed. */
export const render = (outline: PlanOutline): string => {
  const { accountIds, cells, costs, discovery, estimate, policy, problems, regions, rolePolicy, types } = outline
  const counted = [count(types.length, "type"), "in", `${count(regions.length, "Region")},`, count(cells.length, "cell")]
  const lines = [
    `A scan of ${accountsOf(accountIds)}: ${counted.join(" ")}`,
    ...(discovery.exhaustive ? [] : [`Not all Regions are known: the list comes from ${discovery.source}`]),
    ...problems.map(({ accountId, problem }) =>
      `Account ${accountId} cannot be entered: ${problem.error}: ${Untrusted.visible(problem.message)}`
    ),
    "",
    `Calls  ${estimate.calls}, ${basis(estimate)}`,
    `Time   about ${duration(estimate.seconds)}, decided by ${
      estimate.boundBy === "latency" ? "how long AWS takes to answer" : "AWS's rate limits"
    }`,
    `Money  ${dollars(estimate.usd)}`,
    ...(costs === undefined ? [] : [`Costs  ${costsOf(costs)}`]),
    "",
    ...actionTable(estimate),
    "",
    ...policyLines(rolePolicy === undefined ? "IAM policy" : "IAM policy of the credentials in use", policy),
    ...(rolePolicy === undefined
      ? []
      : ["", ...policyLines("IAM policy of the role in the other accounts", rolePolicy)])
  ]
  return `${lines.join("\n")}\n`
}

const accountsOf = (ids: ReadonlyArray<string>): string =>
  ids.length > 3 ? `${ids.length} accounts` : `${ids.length === 1 ? "account" : "accounts"} ${ids.join(", ")}`

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`

const basis = ({ cells, counted }: ScanEstimate.ScanEstimate): string =>
  counted === 0
    ? "taking each cell for one page: no earlier scan is known"
    : counted === cells
    ? "as many as the last scan made"
    : `as many as the last scan made in ${counted} cells, and a page each for the ${cells - counted} others`

/** Never more exact than it is. */
const duration = (seconds: number): string =>
  seconds < 1 ? "1 s" : seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`

const dollars = (usd: number): string =>
  usd === 0
    ? "nothing"
    : usd < 0.01
    ? `less than 0.01 USD (${usd.toFixed(6)} USD, list price)`
    : `${CostText.amount(usd, "USD")} (list price)`

const costsOf = ({ budgetUsd, calls, source, usd, withinBudget }: CostPlan): string =>
  source === "files"
    ? "from the files of the bill: Cost Explorer is not asked"
    : `${dollars(usd)} for ${count(calls, "page")} of Cost Explorer or more, and never more than ${CostText.amount(budgetUsd, "USD")} ` +
      `(COST_EXPLORER_BUDGET_USD)${withinBudget ? "" : ": too little, so the cost of some accounts will be unknown"}`

const actionTable = ({ byAction }: ScanEstimate.ScanEstimate): ReadonlyArray<string> => {
  const rows = [["IAM action", "Calls"], ...byAction.map(({ action, calls }) => [action, String(calls)])]
  const width = Math.max(...rows.map(([action = ""]) => action.length))
  const digits = Math.max(...rows.map(([, calls = ""]) => calls.length))
  return rows.map(([action = "", calls = ""]) => `${action.padEnd(width)}  ${calls.padStart(digits)}`)
}

const policyLines = (title: string, documents: ReadonlyArray<IamPolicy.PolicyDocument>): ReadonlyArray<string> =>
  documents.flatMap((document, at) => [
    documents.length === 1 ? title : `${title}, ${at + 1} of ${documents.length}: attach all`,
    JSON.stringify(document, null, 2)
  ])
