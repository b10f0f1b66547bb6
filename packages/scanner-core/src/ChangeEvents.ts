/**
 * What has changed since a scan, as CloudTrail tells it: an incremental scan
 * looks only there.
 *
 * CloudTrail's event history is on in every account and free to ask. It is
 * believed in one direction only: a cell without an event is taken for
 * unchanged, and whatever is unknown, unreadable, refused or too much counts as
 * a change.
 *
 * What no call changes, no event tells: an instance that shuts itself down, a
 * state that a resource comes to, a count that its service keeps, a deleted
 * resource that fades from a list. A kept cell should therefore have a greatest
 * age as well.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @since 0.1.0
 */
import { type Account, type Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import {
  type AwsError,
  type Cell,
  cellKey,
  Partition,
  RegionId,
  type ResourceType
} from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { changedBy, type ChangeEvent, isTold } from "./ChangeEffects.ts"
import * as EventNames from "./EventNames.ts"
import * as TrailEvents from "./TrailEvents.ts"

/**
 * How late an event may be in CloudTrail's history, milliseconds: 15 minutes.
 * AWS says about 5 on average, not guaranteed.
 *
 * @category configuration
 * @since 0.1.0
 */
export const deliveryMs = 15 * 60_000

/** Pages of 50 events of one Region, at two a second: where more has changed, looking everywhere is faster. */
const maxPages = 40

/** Regions that are asked at once. */
const regionsAtOnce = 20

type Entry = Pick<ResourceType.ResourceTypeInfo, "type" | "cloudFormation" | "scope">

/**
 * What may have changed in one Region.
 *
 * - `dirty`: the types that may have changed; all that were asked for when `everything` is true
 * - `everything`: nobody knows, and `reason` says why
 * - `through`: changes after this may not be in the history yet, milliseconds since the epoch
 *
 * @category models
 * @since 0.1.0
 */
export interface Changes {
  readonly dirty: ReadonlySet<ResourceType.ResourceType>
  readonly everything: boolean
  readonly reason?: string
  readonly through: number
}

/**
 * Which of the types may have changed in one Region since `sinceMs`,
 * milliseconds since the epoch: when the oldest cell that would be kept began
 * to be read. Asks for as long before as events may be late.
 *
 * Never fails. Needs `cloudtrail:LookupEvents`; refused, everything may have
 * changed, which a warning says.
 *
 * @category calls
 * @since 0.1.0
 */
export const since = Effect.fn("ChangeEvents.since")(function*(
  account: Account,
  region: RegionId,
  sinceMs: number,
  entries: ReadonlyArray<Entry>
): Effect.fn.Return<Changes, never, Aws.Aws> {
  const { changedAt: _, error, ...changes } = yield* lookUp(account, region, sinceMs, entries)
  if (error !== undefined) yield* warn(account, [region], error)
  return changes
})

const warn = (account: Account, regions: ReadonlyArray<RegionId>, error: AwsError): Effect.Effect<void> =>
  Effect.logWarning(
    `${refusal(error)}. Everything in ${regions.join(", ")} of account ${account.id} is scanned anew`
  )

const refusal = (error: AwsError): string => `CloudTrail cannot be asked what has changed: ${error.message}`

/** When each type may have changed last, milliseconds since the epoch. */
type ChangeTimes = ReadonlyMap<ResourceType.ResourceType, number>

/** What has changed, and the error where CloudTrail could not be asked. */
const lookUp = Effect.fnUntraced(function*(
  account: Account,
  region: RegionId,
  sinceMs: number,
  entries: ReadonlyArray<Entry>
): Effect.fn.Return<Changes & { readonly changedAt: ChangeTimes; readonly error?: AwsError }, never, Aws.Aws> {
  const now = yield* Clock.currentTimeMillis
  const through = now - deliveryMs
  const everything = (reason: string) => ({
    dirty: new Set(entries.map(({ type }) => type)),
    changedAt: new Map(),
    everything: true,
    reason,
    through
  })
  const from = sinceMs - deliveryMs
  if (!(from > now - TrailEvents.historyMs)) {
    return everything(`CloudTrail keeps events for 90 days, and the last scan is older`)
  }
  const found = yield* Effect.result(
    changesIn({ from, until: now }, entries).pipe(
      Effect.provideService(CurrentAccount, account),
      Effect.provideService(CurrentRegion, region)
    )
  )
  if (found._tag === "Failure") return { ...everything(refusal(found.failure)), error: found.failure }
  if (found.success === undefined) {
    return everything(`more than ${maxPages * TrailEvents.pageSize} changes since the last scan`)
  }
  return { dirty: new Set(found.success.keys()), changedAt: found.success, everything: false, through }
})

/**
 * Which cells of one account may have changed since they were read.
 *
 * Asks each Region that has cells. Types without a Region log in the
 * partition's home Region, which is asked for them as well; S3 logs where the
 * bucket is, so an event of any of `regions` counts for all buckets. Types that
 * are replicated between Regions count as changed in all of them. Always among
 * the dirty are types that events cannot tell of.
 *
 * - `regions`: where the scan looks, for types that are logged everywhere
 * - `sinceMs`: when the first of the cells began to be read, milliseconds since the epoch
 * - `readAt`: when one of them did; an event from before that is no change. `sinceMs` when absent
 * - `through`: changes after this may not be in the history yet, milliseconds since the epoch
 * - `reasons`: why nothing is known of a Region, by Region. Refusals are also in one warning for the account
 *
 * @category calls
 * @since 0.1.0
 */
export const dirtyCells = Effect.fn("ChangeEvents.dirtyCells")(function*(
  account: Account,
  options: {
    readonly cells: ReadonlyArray<Cell>
    readonly regions: ReadonlyArray<RegionId>
    readonly entries: ReadonlyArray<Entry>
    readonly sinceMs: number
    readonly readAt?: (cell: Cell) => number
  }
): Effect.fn.Return<
  {
    readonly dirty: ReadonlySet<string>
    readonly through: number
    readonly reasons: ReadonlyMap<RegionId, string>
  },
  never,
  Aws.Aws
> {
  const { readAt = () => sinceMs, sinceMs } = options
  const entries = [...new Map(options.entries.map((entry) => [entry.type, entry])).values()]
  const through = (yield* Clock.currentTimeMillis) - deliveryMs
  const cells = options.cells.filter(({ accountId }) => accountId === account.id)
  const global = cells.filter(({ region }) => region === "global")
  const homes = global.length === 0 ? [] : homesOf(account.partition)
  const everywhere = global.some(({ type }) => EventNames.isLoggedEverywhere(type))
  const asked = new Set<RegionId>([
    ...homes,
    ...everywhere ? options.regions : [],
    ...cells.flatMap(({ region }) => region === "global" ? [] : [region])
  ])
  const answers = new Map(
    yield* Effect.forEach(
      asked,
      (region) => Effect.map(lookUp(account, region, sinceMs, entries), (changes) => [region, changes] as const),
      { concurrency: regionsAtOnce }
    )
  )
  const refused = [...answers].flatMap(([region, { error }]) => error === undefined ? [] : [{ region, error }])
  const [first] = refused
  if (first !== undefined) yield* warn(account, refused.map(({ region }) => region), first.error)
  const changedAnywhere = (type: ResourceType.ResourceType): number =>
    Math.max(...[...answers.values()].map(({ changedAt }) => changedAt.get(type) ?? Number.NEGATIVE_INFINITY))
  const untold = new Set(entries.filter((entry) => !isTold(entry)).map(({ type }) => type))
  const known = new Set(entries.map(({ type }) => type))

  /** Events count wherever they are found; silence counts where the type's events would be. */
  const isUnknown = ({ region, type }: Cell): boolean =>
    region !== "global"
      ? answers.get(region)?.everything !== false
      : EventNames.isLoggedEverywhere(type)
      ? [...answers.values()].some(({ everything }) => everything)
      : homes.some((home) => answers.get(home)?.everything !== false)
  const isDirty = (cell: Cell): boolean => {
    const { region, type } = cell
    if (untold.has(type) || !known.has(type) || isUnknown(cell)) return true
    const changedAt = region === "global" || EventNames.isReplicated(type)
      ? changedAnywhere(type)
      : answers.get(region)?.changedAt.get(type) ?? Number.NEGATIVE_INFINITY
    // A read may not have shown what was changed a moment before it.
    return changedAt >= readAt(cell) - deliveryMs
  }
  return {
    dirty: new Set(cells.filter(isDirty).map(cellKey)),
    through,
    reasons: new Map(
      [...answers].flatMap(([region, { reason }]) => reason === undefined ? [] : [[region, reason] as const])
    )
  }
})

/** Where a partition's services without a Region log. In China both Regions have endpoints of IAM. */
const homesOf = (partition: Partition.Partition): ReadonlyArray<RegionId> =>
  partition === "aws-cn"
    ? [RegionId.make("cn-north-1"), RegionId.make("cn-northwest-1")]
    : [Partition.homeRegion(partition)]

/** The types that write events tell of; `undefined` when there are too many to read. */
const changesIn = Effect.fnUntraced(function*(
  times: { readonly from: number; readonly until: number },
  entries: ReadonlyArray<Entry>
): Effect.fn.Return<
  ChangeTimes | undefined,
  AwsError,
  Aws.Aws | CurrentAccount | CurrentRegion
> {
  const dirty = new Map<ResourceType.ResourceType, number>()
  let next: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const answer = yield* TrailEvents.page(times, next)
    for (const event of answer.events) {
      const at = event.EventTime?.getTime() ?? Number.POSITIVE_INFINITY
      for (const { type } of changed(event, entries)) dirty.set(type, Math.max(at, dirty.get(type) ?? at))
    }
    next = answer.next
    // Nothing more to learn, since the latest events come first, or nothing more to read.
    if (dirty.size === entries.length || next === undefined) return dirty
  }
  return undefined
})

