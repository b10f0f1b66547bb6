/**
 * What a scanner is: a resource type, the IAM actions it needs, and a stream
 * of pages of resources.
 *
 * @since 0.1.0
 */
import { type Aws, CurrentAccount, CurrentPages, CurrentRegion, ProcessPages } from "@cadastre/client-factory"
import {
  type AccountId,
  Arn,
  AwsError,
  type Location,
  type Mark,
  type Partition,
  RegionId,
  type Resource,
  ResourceType,
  Tags,
  Unexpected
} from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { RegionFilter } from "./RegionFilter.ts"
import * as TaggingApi from "./TaggingApi.ts"

/** What every call of a scanner needs: the door to AWS, and whom and where it calls. */
export type ScannerServices = Aws.Aws | CurrentAccount | CurrentRegion

/**
 * A scanner is a plain value.
 *
 * `scan` streams pages: the page is the unit of work, so that a million
 * resources do not cost a million effects. When it fails, what it streamed
 * before stays true, and the failure says why there is no more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scanner extends ResourceType.ResourceTypeInfo {
  readonly scan: Stream.Stream<ReadonlyArray<Resource>, AwsError, ScannerServices>
}

/**
 * Where a page was read, for `describe`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly partition: Partition.Partition
  /** The Region that was asked; for a global type the partition's home Region. */
  readonly region: RegionId
  readonly accountId: AccountId
  /**
   * Builds an ARN in this partition, Region and account: `arn("ec2", "volume/", id)`.
   * `undefined` when the id is, so that an answer without ids is noticed.
   */
  readonly arn: (service: string, prefix: string, id: string | undefined) => string | undefined
}

/** A value of an attribute; dates are written as ISO 8601, `undefined` is left out. */
type Attribute = string | number | boolean | null | undefined | Date | ReadonlyArray<string>

/**
 * What `describe` says of one item. All but the ARN is optional:
 *
 * - `id`: by default the ARN's own
 * - `name`: by default the `Name` tag
 * - `tags`: absent where the list call has none
 * - `owner`: the account that it belongs to, where the list shows what others share. What is not this account's is
 *   left out: the scan of its owner finds it
 * - `region`: for items that live elsewhere than where they were listed (S3 buckets)
 * - `createdAt`: a date, or as some services write it: a text or milliseconds since the epoch
 *
 * @category models
 * @since 0.1.0
 */
export interface Described {
  readonly arn: string | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly tags?: Tags.AwsTags
  readonly owner?: string | undefined
  readonly region?: string | undefined
  readonly createdAt?: Date | string | number | undefined
  readonly state?: string | undefined
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly mark?: Mark | undefined
}

/**
 * Declares a scanner: how to list the items, and how one of them reads as a
 * resource.
 *
 * - `scope`: `"global"` for types without a Region, scanned once an account
 * - `taggable`: `false` where AWS has no tags for the type; its resources are marked so
 * - `free`: `true` where AWS charges nothing for the resource itself
 * - `actions`: the IAM actions of the calls that `list` makes
 * - `list`: pages of items, as `Aws.list` gives them
 * - `describe`: a plain function over one item; an item that is none of ours is `undefined`
 * - `tags`: for types whose list call has no tags. They are read through the tagging API, 100
 *   resources a call; where that is not allowed, by `tags.of`, one call a resource, which needs
 *   `tags.actions`. {@link tags} and {@link tagPages} write it for the usual cases
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Item>(type: string, options: {
  readonly scope?: "global"
  readonly taggable?: false
  readonly free?: true
  readonly cloudFormation: string
  readonly actions: ReadonlyArray<string>
  readonly list: Stream.Stream<ReadonlyArray<Item>, AwsError, ScannerServices>
  readonly describe: (item: Item, place: Place) => Described | undefined
  readonly tags?: {
    readonly actions: ReadonlyArray<string>
    readonly of: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, ScannerServices>
  }
}): Scanner => {
  const resourceType = ResourceType.ResourceType.make(type)
  const { tags } = options
  const scope = options.scope ?? "regional"
  return {
    type: resourceType,
    scope,
    cloudFormation: options.cloudFormation,
    actions: tags === undefined ? options.actions : [...options.actions, "tag:GetResources"],
    fallbackActions: tags?.actions ?? [],
    tagSource: tags === undefined ? "inline" : "tagging-api",
    taggable: options.taggable ?? true,
    free: options.free ?? false,
    scan: Stream.unwrap(Effect.gen(function*() {
      const account = yield* CurrentAccount
      const region = yield* CurrentRegion
      const isWanted = yield* RegionFilter
      const observedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
      const place: Place = {
        partition: account.partition,
        region,
        accountId: account.id,
        arn: (service, prefix, id) =>
          id === undefined || id === ""
            ? undefined
            : `arn:${account.partition}:${service}:${region}:${account.id}:${prefix}${id}`
      }
      const read = reader(resourceType, scope, options.taggable === false ? "untaggable" : undefined, place, observedAt)

      const resources = Stream.mapEffect(options.list, (items) => {
        const page: Array<Resource> = []
        for (const item of items) {
          const described = options.describe(item, place)
          if (described === undefined) continue
          if (described.owner !== undefined && described.owner !== account.id) continue
          const resource = read(described)
          if (resource === undefined) return malformed(type, region)
          if (isWanted(resource.region)) page.push(resource)
        }
        return Effect.succeed(page)
      })
      const pages = (yield* ProcessPages).pages()
      // What needs a second step, its tags, goes first: their own rate limit is what a scan waits for most.
      if (tags === undefined) yield* Effect.yieldNowWith(1)
      yield* turn
      return (tags === undefined ? resources : TaggingApi.fill(resources, tags.of, scope)).pipe(
        Stream.provideService(CurrentPages, pages),
        Stream.ensuring(pages.close)
      )
    })).pipe(Stream.withSpan("Scanner.scan", { attributes: { "cadastre.type": type } }))
  }
}

let lastTurn: Promise<void> = Promise.resolve()

/**
 * One start for each turn of the event loop. Hundreds of cells start at once,
 * each with a client to make: all in one turn, they would keep the first
 * answers waiting for a quarter of a second.
 */
