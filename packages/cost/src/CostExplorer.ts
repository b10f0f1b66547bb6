/**
 * Questions to AWS Cost Explorer: each page costs $0.01.
 *
 * @since 0.1.0
 */
import type { Expression, Group, GroupDefinition, ResultByTime } from "@aws-sdk/client-cost-explorer"
import { type Account, Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { AwsError, Partition, priceOf, RegionId, Unexpected } from "@cadastre/model"
import * as Cache from "effect/Cache"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CostBudget } from "./CostBudget.ts"
import { CostCache } from "./CostCache.ts"
import type { BudgetSpent } from "./CostError.ts"
import type { CostPeriod } from "./CostPeriod.ts"
import type { KeyStanding, Paid, SpendRequest } from "./Spend.ts"

/**
 * Which cost is counted. `AmortizedCost` spreads what was paid in advance over the days that use it, as `EffectiveCost`
 * of FOCUS does; `UnblendedCost` is what the invoice says for each day.
 *
 * @category models
 * @since 0.1.0
 */
export type Metric = "AmortizedCost" | "UnblendedCost" | "NetAmortizedCost" | "NetUnblendedCost"

/** One group of an answer, summed over its days. */
const Row = Schema.Struct({
  keys: Schema.Array(Schema.String),
  /** Decimal numbers as AWS writes them: one for each day or month. */
  amounts: Schema.Array(Schema.String),
  unit: Schema.String
})

/** @since 0.1.0 */
export type Row = typeof Row.Type

const Rows = Schema.Array(Row)
const decodeRows = Schema.decodeUnknownOption(Schema.fromJsonString(Rows))

/** Whoever does not ask about money does not load the client either. */
const loaded = Effect.promise(() => import("@aws-sdk/client-cost-explorer"))

type AskedAccount = SpendRequest["accounts"][number]

/**
 * A question: everything but the account.
 *
 * - `groupBy`: at most two; a tag as `{ Type: "TAG", Key }`
 * - `services`, `regions`: only these
 *
 * @category models
 * @since 0.1.0
 */
export interface Question {
  readonly operation: "GetCostAndUsage" | "GetCostAndUsageWithResources"
  readonly period: CostPeriod
  readonly metric: Metric
  readonly groupBy: ReadonlyArray<GroupDefinition>
  readonly services?: ReadonlyArray<string>
  readonly regions?: ReadonlyArray<string>
}

/**
 * Cost Explorer, asked once for each question and account: answers are kept for eight hours, failures are not, and
 * whoever asks the same at the same time waits for one answer. All calls are within the {@link CostBudget}.
 *
 * @category services
 * @since 0.1.0
 */
