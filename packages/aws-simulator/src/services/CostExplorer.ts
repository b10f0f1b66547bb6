/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-cost-explorer"
import { refuse } from "../AwsFault.ts"
import { jsonFamily } from "../Family.ts"
import { activation, currencyOf, dayOf, days, type LedgerLine, ledgerOf, shownSince, textOf } from "../Ledger.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("ValidationException", 400, message)
const unavailable = () =>
  refuse("DataUnavailableException", 400, "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet")

/** Groups of a page; AWS says no number. */
const pageSize = 1000

/** Dimensions that a line of the ledger has. */
const dimensionOf = (line: LedgerLine, key: string | undefined): string => {
  switch (key) {
    case "SERVICE":
      return line.service[0]
    case "REGION":
      return line.region
    case "LINKED_ACCOUNT":
      return line.accountId
    case "RECORD_TYPE":
      return line.kind
    case "USAGE_TYPE":
      return line.usageType
    case "RESOURCE_ID":
      return line.resourceId ?? "NoResourceId"
    default:
      throw invalid(`Dimension ${String(key)} is not supported by the simulator`)
  }
}

/** A line on some days, and the tags that the bill shows on them. */
interface Shown {
  readonly line: LedgerLine
  readonly tags: Readonly<Record<string, string>>
}

const tagOf = ({ tags }: Shown, key: string): string => Object.hasOwn(tags, key) ? tags[key]! : ""

/** An expression has exactly one member; `And` and `Or` have at least two operands. */
const accepts = (filter: Sdk.Expression | undefined, resources: boolean): (shown: Shown) => boolean => {
  if (filter === undefined) return () => true
  const members = Object.values(filter).filter((value) => value !== undefined)
  if (members.length !== 1) throw invalid("Expression must have exactly one root expression")
  if (filter.And !== undefined || filter.Or !== undefined) {
    const operands = filter.And ?? filter.Or ?? []
    if (operands.length < 2) throw invalid("And/Or expressions must have at least 2 operands")
    const all = operands.map((operand) => accepts(operand, resources))
    return filter.And === undefined
      ? (shown) => all.some((one) => one(shown))
      : (shown) => all.every((one) => one(shown))
  }
  if (filter.Not !== undefined) {
    const inner = accepts(filter.Not, resources)
    return (shown) => !inner(shown)
  }
  if (filter.Dimensions !== undefined) {
    const { Key, Values = [] } = filter.Dimensions
    if (Key === "RESOURCE_ID" && !resources) throw invalid("Dimension RESOURCE_ID is not allowed.")
    const wanted = new Set(Values)
    return ({ line }) => wanted.has(dimensionOf(line, Key))
  }
  if (filter.Tags !== undefined) {
    const { Key = "", MatchOptions = [], Values = [] } = filter.Tags
    if (MatchOptions.includes("ABSENT")) return ({ tags }) => !Object.hasOwn(tags, Key)
    const wanted = new Set(Values)
    return (shown) => wanted.has(tagOf(shown, Key))
  }
  throw invalid("Expression is not supported by the simulator")
}

const groupable: ReadonlySet<string> = new Set(["SERVICE", "REGION", "LINKED_ACCOUNT", "RECORD_TYPE", "USAGE_TYPE"])

const keyOf = (shown: Shown, { Key = "", Type }: Sdk.GroupDefinition): string =>
  Type === "TAG" ? `${Key}$${tagOf(shown, Key)}` : dimensionOf(shown.line, Key)

const amountText = (micros: bigint): string => {
  const size = micros < 0n ? -micros : micros
  return `${micros < 0n ? "-" : ""}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, "0")}0000`
}

/** The periods that an answer is made of: days, or calendar months cut to what was asked for. */
const periodsOf = (start: number, end: number, granularity: string | undefined): ReadonlyArray<readonly [number, number]> => {
  const all: Array<readonly [number, number]> = []
  for (let from = start; from < end;) {
    const date = new Date(from * 86_400_000)
    const next = granularity === "DAILY"
      ? from + 1
      : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 86_400_000
    all.push([from, Math.min(next, end)])
    from = next
  }
  return all
}

const metrics: ReadonlyMap<string, (line: LedgerLine) => bigint> = new Map([
  ["AmortizedCost", (line) => line.amortized],
  ["NetAmortizedCost", (line) => line.amortized],
  ["UnblendedCost", (line) => line.unblended],
  ["NetUnblendedCost", (line) => line.unblended],
  ["BlendedCost", (line) => line.unblended]
])