const turn: Effect.Effect<void> = Effect.promise(() =>
  lastTurn = lastTurn.then(() =>
    // @effect-diagnostics-next-line newPromise:off -- the chain is one of promises
    new Promise((resolve) => {
      setImmediate(resolve)
    })
  ))

/**
 * The tags of one resource by one call of its own service, for `make`: the
 * action that it needs, the call, and where its answer has the tags.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tags = <Answer>(
  action: string,
  call: (resource: Resource) => Effect.Effect<Answer, AwsError, ScannerServices>,
  read: (answer: Answer) => Tags.AwsTags
): {
  readonly actions: ReadonlyArray<string>
  readonly of: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, ScannerServices>
} => ({ actions: [action], of: (resource) => Effect.map(call(resource), read) })

/** A tag as a list of tags has it, in any of AWS's spellings. */
interface AnyTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
  readonly key?: string | undefined
  readonly value?: string | undefined
}

/**
 * The tags of one resource where its own service gives them in pages, for
 * `make`: the action that it needs, and the pages as `Aws.list` gives them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tagPages = (
  action: string,
  list: (resource: Resource) => Stream.Stream<ReadonlyArray<AnyTag>, AwsError, ScannerServices>
): {
  readonly actions: ReadonlyArray<string>
  readonly of: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, ScannerServices>
} => ({
  actions: [action],
  of: (resource) => Effect.map(Stream.runCollect(list(resource)), (pages): ReadonlyArray<AnyTag> => pages.flat())
})

/** Turns what `describe` says into a resource; `undefined` when there is no ARN to tell it by, or no such Region. */
const reader = (
  type: ResourceType.ResourceType,
  scope: Scanner["scope"],
  typeMark: Mark | undefined,
  place: Place,
  observedAt: string
) => {
  const service = ResourceType.serviceOf(type)
  const here: Location = scope === "global" ? "global" : place.region
  return (described: Described): Resource | undefined => {
    const { arn } = described
    if (arn === undefined || arn === "") return undefined
    const tags = Tags.fromAws(described.tags)
    const name = described.name ?? Tags.get(tags, "Name")
    const id = described.id ?? idOf(arn)
    if (id === "") return undefined
    let region = here
    if (described.region !== undefined) {
      if (!isRegion(described.region)) return undefined
      region = described.region
    }
    const resource: { -readonly [K in keyof Resource]: Resource[K] } = {
      arn,
      id,
      type,
      service,
      accountId: place.accountId,
      region,
      tags,
      attributes: described.attributes === undefined ? noAttributes : attributesOf(described.attributes),
      sources: fromService,
      observedAt
    }
    if (name !== undefined) resource.name = name
    if (described.createdAt !== undefined) resource.createdAt = isoOf(described.createdAt)
    if (described.state !== undefined) resource.state = described.state
    const mark = described.mark ?? typeMark
    if (mark !== undefined) resource.marks = [mark]
    return resource
  }
}

const isRegion = Schema.is(RegionId)

const noAttributes: Resource["attributes"] = Object.freeze({})
const fromService: Resource["sources"] = Object.freeze(["service-api"] as const)

const idOf = (arn: string): string => {
  const parsed = Arn.parse(arn)
  return parsed._tag === "Some" ? Arn.resourceOf(parsed.value).id : ""
}

const isoOf = (time: Date | string | number): string => {
  // @effect-diagnostics-next-line globalDate:off -- the SDK's answers hold dates
  const date = typeof time === "object" ? time : new Date(time)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

const attributesOf = (attributes: Readonly<Record<string, Attribute>>): Resource["attributes"] => {
  const kept: Record<string, string | number | boolean | null | ReadonlyArray<string>> = {}
  // The names are the scanner's own words, never input.
  for (const name in attributes) {
    const value = attributes[name]
    if (value !== undefined) kept[name] = value instanceof Date ? isoOf(value) : value
  }
  return kept
}

const malformed = (type: string, region: RegionId) =>
  Effect.fail(
    new AwsError({
      operation: `list ${type}`,
      region,
      reason: new Unexpected({
        message: "the answer holds an item without an identifier, or in a Region that cannot be",
        code: "MalformedAnswer",
        status: 200
      })
    })
  )
