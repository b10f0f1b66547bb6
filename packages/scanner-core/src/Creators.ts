/**
 * Who made what, as CloudTrail's event history tells it: resources that one
 * principal made tend to belong together.
 *
 * Only what an event surely made is put down: its name is that of making the
 * type, it names the resource, and the resource is not older than it. Silence
 * says nothing.
 *
 * @since 0.1.0
 */
import { type Account, type Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { Partition, type RegionId, type Resource, ResourceType } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as EventNames from "./EventNames.ts"
import * as TrailEvents from "./TrailEvents.ts"

/**
 * What CloudTrail tells.
 *
 * - `creators`: ARNs of principals by the ARNs of what they made
 * - `notes`: what could not be read, and what was too much to read
 *
 * @category models
 * @since 0.1.0
 */
export interface FoundCreators {
  readonly creators: ReadonlyMap<string, string>
  readonly notes: ReadonlyArray<string>
}

/** Pages of one Region: half a minute at the rate that a scan keeps to. */
const maxPages = 40
/** Regions that are asked at once. */
const regionsAtOnce = 20
/** An event's time may be a little after what the service calls the time of creation. */
const toleranceMs = 15 * 60_000

/**
 * Who made some of the resources. Asks each Region in which an account has any
 * for the latest 2,000 changes of the last 90 days; for what has no Region, the
 * partition's home Region.
 *
 * Never fails. Needs `cloudtrail:LookupEvents`; where it is refused, `notes`
 * says so.
 *
 * @category calls
 * @since 0.1.0
 */
export const of = Effect.fn("Creators.of")(function*(
  accounts: ReadonlyArray<Account>,
  resources: ReadonlyArray<Resource>
): Effect.fn.Return<FoundCreators, never, Aws.Aws> {
  const until = yield* Clock.currentTimeMillis
  const times = { from: until - TrailEvents.historyMs, until }
  const creators = new Map<string, string>()
  const notes: Array<string> = []
  const places = accounts.flatMap((account) => {
    const home = Partition.homeRegion(account.partition)
    const own = resources.filter(({ accountId }) => accountId === account.id)
    // Buckets are asked for at home, wherever they are to be.
    const regions = new Set(own.map((one) => one.region === "global" || one.service === "s3" ? home : one.region))
    return [...regions].toSorted().map((region) => ({
      account,
      region,
      known: byName(own.filter((one) => one.region === region || (region === home && (one.region === "global" || one.service === "s3"))))
    }))
  })
  const answers = yield* Effect.forEach(
    places,
    ({ account, known, region }) => Effect.map(inRegion(account, region, known, times), (found) => ({ account, region, found })),
    { concurrency: regionsAtOnce }
  )
  for (const { account, found, region } of answers) {
    for (const [arn, creator] of found.creators) creators.set(arn, creator)
    if (found.problem !== undefined) notes.push(`${found.problem} (${region} of account ${account.id})`)
  }
  return { creators, notes }
})

/** Resources by what an event may call them. */
type Known = ReadonlyMap<string, ReadonlyArray<Resource>>

const byName = (resources: ReadonlyArray<Resource>): Known => {
  const known = new Map<string, Array<Resource>>()
  for (const resource of resources) {
    for (const name of new Set([resource.arn, resource.id])) {
      const same = known.get(name)
      if (same === undefined) known.set(name, [resource])
      else same.push(resource)
    }
  }
  return known
}

const inRegion = Effect.fnUntraced(function*(
  account: Account,
  region: RegionId,
  known: Known,
  times: { readonly from: number; readonly until: number }
): Effect.fn.Return<{ readonly creators: ReadonlyMap<string, string>; readonly problem?: string }, never, Aws.Aws> {
  const creators = new Map<string, string>()
  let next: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const answer = yield* TrailEvents.page(times, next).pipe(
      Effect.provideService(CurrentAccount, account),
      Effect.provideService(CurrentRegion, region),
      Effect.result
    )
    if (answer._tag === "Failure") {
      return { creators, problem: `CloudTrail cannot be asked who made what: ${answer.failure.message}` }
    }
    for (const event of answer.success.events) {
      for (const [arn, creator] of madeBy(event, known)) if (!creators.has(arn)) creators.set(arn, creator)
    }
    next = answer.success.next
    if (next === undefined) return { creators }
  }
  return { creators, problem: `Only the latest ${maxPages * TrailEvents.pageSize} changes were read for who made what` }
})