type Question = Sdk.GetCostAndUsageRequest | Sdk.GetCostAndUsageWithResourcesRequest

const costs = (input: Question, call: Call, resources: boolean): Sdk.GetCostAndUsageResponse => {
  const { estate } = call
  const { Filter, Granularity, GroupBy = [], Metrics = [], TimePeriod } = input
  const [from = "", until = ""] = [TimePeriod?.Start, TimePeriod?.End]
  const [start, end] = [dayOf(from), dayOf(until)]
  if (!/^\d{4}-\d\d-\d\d$/u.test(from) || !/^\d{4}-\d\d-\d\d$/u.test(until) || Number.isNaN(start + end)) {
    throw invalid("Start time and end time must be in the form YYYY-MM-DD")
  }
  if (start >= end) throw invalid("Start date (and hour) should be before end date (and hour)")
  const today = Math.floor(call.now / 86_400_000)
  if (end > today + 1) throw invalid("end date past the beginning of next month")
  if (start < today - 425) throw invalid("You haven't enabled historical data beyond 14 months")
  if (Granularity !== "DAILY" && Granularity !== "MONTHLY") throw invalid("Granularity is not supported by the simulator")
  if (Metrics.length === 0) throw invalid("Metrics is required")
  for (const metric of Metrics) if (!metrics.has(metric)) throw invalid(`Metric ${metric} is not supported`)
  if (GroupBy.length > 2) throw invalid("You can group by at most 2 keys")
  for (const { Key = "", Type } of GroupBy) {
    const isKnown = Type === "TAG" || groupable.has(Key) || (resources && Key === "RESOURCE_ID")
    if (!isKnown) throw invalid(`Dimension ${Key} is not allowed.`)
  }
  if (estate.costs.unavailable === true) throw unavailable()
  if (resources) {
    if (start < today - 14) throw invalid("start date must be within the last 14 days")
    if (Filter === undefined) throw invalid("Filter is required")
    if (!JSON.stringify([Filter, GroupBy]).includes("RESOURCE_ID")) {
      throw invalid("You must group by or filter by RESOURCE_ID")
    }
    if (estate.costs.resources !== true) throw unavailable()
  }
  const fits = accepts(Filter, resources)
  const since = shownSince(estate.costs)
  // The management account sees all, others themselves.
  const accounts = call.accountId === estate.management ? estate.accounts : [call.accountId]
  const periods = periodsOf(start, end, Granularity)
  // Days differ for one line only in the tags that are shown.
  const byDay = Filter !== undefined && JSON.stringify(Filter).includes('"Tags"') || GroupBy.some(({ Type }) => Type === "TAG")
  const sums = periods.map(() => new Map<string, Map<string, bigint>>())
  for (const accountId of accounts) {
    for (const line of ledgerOf(estate, accountId)) {
      for (const [at, [first, last]] of periods.entries()) {
        const charged = days(line, first, last)
        for (const on of byDay ? charged.map((day) => [day]) : charged.length === 0 ? [] : [charged]) {
          const shown = {
            line,
            tags: byDay
              ? Object.fromEntries(Object.entries(line.tags).filter(([key]) => (since.get(key) ?? Infinity) <= on[0]!))
              : {}
          }
          if (!fits(shown)) continue
          const key = JSON.stringify(GroupBy.map((by) => keyOf(shown, by)))
          const sum = sums[at]!.get(key) ?? new Map<string, bigint>()
          sums[at]!.set(key, sum)
          for (const metric of Metrics) {
            sum.set(metric, (sum.get(metric) ?? 0n) + metrics.get(metric)!(line) * BigInt(on.length))
          }
        }
      }
    }
  }
  const unit = currencyOf(estate, call.accountId)
  const valuesOf = (sum: ReadonlyMap<string, bigint>) =>
    Object.fromEntries(Metrics.map((metric) => [metric, { Amount: amountText(sum.get(metric) ?? 0n), Unit: unit }]))
  const all = sums.flatMap((groups, at) => [...groups].map(([key, sum]) => ({ at, key, sum })))
  const { items, token } = Paging.page(call, {
    size: undefined,
    min: 1,
    max: pageSize,
    byDefault: pageSize,
    token: input.NextPageToken,
    bind: { ...input, NextPageToken: undefined },
    badSize: () => invalid("size"),
    badToken: () => refuse("InvalidNextTokenException", 400, "The pagination token is invalid. Try again without a pagination token.")
  }, Paging.sliceOf(all))
  return {
    GroupDefinitions: GroupBy,
    DimensionValueAttributes: [],
    ...(token === undefined ? {} : { NextPageToken: token }),
    ResultsByTime: periods.flatMap(([first, last], at) => {
      const here = items.filter((item) => item.at === at)
      // A period whose groups are all on other pages is not on this one.
      if (here.length === 0 && sums[at]!.size > 0) return []
      const isTotal = GroupBy.length === 0
      return [{
        TimePeriod: { Start: textOf(first), End: textOf(last) },
        Estimated: last > today - 1,
        Total: isTotal ? valuesOf(here[0]?.sum ?? new Map()) : {},
        Groups: isTotal ? [] : here.map(({ key, sum }) => ({ Keys: JSON.parse(key) as Array<string>, Metrics: valuesOf(sum) }))
      }]
    })
  }
}

