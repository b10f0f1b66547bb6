/**
 * What a simulated estate has cost: the one truth that Cost Explorer's answers and the files of a bill are made of.
 *
 * @since 0.1.0
 */
import type { Estate } from "./Estate.ts"
import { hashText } from "./Hash.ts"
import { type BilledService, billedIdOf, ec2Other, priceOf } from "./Prices.ts"

/**
 * How accounts have set up what is told of their costs.
 *
 * - `activatedTags`: tag keys that are cost allocation tags, or since which day each is (`2026-10-20`); none by default
 * - `backfilledFrom`: a day that activated tags were filled in from
 * - `resources`: whether Cost Explorer knows single resources of EC2 (default false)
 * - `unavailable`: Cost Explorer was never switched on (default false)
 * - `currency`: default `USD`, `CNY` in China
 *
 * @since 0.1.0
 */
export interface CostOptions {
  readonly activatedTags?: ReadonlyArray<string> | Readonly<Record<string, string>>
  readonly backfilledFrom?: string
  readonly resources?: boolean
  readonly unavailable?: boolean
  readonly currency?: string
}

/**
 * One thing that is charged for, day by day or once a month.
 *
 * - `kind`: CUR's line item type
 * - `resourceId`, `arn`: as the bill and as everybody else names it
 * - `amortized`, `unblended`: millionths of the currency's unit for each day that it is charged on
 * - `from`: the first day, counted from 1970
 * - `on`: the day of the month, where it is not charged daily
 * - `tags`: all tags of the resource; the bill shows those that are activated
 *
 * @since 0.1.0
 */
export interface LedgerLine {
  readonly accountId: string
  readonly region: string
  readonly service: BilledService
  readonly usageType: string
  readonly kind:
    | "Usage"
    | "SavingsPlanCoveredUsage"
    | "SavingsPlanRecurringFee"
    | "Tax"
    | "Support"
    | "Credit"
    | "Refund"
  readonly marketplace?: boolean
  readonly resourceId?: string
  readonly arn?: string
  readonly amortized: bigint
  readonly unblended: bigint
  readonly from: number
  readonly on?: number
  readonly tags: Readonly<Record<string, string>>
}

const dayMs = 86_400_000

/** The day of a text such as `2026-11-01`, counted from 1970. */
export const dayOf = (text: string): number => Math.floor(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / dayMs)

export const textOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** The days on which a line is charged, from a day on and before another. */
export const days = (line: LedgerLine, start: number, end: number): ReadonlyArray<number> => {
  const all: Array<number> = []
  for (let day = Math.max(start, line.from); day < end; day++) {
    if (line.on === undefined || new Date(day * dayMs).getUTCDate() === line.on) all.push(day)
  }
  return all
}

const named = (costExplorer: string, code: string, focus = costExplorer): BilledService => [costExplorer, focus, code]

/** Every line of an account: what its resources cost, and what nobody can tag. */
export function* ledgerOf(estate: Estate, accountId: string): Generator<LedgerLine> {
  const places = new Map<string, bigint>()
  let total = 0n
  for (const resource of estate.resources({ accountId })) {
    const price = priceOf(resource)
    if (price === undefined) continue
    const rate = price.microsPerDay
    const covered = resource.type === "ec2:instance" && hashText(resource.arn) % 5 === 0
    total += rate
    if (resource.type === "ec2:instance") places.set(resource.region, (places.get(resource.region) ?? 0n) + rate)
    yield {
      accountId,
      region: resource.region,
      service: price.service,
      usageType: usageOf(resource.type),
      kind: covered ? "SavingsPlanCoveredUsage" : "Usage",
      resourceId: billedIdOf(resource),
      arn: resource.arn,
      amortized: rate,
      // A savings plan's fee has paid for it.
      unblended: covered ? 0n : rate,
      from: Math.floor(resource.createdAt.getTime() / dayMs),
      tags: resource.tags
    }
  }
  if (total === 0n) return
  const other = { accountId, region: "global", kind: "Usage" as const, from: 0, tags: {} }
  const same = (amount: bigint) => ({ amortized: amount, unblended: amount })
  for (const [region, rate] of places) {
    yield { ...other, ...same(rate / 17n), region, service: ec2Other, usageType: "DataTransfer-Regional-Bytes" }
    yield {
      ...other,
      ...same(rate / 23n),
      region,
      service: named("AWS Data Transfer", "AWSDataTransfer"),
      usageType: "DataTransfer-Out-Bytes"
    }
  }
  yield { ...other, ...same(total / 3n), kind: "Tax", on: 1, service: named("Tax", "Tax"), usageType: "" }
  yield {
    ...other,
    ...same(total / 4n),
    kind: "Support",
    on: 1,
    service: named("AWS Support (Business)", "AWSSupportBusiness"),
    usageType: "Dollar"
  }
  yield {
    ...other,
    kind: "SavingsPlanRecurringFee",
    amortized: total / 41n,
    unblended: total / 9n,
    service: named("Savings Plans for AWS Compute usage", "ComputeSavingsPlans"),
    usageType: "ComputeSP:1yrNoUpfront"
  }
  yield {
    ...other,
    ...same(700_001n),
    marketplace: true,
    service: named("Exemplary Scanner (AWS Marketplace)", "4fr0ex3mpl4ry5c4nn3r", "Exemplary Scanner"),
    usageType: "MP:exemplary-Hours"
  }
  yield {
    ...other,
    ...same(1_300_007n),
    region: "us-east-1",
    service: named("Amazon WorkSpaces", "AmazonWorkSpaces"),
    usageType: "AW-HW-1",
    // Not of the estate: nothing here has a scanner for it.
    resourceId: `arn:${estate.partitionOf(accountId)}:workspaces:us-east-1:${accountId}:workspace/ws-0example`
  }
  yield { ...other, ...same(-250_003n), kind: "Credit", service: named("AWS Lambda", "AWSLambda"), usageType: "Credit" }
  yield {
    ...other,
    ...same(-1_900_009n),
    kind: "Refund",
    on: 15,
    service: named("Amazon Simple Storage Service", "AmazonS3"),
    usageType: "Refund"
  }
}

const usageOf = (type: string): string => {
  switch (type) {
    case "ec2:instance":
      return "BoxUsage:m7g.large"
    case "ec2:volume":
      return "EBS:VolumeUsage.gp3"
    default:
      return `${type.replace(":", "-")}-Hours`
  }
}

/** Since which day each activated tag key is shown, counted from 1970. */
export const shownSince = ({ activatedTags = [], backfilledFrom }: CostOptions): ReadonlyMap<string, number> => {
  const filled = backfilledFrom === undefined ? Number.POSITIVE_INFINITY : dayOf(backfilledFrom)
  return new Map(activation(activatedTags).map(([key, since]) => [key, Math.min(filled, since)]))
}

/** When each key was activated, counted in days from 1970. */
export const activation = (
  activated: NonNullable<CostOptions["activatedTags"]>
): ReadonlyArray<readonly [key: string, since: number]> =>
  Array.isArray(activated)
    ? activated.map((key: string) => [key, 0] as const)
    : Object.entries(activated).map(([key, since]: [string, string]) => [key, dayOf(since)] as const)

/** The currency of an account's bill. */
export const currencyOf = (estate: Estate, accountId: string): string =>
  estate.costs.currency ?? (estate.partitionOf(accountId) === "aws-cn" ? "CNY" : "USD")
