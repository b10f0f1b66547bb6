/**
 * Cost Explorer as a source of costs.
 *
 * @since 0.1.0
 */
import type { AwsError } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { kindOfService } from "./ChargeKind.ts"
import { type BudgetSpent, CallFailed, CostError, NotAvailable } from "./CostError.ts"
import { CostExplorer, malformed, type Metric, type Row } from "./CostExplorer.ts"
import { addDays, dayOf } from "./CostPeriod.ts"
import type { Source } from "./CostSource.ts"
import * as Money from "./Money.ts"
import type { KeyStanding, NotUsed, SourceName, Spend, SpendLine, SpendRequest, TagSpend } from "./Spend.ts"

/**
 * - `metric`: `AmortizedCost` by default
 * - `tagStandings`: whether to ask which tag keys are cost allocation tags: one more paid call an account (default true)
 *
 * @category models
 * @since 0.1.0
 */
export interface CostExplorerOptions {
  readonly metric?: Metric
  readonly tagStandings?: boolean
}

type AskedAccount = SpendRequest["accounts"][number]

/**
 * Spend by service and Region, one question an account whatever the number of its resources. What single resources
 * bear of it is estimated.
 *
 * @category constructors
 * @since 0.1.0
 */
export const byService = (options: CostExplorerOptions = {}): Effect.Effect<Source, never, CostExplorer> =>
  Effect.map(CostExplorer, (explorer) => source("cost-explorer-services", explorer, options, (account, request) =>
    linesOf(explorer, account, request, options)))

/**
 * - `services`: whose resources Cost Explorer is asked for, as it names them. Those that the account has not enabled are
 *   told by service and Region (default EC2's instances: of others AWS's API says nothing)
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceOptions extends CostExplorerOptions {
  readonly services?: ReadonlyArray<string>
}

/**
 * The same with the resources of some services by themselves: what the bill says of each. Only for accounts that have
 * enabled it, and for a period that begins at most 14 days ago; fails with `NotAvailable` for others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const byResource = (options: ResourceOptions = {}): Effect.Effect<Source, never, CostExplorer> =>
  Effect.map(CostExplorer, (explorer) => {
    const services = options.services ?? ["Amazon Elastic Compute Cloud - Compute"]
    const inner = source("cost-explorer-resources", explorer, options, Effect.fnUntraced(function*(account, request) {
      const lines: Array<SpendLine> = []
      for (const service of services) {
        const rows = yield* explorer.ask(account, {
          operation: "GetCostAndUsageWithResources",
          period: request.period,
          metric: options.metric ?? "AmortizedCost",
          groupBy: [{ Type: "DIMENSION", Key: "RESOURCE_ID" }, { Type: "DIMENSION", Key: "REGION" }],
          services: [service]
        })
        for (const row of rows) {
          const [resourceId = "", region = ""] = row.keys
          if (isNobody(resourceId)) continue
          const amount = yield* sumOf(row, account, "GetCostAndUsageWithResources")
          const { unit: currency } = row
          lines.push({ accountId: account.id, region: placeOf(region), service, resourceId, kind: "usage", amount, currency })
        }
      }
      return withResources(yield* linesOf(explorer, account, request, options), lines)
    }))
    return {
      name: inner.name,
      spend: Effect.fnUntraced(function*(request: SpendRequest) {
        const earliest = addDays(dayOf(yield* Clock.currentTimeMillis), -14)
        return request.period.start < earliest
          ? yield* new CostError({
            source: inner.name,
            reason: new NotAvailable({
              message: `Cost Explorer knows single resources from ${earliest} on, and the period begins on ` +
                request.period.start
            })
          })
          : yield* inner.spend(request)
      })
    }
  })

/** What the two have in common: accounts side by side, what fails told by account. */
const source = (
  name: SourceName,
  explorer: CostExplorer["Service"],
  options: CostExplorerOptions,
  read: (
    account: AskedAccount,
    request: SpendRequest
  ) => Effect.Effect<ReadonlyArray<SpendLine>, AwsError | BudgetSpent>
): Source => ({
  name,
  spend: Effect.fnUntraced(function*(request: SpendRequest) {
    const before = yield* explorer.paid
    const results = yield* Effect.forEach(
      request.accounts,
      (account) => Effect.result(read(account, request)),
      { concurrency: 5 }
    )
    const lines: Array<SpendLine> = []
    const unknownAccounts: Array<NotUsed> = []
    let last: AwsError | BudgetSpent | undefined
    for (const [at, result] of results.entries()) {
      if (result._tag === "Success") lines.push(...result.success)
      else {
        last = result.failure
        unknownAccounts.push({ source: name, accountId: request.accounts[at]!.id, reason: reasonOf(last).message })
      }
    }
    if (last !== undefined && unknownAccounts.length === request.accounts.length) {
      return yield* new CostError({ source: name, reason: reasonOf(last) })
    }
    const known = request.accounts.filter(({ id }) => unknownAccounts.every(({ accountId }) => accountId !== id))
    const { notes, standings } = yield* standingsOf(explorer, known, request, options)
    const tagged = request.byTag === undefined ? {} : yield* byTagOf(explorer, known, request, request.byTag, options)
    const after = yield* explorer.paid
    return {
      source: name,
      period: request.period,
      shares: true,
      lines,
      tagKeys: request.tagKeys ?? [],
      keyStandings: standings,
      ...(tagged.byTag === undefined ? {} : { byTag: tagged.byTag }),
      unknownAccounts,
      notUsed: [],
      notes: [...notes, ...tagged.note === undefined ? [] : [tagged.note]],
      paid: { calls: after.calls - before.calls, usd: Math.round((after.usd - before.usd) * 1e6) / 1e6 }
    } satisfies Spend
  })
})