const tagKeys = (input: Sdk.ListCostAllocationTagsRequest, call: Call): Sdk.ListCostAllocationTagsResponse => {
  const activated = new Map(activation(call.estate.costs.activatedTags ?? []))
  const used = new Set<string>(activated.keys())
  for (const accountId of call.estate.accounts) {
    for (const { tags } of call.estate.resources({ accountId })) for (const key of Object.keys(tags)) used.add(key)
  }
  const wanted = input.TagKeys === undefined || input.TagKeys.length === 0 ? undefined : new Set(input.TagKeys)
  const all = [...used].toSorted().flatMap((key): ReadonlyArray<Sdk.CostAllocationTag> => {
    const since = activated.get(key)
    const Status = since === undefined ? "Inactive" : "Active"
    if (wanted?.has(key) === false || (input.Status !== undefined && input.Status !== Status)) return []
    const isOwn = key.startsWith("aws:")
    if (input.Type !== undefined && input.Type !== (isOwn ? "AWSGenerated" : "UserDefined")) return []
    return [{
      TagKey: key,
      Type: isOwn ? "AWSGenerated" : "UserDefined",
      Status,
      ...(since === undefined ? {} : { LastUpdatedDate: `${textOf(since)}T00:00:00Z` })
    }]
  })
  const { items, token } = pageOf(all, input, call, [input.Status, input.TagKeys, input.Type])
  return { CostAllocationTags: [...items], ...(token === undefined ? {} : { NextToken: token }) }
}

const backfills = (
  input: Sdk.ListCostAllocationTagBackfillHistoryRequest,
  call: Call
): Sdk.ListCostAllocationTagBackfillHistoryResponse => {
  const { backfilledFrom } = call.estate.costs
  const today = new Date(call.now).toISOString().slice(0, 10)
  const all: ReadonlyArray<Sdk.CostAllocationTagBackfillRequest> = backfilledFrom === undefined ? [] : [{
    BackfillFrom: `${backfilledFrom}T00:00:00Z`,
    RequestedAt: `${today}T00:00:00Z`,
    CompletedAt: `${today}T00:00:00Z`,
    BackfillStatus: "SUCCEEDED"
  }]
  const { items, token } = pageOf(all, input, call, "history")
  return { BackfillRequests: [...items], ...(token === undefined ? {} : { NextToken: token }) }
}

const pageOf = <A>(
  all: ReadonlyArray<A>,
  input: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
  call: Call,
  bind: unknown
) =>
  Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 1000,
    byDefault: 100,
    token: input.NextToken,
    bind,
    badSize: () => invalid("MaxResults must be between 1 and 1000"),
    badToken: () => refuse("ValidationException", 400, "The pagination token is invalid.")
  }, Paging.sliceOf(all))

export const CostExplorer = make({
  signingName: "ce",
  iamPrefix: "ce",
  scope: "global",
  protocol: awsJson({
    version: "1.1",
    target: "AWSInsightsIndexService",
    namespace: "com.amazonaws.costexplorer",
    messageKey: "Message"
  }),
  family: {
    ...jsonFamily,
    throttled: ["LimitExceededException", 400, "You made too many calls in a short period of time. Try again later."]
  },
  load: () => import("@aws-sdk/client-cost-explorer"),
  operations: {
    GetCostAndUsage: (input: Sdk.GetCostAndUsageRequest, call: Call) => costs(input, call, false),
    GetCostAndUsageWithResources: (input: Sdk.GetCostAndUsageWithResourcesRequest, call: Call) => costs(input, call, true),
    ListCostAllocationTagBackfillHistory: backfills,
    ListCostAllocationTags: tagKeys
  }
})