export class CostExplorer extends Context.Service<CostExplorer, {
  /** The groups of all pages; without credits and refunds. */
  readonly ask: (account: AskedAccount, question: Question) => Effect.Effect<ReadonlyArray<Row>, AwsError | BudgetSpent>
  /** Whether tag keys are cost allocation tags. Those that AWS does not name are inactive. */
  readonly keyStandings: (
    account: AskedAccount,
    tagKeys: ReadonlyArray<string>,
    period: CostPeriod
  ) => Effect.Effect<ReadonlyMap<string, KeyStanding>, AwsError | BudgetSpent>
  /** What all questions have cost so far. */
  readonly paid: Effect.Effect<Paid>
}>()("@cadastre/cost/CostExplorer") {
  static readonly layerNoDeps = Layer.effect(
    CostExplorer,
    Effect.gen(function*() {
      const aws = yield* Aws.Aws
      const budget = yield* CostBudget
      const kept = yield* CostCache
      const pending = new Map<string, { readonly account: AskedAccount; readonly question: Question }>()

      const send = <A>(account: AskedAccount, operation: string, call: Effect.Effect<A, AwsError, Aws.Aws | CurrentAccount | CurrentRegion>) =>
        budget.pay(
          call.pipe(
            Effect.provideService(Aws.Aws, aws),
            Effect.provideService(CurrentAccount, account),
            Effect.provideService(CurrentRegion, endpointRegion(account.partition))
          ),
          "ce",
          operation
        )

      /** Every page, to the last. */
      const pages = Effect.fnUntraced(function*<P>(
        account: AskedAccount,
        operation: string,
        page: (token: string | undefined) => Effect.Effect<P, AwsError, Aws.Aws | CurrentAccount | CurrentRegion>,
        tokenOf: (page: P) => string | undefined
      ): Effect.fn.Return<ReadonlyArray<P>, AwsError | BudgetSpent> {
        const all: Array<P> = []
        for (let token: string | undefined;;) {
          const answer = yield* send(account, operation, page(token))
          all.push(answer)
          const next = tokenOf(answer)
          if (next === undefined || next === "") return all
          // Following it would never end, and would cost a cent each time.
          if (next === token) return yield* malformed(operation, account, "the answer leads to the same page again")
          token = next
        }
      })

      const fetch = Effect.fnUntraced(function*(
        account: AskedAccount,
        question: Question
      ): Effect.fn.Return<ReadonlyArray<Row>, AwsError | BudgetSpent> {
        const { groupBy, metric, operation, period, regions, services } = question
        const sdk = yield* loaded
        const input = {
          TimePeriod: { Start: period.start, End: period.end },
          // Resources come by the day; else a month is one sum, and the fewest pages.
          Granularity: operation === "GetCostAndUsage" ? "MONTHLY" as const : "DAILY" as const,
          Metrics: [metric],
          GroupBy: [...groupBy],
          Filter: filterOf(account.id, services, regions)
        }
        const answers: ReadonlyArray<{ readonly ResultsByTime?: Array<ResultByTime> | undefined }> =
          operation === "GetCostAndUsage"
            ? yield* pages(
              account,
              operation,
              (NextPageToken) => Aws.send(sdk.CostExplorerClient, new sdk.GetCostAndUsageCommand({ ...input, NextPageToken })),
              (page) => page.NextPageToken
            )
            : yield* pages(
              account,
              operation,
              (NextPageToken) =>
                Aws.send(sdk.CostExplorerClient, new sdk.GetCostAndUsageWithResourcesCommand({ ...input, NextPageToken })),
              (page) => page.NextPageToken
            )
        const rows = rowsOf(answers.flatMap(({ ResultsByTime = [] }) => ResultsByTime), metric)
        return typeof rows === "string" ? yield* malformed(operation, account, rows) : rows
      })

      const answers = yield* Cache.makeWith(
        Effect.fnUntraced(function*(key: string): Effect.fn.Return<ReadonlyArray<Row>, AwsError | BudgetSpent> {
          const { account, question } = pending.get(key)!
          const before = kept === undefined ? undefined : yield* kept.get(key)
          const known = before === undefined ? Option.none() : decodeRows(before)
          if (Option.isSome(known)) return known.value
          const rows = yield* fetch(account, question)
          if (kept !== undefined) yield* kept.set(key, JSON.stringify(rows))
          return rows
        }),
        { capacity: 1000, timeToLive: (exit) => Exit.isSuccess(exit) ? "8 hours" : 0 }
      )

      const ask = Effect.fn("CostExplorer.ask")((account: AskedAccount, question: Question) =>
        Effect.suspend(() => {
          const key = keyOf(account, question)
          pending.set(key, { account, question })
          return Cache.get(answers, key)
        })
      )

      const listed = yield* Cache.makeWith(
        Effect.fnUntraced(function*(key: string): Effect.fn.Return<ReadonlyMap<string, KeyStanding>, AwsError | BudgetSpent> {
          const { account, keys, period } = tagQuestions.get(key)!
          const sdk = yield* loaded
          const tags = (yield* pages(
            account,
            "ListCostAllocationTags",
            (NextToken) =>
              Aws.send(
                sdk.CostExplorerClient,
                new sdk.ListCostAllocationTagsCommand({ TagKeys: [...keys], Type: "UserDefined", MaxResults: 1000, NextToken })
              ),
            (page) => page.NextToken
          )).flatMap(({ CostAllocationTags = [] }) => CostAllocationTags)
          const active = new Map(
            tags.flatMap(({ LastUpdatedDate, Status, TagKey }) =>
              Status === "Active" && TagKey !== undefined ? [[TagKey, LastUpdatedDate?.slice(0, 10)] as const] : []
            )
          )
          const isLate = [...active.values()].some((since) => since !== undefined && since > period.start)
          const filled = isLate ? yield* filledFrom(account) : undefined
          return new Map(keys.map((key): readonly [string, KeyStanding] => {
            if (!active.has(key)) return [key, { status: "inactive" }]
            const since = active.get(key)
            if (since === undefined || since <= period.start) return [key, { status: "active" }]
            const shownFrom = filled !== undefined && filled.askedOn >= since && filled.from < since ? filled.from : since
            return [key, shownFrom <= period.start ? { status: "active" } : { status: "active", since: shownFrom }]
          }))
        }),
        { capacity: 1000, timeToLive: (exit) => Exit.isSuccess(exit) ? "8 hours" : 0 }
      )
      const tagQuestions = new Map<
        string,
        { readonly account: AskedAccount; readonly keys: ReadonlyArray<string>; readonly period: CostPeriod }
      >()

      /** How far back the tags that are active were filled in, by the request that reaches furthest. */
      const filledFrom = Effect.fnUntraced(function*(account: AskedAccount) {
        const sdk = yield* loaded
        const requests = (yield* pages(
          account,
          "ListCostAllocationTagBackfillHistory",
          (NextToken) =>
            Aws.send(
              sdk.CostExplorerClient,
              new sdk.ListCostAllocationTagBackfillHistoryCommand({ MaxResults: 1000, NextToken })
            ),
          (page) => page.NextToken
        )).flatMap(({ BackfillRequests = [] }) => BackfillRequests)
        const done = requests.flatMap(({ BackfillFrom, BackfillStatus, RequestedAt }) =>
          BackfillStatus === "SUCCEEDED" && BackfillFrom !== undefined && RequestedAt !== undefined
            ? [{ from: BackfillFrom.slice(0, 10), askedOn: RequestedAt.slice(0, 10) }]
            : []
        )
        return done.toSorted((a, b) => a.from < b.from ? -1 : 1)[0]
      })

      const keyStandings = Effect.fn("CostExplorer.keyStandings")(
        (account: AskedAccount, tagKeys: ReadonlyArray<string>, period: CostPeriod) =>
          Effect.suspend(() => {
            const keys = [...new Set(tagKeys)].toSorted()
            if (keys.length === 0) return Effect.succeed(new Map<string, KeyStanding>())
            const key = JSON.stringify([account.id, keys, period])
            tagQuestions.set(key, { account, keys, period })
            return Cache.get(listed, key)
          })
      )

      return CostExplorer.of({ ask, keyStandings, paid: budget.paid })
    })
  )

  static readonly layer = CostExplorer.layerNoDeps.pipe(Layer.provide(CostBudget.layer))
}