/** The part of CloudTrail's record that matters here. */
const Record = Schema.fromJsonString(Schema.Struct({
  errorCode: Schema.optionalKey(Schema.NullOr(Schema.String)),
  requestParameters: Schema.optionalKey(Schema.Unknown)
}))
const decodeRecord = Schema.decodeUnknownOption(Record)

/**
 * The types that one event may have changed. A call that was refused has
 * changed nothing; one that failed on AWS's side may have.
 *
 * @category getters
 * @since 0.1.0
 */
export const changed = <A extends Entry>(event: TrailEvents.LookedUp, entries: ReadonlyArray<A>): ReadonlyArray<A> => {
  const { EventName: name, EventSource: source } = event
  if (name === undefined || source === undefined) return entries
  const record = decodeRecord(TrailEvents.recordOf(event))
  const errorCode = Option.isSome(record) ? record.value.errorCode ?? "" : ""
  if (errorCode !== "" && !mayHaveHappened.test(errorCode)) return []
  const change: ChangeEvent = {
    source,
    name,
    resourceTypes: (event.Resources ?? []).flatMap(({ ResourceType }) => ResourceType ?? []),
    request: Option.isSome(record) ? record.value.requestParameters : undefined
  }
  return changedBy(change, entries)
}

/** Errors after which nobody knows what was done. */
const mayHaveHappened = /^Server\.|Internal|Unavailable|Time(?:d ?)?out|Failure|Unknown|Partial/iu