const Record = Schema.fromJsonString(Schema.Struct({
  errorCode: Schema.optionalKey(Schema.NullOr(Schema.String)),
  userIdentity: Schema.Struct({
    type: Schema.optionalKey(Schema.String),
    arn: Schema.optionalKey(Schema.String),
    invokedBy: Schema.optionalKey(Schema.String),
    sessionContext: Schema.optionalKey(Schema.NullOr(Schema.Struct({
      sessionIssuer: Schema.optionalKey(Schema.NullOr(Schema.Struct({ arn: Schema.optionalKey(Schema.String) })))
    })))
  }),
  requestParameters: Schema.optionalKey(Schema.Unknown),
  responseElements: Schema.optionalKey(Schema.Unknown)
}))
const decodeRecord = Schema.decodeUnknownOption(Record)

/**
 * What one event made, as ARN and principal.
 *
 * @category getters
 * @since 0.1.0
 */
export const madeBy = (
  event: TrailEvents.LookedUp,
  known: ReadonlyMap<string, ReadonlyArray<Resource>>
): ReadonlyArray<readonly [arn: string, creator: string]> => {
  const { EventName = "", EventSource = "", EventTime, Resources = [] } = event
  const noun = nounOf(EventName)
  if (noun === undefined) return []
  const record = Option.getOrUndefined(decodeRecord(TrailEvents.recordOf(event)))
  if (record === undefined || (record.errorCode ?? "") !== "") return []
  const creator = principalOf(record.userIdentity)
  if (creator === undefined) return []
  const source = EventSource.split(".")[0]
  const names = new Set<string>(Resources.flatMap(({ ResourceName }) => ResourceName ?? []))
  for (const part of [record.requestParameters, record.responseElements]) textsIn(part, names, 0)
  const latest = EventTime === undefined ? Number.NEGATIVE_INFINITY : EventTime.getTime() - toleranceMs
  return [...names].flatMap((name) => known.get(name) ?? [])
    .filter((resource) =>
      EventNames.sourceOf(resource.type) === source && makes(noun, EventName, resource.type) &&
      // A call that makes what is there already makes nothing.
      !(resource.createdAt !== undefined && Date.parse(resource.createdAt) < latest)
    )
    .map(({ arn }) => [arn, creator] as const)
}

const making = /^(?:Create|Run|Allocate|Register|Request|Import|Copy|Restore)([A-Z][A-Za-z]*?)(?:From\w+|WithTags|20\d{6}(?:v\d)?|V\d|\d{4}_\d{2}_\d{2})?$/u

/** `dbinstance` of `CreateDBInstance`. */
const nounOf = (name: string): string | undefined => making.exec(name)?.[1]?.toLowerCase()

/** Where a call's name is not that of what it makes. */
const others: Readonly<Record<string, ReadonlyArray<string>>> = {
  AllocateAddress: ["ec2:elastic-ip"],
  CreateDBInstance: ["rds:db"],
  CreateDBInstanceReadReplica: ["rds:db"],
  RestoreDBInstanceFromDBSnapshot: ["rds:db"],
  RunInstances: ["ec2:instance", "ec2:network-interface", "ec2:volume"],
  RunJobFlow: ["emr:cluster"]
}

const makes = (noun: string, name: string, type: ResourceType.ResourceType): boolean =>
  (Object.hasOwn(others, name) && others[name]!.includes(type)) ||
  noun.endsWith(type.slice(ResourceType.serviceOf(type).length + 1).replaceAll("-", ""))

/**
 * The one who made it: the person behind a session where its name is one, else
 * the role. What AWS's services make for somebody, nobody is said to have made.
 */
const principalOf = ({ arn, invokedBy, sessionContext, type }: (typeof Record)["Type"]["userIdentity"]): string | undefined => {
  if (arn === undefined || arn === "" || type === "AWSService" || type === "AWSAccount") return undefined
  if (invokedBy?.endsWith(".amazonaws.com") === true && type !== "AssumedRole" && type !== "IAMUser") return undefined
  if (type !== "AssumedRole") return arn
  const [, role = "", session = ""] = /:assumed-role\/([^/]+)\/(.+)$/u.exec(arn) ?? []
  if (role.startsWith("AWSServiceRoleFor")) return undefined
  // Sessions of programs are numbered; those of people bear their names.
  return session.includes("@") || role.startsWith("AWSReservedSSO_") ? arn : sessionContext?.sessionIssuer?.arn ?? arn
}

const deepest = 8
const mostNames = 2000

/** The texts in a record, wherever they are in it. */
const textsIn = (value: unknown, names: Set<string>, depth: number): void => {
  if (names.size >= mostNames || depth > deepest) return
  if (typeof value === "string") names.add(value)
  else if (Array.isArray(value)) for (const item of value as ReadonlyArray<unknown>) textsIn(item, names, depth + 1)
  else if (Predicate.isObject(value)) for (const item of Object.values(value)) textsIn(item, names, depth + 1)
}