/**
 * What asking Cost Explorer about accounts is expected to cost: a page for each question, which is what up to some
 * hundred groups of services and Regions fit on. Which tags are cost allocation tags is asked once for all. Reads nothing.
 *
 * @since 0.1.0
 */
export const planned = (options: {
  readonly accounts: number
  readonly byResource?: boolean
  readonly tagKeys?: number
}): Paid => {
  const each = 1 + (options.byResource === true ? 1 : 0)
  const calls = options.accounts * each + (options.accounts > 0 && (options.tagKeys ?? 0) > 0 ? 1 : 0)
  return { calls, usd: Math.round(calls * priceOf("ce", "GetCostAndUsage") * 1e6) / 1e6 }
}

/** Where Cost Explorer is: one endpoint in each partition, which in China is not in the home Region. */
const endpointRegion = (partition: Account["partition"]): RegionId =>
  partition === "aws-cn" ? RegionId.make("cn-northwest-1") : Partition.homeRegion(partition)

const keyOf = ({ id }: AskedAccount, { groupBy, metric, operation, period, regions, services }: Question): string =>
  JSON.stringify([
    "ce-1",
    id,
    operation,
    metric,
    period.start,
    period.end,
    groupBy.map(({ Key, Type }) => [Type, Key]),
    services?.toSorted() ?? [],
    ...(regions === undefined ? [] : [regions.toSorted()])
  ])

/** Credits and refunds are left out: netted into a service they would hide what was spent. */
const filterOf = (
  accountId: string,
  services: ReadonlyArray<string> | undefined,
  regions: ReadonlyArray<string> | undefined
): Expression => ({
  And: [
    { Dimensions: { Key: "LINKED_ACCOUNT", Values: [accountId] } },
    { Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit", "Refund"] } } },
    ...(services === undefined ? [] : [{ Dimensions: { Key: "SERVICE" as const, Values: [...services] } }]),
    // What has no Region is of all of them.
    ...(regions === undefined ? [] : [{ Dimensions: { Key: "REGION" as const, Values: [...regions, "global", "NoRegion"] } }])
  ]
})

/** Groups of all days under their keys, or what is wrong with one. */
const rowsOf = (results: ReadonlyArray<ResultByTime>, metric: Metric): ReadonlyArray<Row> | string => {
  const rows = new Map<string, { readonly keys: ReadonlyArray<string>; readonly amounts: Array<string>; readonly unit: string }>()
  for (const { Groups = [] } of results) {
    for (const group of Groups) {
      const read = amountOf(group, metric)
      if (typeof read === "string") return read
      const { keys, text, unit } = read
      const key = JSON.stringify([unit, ...keys])
      const known = rows.get(key)
      if (known === undefined) rows.set(key, { keys, amounts: [text], unit })
      else known.amounts.push(text)
    }
  }
  return [...rows.values()]
}

const amountOf = ({ Keys = [], Metrics = {} }: Group, metric: Metric) => {
  const { Amount, Unit } = (Object.hasOwn(Metrics, metric) ? Metrics[metric] : undefined) ?? {}
  return Amount === undefined || Unit === undefined || Keys.length === 0
    ? `a group has no ${metric}`
    : { keys: Keys, text: Amount, unit: Unit }
}

/** An answer that is not what AWS's is: the cost is not known then. */
export const malformed = (operation: string, account: AskedAccount, message: string) =>
  Effect.fail(
    new AwsError({
      operation: `ce:${operation}`,
      region: endpointRegion(account.partition),
      reason: new Unexpected({ message, code: "MalformedAnswer", status: 200 })
    })
  )