/** What the bill shows under a tag's values. Of some of the accounts alone it would be taken for that of all. */
const byTagOf = Effect.fnUntraced(function*(
  explorer: CostExplorer["Service"],
  accounts: ReadonlyArray<AskedAccount>,
  { period }: SpendRequest,
  { regions, tagKey }: NonNullable<SpendRequest["byTag"]>,
  { metric = "AmortizedCost" }: CostExplorerOptions
): Effect.fn.Return<{ readonly byTag?: TagSpend; readonly note?: string }> {
  const lines: Array<TagSpend["lines"][number]> = []
  for (const account of accounts) {
    const answer = yield* Effect.result(Effect.gen(function*() {
      const rows = yield* explorer.ask(account, {
        operation: "GetCostAndUsage",
        period,
        metric,
        groupBy: [{ Type: "DIMENSION", Key: "SERVICE" }, { Type: "TAG", Key: tagKey }],
        ...(regions === undefined ? {} : { regions })
      })
      return yield* Effect.forEach(rows, (row) => Effect.map(sumOf(row, account, "GetCostAndUsage"), (amount) => ({ amount, row })))
    }))
    if (answer._tag === "Failure") {
      const { message } = reasonOf(answer.failure)
      return { note: `What the bill shows by ${tagKey} could not be asked in ${account.id}: ${message}` }
    }
    for (const { amount, row: { keys: [service = "", tag = ""], unit: currency } } of answer.success) {
      // `CostCenter$value`, and `CostCenter$` for what has no such tag.
      const value = tag.startsWith(`${tagKey}$`) ? tag.slice(tagKey.length + 1) : tag
      lines.push({ accountId: account.id, service, value: value === "" ? null : value, amount, currency })
    }
  }
  return { byTag: { tagKey, lines } }
})

/** Activation is the payer's, and the same for all of its accounts: whoever may be asked is asked. */
const standingsOf = Effect.fnUntraced(function*(
  explorer: CostExplorer["Service"],
  accounts: ReadonlyArray<AskedAccount>,
  { period, tagKeys = [] }: SpendRequest,
  { tagStandings = true }: CostExplorerOptions
) {
  const notes: Array<string> = []
  if (!tagStandings || tagKeys.length === 0) return { notes, standings: new Map<string, KeyStanding>() }
  for (const account of accounts) {
    const answer = yield* Effect.result(explorer.keyStandings(account, tagKeys, period))
    if (answer._tag === "Success") return { notes: [], standings: answer.success }
    notes.push(`Which tags are cost allocation tags could not be asked in ${account.id}: ${reasonOf(answer.failure).message}`)
    if (answer.failure._tag === "BudgetSpent") break
  }
  return { notes, standings: new Map<string, KeyStanding>() }
})

const linesOf = Effect.fnUntraced(function*(
  explorer: CostExplorer["Service"],
  account: AskedAccount,
  request: SpendRequest,
  { metric = "AmortizedCost" }: CostExplorerOptions
): Effect.fn.Return<ReadonlyArray<SpendLine>, AwsError | BudgetSpent> {
  const rows = yield* explorer.ask(account, {
    operation: "GetCostAndUsage",
    period: request.period,
    metric,
    groupBy: [{ Type: "DIMENSION", Key: "SERVICE" }, { Type: "DIMENSION", Key: "REGION" }]
  })
  const lines: Array<SpendLine> = []
  for (const row of rows) {
    const [service = "", region = ""] = row.keys
    const amount = yield* sumOf(row, account, "GetCostAndUsage")
    if (amount === 0n) continue
    const kind = kindOfService(service)
    lines.push({ accountId: account.id, region: placeOf(region), service, kind, amount, currency: row.unit })
  }
  return lines
})

/**
 * Puts the lines of resources in the place of as much of their service's spend. Where they come to more than it, the
 * two answers were given at different times: the resources' are taken, and nothing is left to share.
 */
const withResources = (
  services: ReadonlyArray<SpendLine>,
  resources: ReadonlyArray<SpendLine>
): ReadonlyArray<SpendLine> => {
  const place = ({ currency, region, service }: SpendLine) => `${currency} ${region} ${service}`
  const told = new Map<string, Money.Money>()
  for (const line of resources) told.set(place(line), (told.get(place(line)) ?? 0n) + line.amount)
  return [
    ...resources,
    ...services.flatMap((line) => {
      const left = line.amount - (told.get(place(line)) ?? 0n)
      return told.has(place(line)) && left <= 0n ? [] : [{ ...line, amount: left }]
    })
  ]
}

const sumOf = Effect.fnUntraced(function*(row: Row, account: AskedAccount, operation: string) {
  let sum = 0n
  for (const text of row.amounts) {
    const amount = Money.parse(text)
    if (amount === undefined) return yield* malformed(operation, account, `an amount is no number: ${text.slice(0, 40)}`)
    sum += amount
  }
  return sum
})

/** Cost Explorer's words for no Region. */
const placeOf = (region: string): string =>
  region === "" || region === "global" || region === "NoRegion" ? "global" : region

/** Cost Explorer's words for what no resource is named for. */
const isNobody = (resourceId: string): boolean => resourceId === "" || /^no ?resource ?id$/iu.test(resourceId)

const reasonOf = (failure: AwsError | BudgetSpent): BudgetSpent | CallFailed | NotAvailable =>
  failure._tag === "BudgetSpent"
    ? failure
    : failure.reason._tag === "Unexpected" && failure.reason.code.startsWith("DataUnavailable")
    ? new NotAvailable({ message: `Cost Explorer has no such data: ${failure.reason.message}` })
    : new CallFailed({ error: failure })
