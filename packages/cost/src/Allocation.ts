/**
 * Who bears what was spent.
 *
 * @since 0.1.0
 */
import type { Resource } from "@cadastre/model"
import { type BillingService, bearersOf, billedAs, servicesNamed } from "./BillingServices.ts"
import { type ChargeKind, kindOfService, neverTaggable, type Untaggable } from "./ChargeKind.ts"
import * as Money from "./Money.ts"
import type { Spend, SpendLine } from "./Spend.ts"

/**
 * Of a resource, what its cost depends on. A {@link Resource} is one.
 *
 * - `attributes`: sizes (`sizeGiB`, `sizeBytes`, `instanceType`, `class`, `nodeType`) and RDS's `engine` are used
 *
 * @category models
 * @since 0.1.0
 */
export type Bearer = Pick<Resource, "arn" | "id" | "type" | "accountId" | "region" | "attributes"> & {
  readonly state?: string
}

/**
 * How an amount came to a resource.
 *
 * - `actual`: the bill names the resource
 * - `allocated`: the bill names its service and Region, and no other resource there could bear it
 * - `estimated`: as above, shared with others by size
 *
 * @category models
 * @since 0.1.0
 */
export type Basis = "actual" | "allocated" | "estimated"

/**
 * What a resource bears, or what none does.
 *
 * - `bearer`: whose it is; absent for what is nobody's
 * - `untaggable`: why it can be nobody's
 * - `unseen`: why it is not known whose it is
 * - `among`: of what is estimated, all that it was shared out over
 *
 * @category models
 * @since 0.1.0
 */
export interface Portion<B extends Bearer = Bearer> {
  readonly line: SpendLine
  readonly amount: Money.Money
  readonly bearer?: B
  readonly basis?: Basis
  readonly untaggable?: Untaggable
  readonly unseen?: Unseen
  readonly among?: ReadonlyArray<B>
}

/**
 * Why it is not known whose money it is.
 *
 * - `not-scanned`: types that bear the service's cost were not all seen there
 * - `not-found`: the scan saw no resource that it could be of; it may be gone since
 * - `unknown-service`: no resource type is known to be billed so
 * - `unknown-tags`: the resource's tags could not be read
 *
 * @category models
 * @since 0.1.0
 */
export type Unseen = "not-scanned" | "not-found" | "unknown-service" | "unknown-tags"

/**
 * Puts every line down to a resource, to a reason why there can be none, or to a reason why it is not known. Each line
 * is put down once: the portions come to the lines' sum exactly. Lines of credits and refunds, and sums below zero,
 * are left out: see {@link isGivenBack}.
 *
 * A resource is told by its ARN, or by the id that its service gives it together with account, Region and service:
 * never by a name that another may have as well.
 *
 * @category combinators
 * @since 0.1.0
 */
export function* allocate<B extends Bearer>(
  spend: Pick<Spend, "lines" | "shares">,
  bearers: Iterable<B>,
  isSeen: (accountId: string, region: string, type: string) => boolean
): Generator<Portion<B>> {
  const book = new Book<B>()
  for (const bearer of bearers) book.add(bearer)
  const known = new Set<B>()
  const toShare: Array<SpendLine> = []
  for (const line of spend.lines) {
    if (isGivenBack(line)) continue
    const kind = kindOf(line)
    if (neverTaggable.has(kind)) yield { line, amount: line.amount, untaggable: kind as Untaggable }
    else if (line.resourceId !== undefined) {
      const bearer = book.find(line)
      if (bearer === undefined) yield { line, amount: line.amount, unseen: unseenAs(line, isSeen) }
      else {
        known.add(bearer)
        yield { line, amount: line.amount, bearer, basis: "actual" }
      }
    } else if (kind === "data-transfer") yield { line, amount: line.amount, untaggable: "data-transfer" }
    else if (spend.shares) toShare.push(line)
    else yield { line, amount: line.amount, untaggable: "no-resource" }
  }
  for (const line of toShare) yield* book.share(line, known, isSeen)
}

/**
 * Whether a line is money that came back. It is told apart: it makes nobody's cost smaller, since what was allocated
 * could come to more than was spent.
 *
 * @since 0.1.0
 */
export const isGivenBack = ({ amount, kind }: SpendLine): boolean => kind === "credit" || kind === "refund" || amount < 0n

const kindOf = ({ kind, service }: SpendLine): ChargeKind => kind === "usage" ? kindOfService(service) : kind

type Seen = (accountId: string, region: string, type: string) => boolean

/** Why the resource of a line was not found. */
const unseenAs = (line: SpendLine, isSeen: Seen): Unseen => {
  const services = servicesNamed(line.service)
  if (services.length === 0) return "unknown-service"
  return services.every((service) => isWhole(line, service, isSeen)) ? "not-found" : "not-scanned"
}

/** Whether all types that bear a service's cost were seen where a line is from. */
const isWhole = ({ accountId, region }: SpendLine, service: BillingService, isSeen: Seen): boolean =>
  bearersOf(service).every((type) => isSeen(accountId, region, type))

/** Resources by what bills call them by. */
class Book<B extends Bearer> {
  readonly #byArn = new Map<string, B>()
  readonly #byId = new Map<string, B | Array<B>>()
  readonly #byPlace = new Map<string, Array<B>>()

  add(bearer: B): void {
    // A bill leaves out the suffix that stands for a log group's streams.
    const arn = plainArn(bearer.arn)
    if (this.#byArn.has(arn)) return
    this.#byArn.set(arn, bearer)
    const id = `${bearer.accountId} ${bearer.id}`
    const others = this.#byId.get(id)
    if (others === undefined) this.#byId.set(id, bearer)
    else if (Array.isArray(others)) others.push(bearer)
    else this.#byId.set(id, [others, bearer])
    const service = billedAs(bearer.type, engineOf(bearer))?.service.name
    if (service === undefined) return
    const place = placeOf(bearer.accountId, bearer.region, service)
    const there = this.#byPlace.get(place)
    if (there === undefined) this.#byPlace.set(place, [bearer])
    else there.push(bearer)
  }

  find(line: SpendLine): B | undefined {
    const { accountId, region, resourceId = "" } = line
    if (resourceId.startsWith("arn:")) return this.#byArn.get(plainArn(resourceId))
    const found = this.#byId.get(`${accountId} ${resourceId}`)
    if (found === undefined) return undefined
    const services = servicesNamed(line.service)
    const fitting = (Array.isArray(found) ? found : [found]).filter((bearer) =>
      (region === "global" || bearer.region === "global" || bearer.region === region) &&
      (services.length === 0 || services.some(({ types }) => types.some(({ type }) => type === bearer.type)))
    )
    return fitting.length === 1 ? fitting[0] : undefined
  }

  *share(line: SpendLine, known: ReadonlySet<B>, isSeen: Seen): Generator<Portion<B>> {
    const { accountId, amount, region } = line
    const [service, ...others] = servicesNamed(line.service)
    if (service === undefined || others.length > 0 || !isWhole(line, service, isSeen)) {
      yield { line, amount, unseen: service === undefined ? "unknown-service" : "not-scanned" }
      return
    }
    // What has no Region may be billed in the one that used it.
    const there = [region, ...(region === "global" ? [] : ["global"])]
      .flatMap((at) => this.#byPlace.get(placeOf(accountId, at, service.name)) ?? [])
      .filter((bearer) => !known.has(bearer))
      .map((bearer) => ({ bearer, weight: weightOf(bearer) }))
      .filter(({ weight }) => weight > 0n)
    if (there.length === 0) {
      yield { line, amount, unseen: "not-found" }
      return
    }
    const basis: Basis = there.length === 1 ? "allocated" : "estimated"
    // By ARN, so that what cannot be divided goes to the same ones in whatever order they were found.
    there.sort((a, b) => a.bearer.arn < b.bearer.arn ? -1 : 1)
    const shares = Money.share(amount, there.map(({ weight }) => weight))
    const shared = basis === "estimated" ? { basis, among: there.map(({ bearer }) => bearer) } : { basis }
    for (const [at, share] of shares.entries()) {
      if (share > 0n) yield { line, amount: share, bearer: there[at]!.bearer, ...shared }
    }
  }
}

const placeOf = (accountId: string, region: string, service: string): string => `${accountId} ${region} ${service}`

const plainArn = (arn: string): string => arn.endsWith(":*") ? arn.slice(0, -2) : arn

/** The engine of an RDS resource. @since 0.1.0 */
export const engineOf = ({ attributes }: Bearer): string | undefined =>
  typeof attributes["engine"] === "string" ? attributes["engine"] : undefined

/** States in which compute does not run, as the services call them. */
const atRest = new Set(["stopped", "stopping", "terminated", "shutting-down", "deleted", "paused", "hibernated"])

/**
 * What a resource weighs against others of its service; nothing where it bears no cost.
 *
 * @since 0.1.0
 */
export const weightOf = (bearer: Bearer): bigint => {
  const billed = billedAs(bearer.type, engineOf(bearer))?.billed
  if (billed === undefined || (billed.runs === true && atRest.has(bearer.state?.toLowerCase() ?? ""))) return 0n
  const size = billed.size === "gigabytes"
    ? gigabytesOf(bearer.attributes)
    : billed.size === "instance"
    ? sizeClassOf(bearer.attributes)
    : 1
  // Whole numbers: thousandths of a cent.
  return BigInt(Math.max(1, Math.round(billed.weight * size * 1000))) * (billed.weight > 0 ? 1n : 0n)
}

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 && value < 1e12 ? value : undefined

/** Where the size is not known it counts as this. */
const usualGigabytes = 50

const gigabytesOf = (attributes: Bearer["attributes"]): number => {
  const bytes = number(attributes["sizeBytes"])
  return number(attributes["sizeGiB"]) ?? (bytes === undefined ? usualGigabytes : bytes / 2 ** 30)
}

/**
 * The factors that AWS compares instance sizes by, those of a medium being 1.
 * Source: Amazon EC2 User Guide, "Normalization factor".
 */
const sizes: Readonly<Record<string, number>> = {
  nano: 0.125,
  micro: 0.25,
  small: 0.5,
  medium: 1,
  large: 2,
  xlarge: 4,
  metal: 96
}

const sizeClassOf = (attributes: Bearer["attributes"]): number => {
  const said = attributes["instanceType"] ?? attributes["class"] ?? attributes["nodeType"]
  const name = typeof said === "string" ? said.toLowerCase().split(".").at(-1) ?? "" : ""
  const times = /^(\d{1,3})xlarge$|^metal-(\d{1,3})xl$/u.exec(name)
  const factor = times === null ? (Object.hasOwn(sizes, name) ? sizes[name]! : 1) : 4 * Number(times[1] ?? times[2])
  return factor * (number(attributes["nodes"]) ?? 1)
}
