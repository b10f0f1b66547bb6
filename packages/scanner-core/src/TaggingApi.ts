/**
 * Tags from the Resource Groups Tagging API, for resources that a service's own
 * list call has shown to exist: 100 resources a call instead of one.
 *
 * The API is a source of tags, never an inventory: it leaves out what was never
 * tagged and still returns what was deleted.
 *
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 * @since 0.1.0
 */
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { AwsError, type Location, Partition, type RegionId, type Resource, Tags, Unexpected } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** `ResourceARNList` takes at most so many. */
const batchSize = 100

/**
 * Batches of one cell that are asked for at once: more than its share of the API's rate, and few enough to be held.
 * What has no Region may be tagged in all of them (buckets), each with a rate of its own.
 */
const batchesAtOnce = { regional: 4, global: 32 } as const

/**
 * How many resources of one cell are asked for their tags, or described, one
 * by one at the same time: 50 by default.
 *
 * @category configuration
 * @since 0.1.0
 */
export class DescribeConcurrency extends Context.Reference<number>("@cadastre/scanner-core/DescribeConcurrency", {
  defaultValue: () => 50
}) {}

type Services = Aws.Aws | CurrentAccount | CurrentRegion

/** What became of the tags of one cell so far. */
interface Progress {
  /** Where the tagging API cannot be used. */
  readonly refusedIn: Set<Location>
  started: number
  read: number
  unread: number
  lastError: AwsError | undefined
}

/**
 * Fills in the tags of listed resources.
 *
 * A resource that the tagging API does not know was never tagged. Where it may
 * not be asked, `one` reads each resource's tags from its own service instead;
 * one that is gone by then is dropped. Tags that nobody can read are `null`.
 * When that holds for every resource, the stream fails at its end: such a cell
 * was not seen.
 *
 * `scope` is that of the resources' type, `"regional"` by default.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fill = <E, R>(
  pages: Stream.Stream<ReadonlyArray<Resource>, E, R>,
  one: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, Services>,
  scope: "regional" | "global" = "regional"
): Stream.Stream<ReadonlyArray<Resource>, E | AwsError, R | Services> =>
  Stream.suspend(() => {
    const progress: Progress = { refusedIn: new Set(), started: 0, read: 0, unread: 0, lastError: undefined }
    return pages.pipe(
      Stream.mapAccum(noBatches, addPage, { onHalt: lastBatches }),
      Stream.mapEffect((batch) => fillBatch(batch, one, progress), { concurrency: batchesAtOnce[scope], unordered: true }),
      Stream.concat(Stream.suspend(() =>
        progress.lastError !== undefined && progress.read === 0 ? Stream.fail(progress.lastError) : Stream.empty
      ))
    )
  })

/** Listed resources that wait for their batch to be full, by the Region that has their tags. */
type Waiting = Map<Location, Array<Resource>>

const noBatches = (): Waiting => new Map()

const addPage = (waiting: Waiting, page: ReadonlyArray<Resource>): readonly [Waiting, ReadonlyArray<ReadonlyArray<Resource>>] => {
  const full: Array<ReadonlyArray<Resource>> = []
  for (const resource of page) {
    const batch = waiting.get(resource.region) ?? []
    batch.push(resource)
    if (batch.length < batchSize) waiting.set(resource.region, batch)
    else {
      waiting.delete(resource.region)
      full.push(batch)
    }
  }
  return [waiting, full]
}

const lastBatches = (waiting: Waiting): Array<ReadonlyArray<Resource>> => [...waiting.values()]

/** Reads the tags of one Region's resources, where they are. */
const fillBatch = Effect.fnUntraced(function*(
  resources: ReadonlyArray<Resource>,
  one: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, Services>,
  progress: Progress
) {
  const where = resources[0]?.region ?? "global"
  if (progress.refusedIn.has(where)) return yield* oneByOne(resources, one, progress)
  const known = new Map<string, Tags.Tags>()
  for (const region of where === "global" ? globalRegions((yield* CurrentAccount).partition) : [where]) {
    const ResourceARNList = resources.flatMap(({ arn }) => known.has(arn) ? [] : [arn])
    if (ResourceARNList.length === 0) break
    const answer = yield* Effect.result(Effect.provideService(tagsOf(ResourceARNList), CurrentRegion, region))
    if (answer._tag === "Failure") {
      const error = answer.failure
      if (!isRefusal(error)) return unread(resources, error, progress)
      if (error.reason._tag !== "Unexpected") progress.refusedIn.add(where)
      return yield* oneByOne(resources, one, progress)
    }
    for (const [arn, tags] of answer.success) known.set(arn, tags)
  }
  progress.read += resources.length
  return resources.map((resource): Resource => {
    const tags = known.get(resource.arn)
    return tags === undefined ? resource : withTags({ ...resource, sources: seenByBoth }, tags)
  })
}, (effect, [{ region } = { region: "global" }]) =>
  Effect.flatMap(CurrentAccount, ({ partition }) =>
    Effect.provideService(effect, CurrentRegion, region === "global" ? Partition.homeRegion(partition) : region)))

/**
 * What the tagging API says of some ARNs, 100 at most, in the current Region:
 * the tags of those that it knows. An answer without a list, or with tags of
 * nobody, says nothing: that nobody ever tagged them least of all. What was not
 * asked for is left out: some stand-ins answer with all that they have.
 *
 * @category calls
 * @since 0.1.0
 */
export const tagsOf = Effect.fnUntraced(function*(arns: ReadonlyArray<string>): Effect.fn.Return<
  ReadonlyMap<string, Tags.Tags>,
  AwsError,
  Services
> {
  const asked = new Set(arns)
  const known = new Map<string, Tags.Tags>()
  for (;;) {
    const ResourceARNList = arns.filter((arn) => !known.has(arn))
    const answer = yield* Aws.send(ResourceGroupsTaggingAPIClient, new GetResourcesCommand({ ResourceARNList }))
    const found = answer.ResourceTagMappingList
    const before = known.size
    if (found?.every(({ ResourceARN }) => ResourceARN !== undefined) === true) {
      for (const { ResourceARN: arn = "", Tags: tags } of found) if (asked.has(arn)) known.set(arn, Tags.fromAws(tags))
      // A list of ARNs has one page at AWS. Where there are more all the same, a token cannot go with such a list: the
      // ARNs that are left do.
      if (!answer.PaginationToken || known.size === asked.size) return known
      if (known.size > before) continue
    }
    const { requestId } = answer.$metadata
    const [code, message] = found === undefined
      ? ["MalformedAnswer", "the answer has no list"]
      : answer.PaginationToken
      ? [hasMorePages, "the answer has further pages, which cannot be asked for"]
      : ["MalformedAnswer", "the answer has tags of what has no ARN"]
    return yield* new AwsError({
      operation: "tagging:GetResources",
      region: yield* CurrentRegion,
      reason: new Unexpected({ message, code, status: 200 }),
      ...(requestId === undefined ? {} : { requestId })
    })
  }
})

/**
 * Where the tags of what has no Region are. China has two homes: IAM's is Beijing, those of CloudFront and Route 53 are
 * in Ningxia. What one of them does not know is not yet known to have no tags.
 */
const globalRegions = (partition: Partition.Partition): ReadonlyArray<RegionId> =>
  partition === "aws-cn" ? Partition.defaultRegions(partition) : [Partition.homeRegion(partition)]

const seenByBoth: Resource["sources"] = Object.freeze(["service-api", "tagging-api"] as const)

/** Our own code for what AWS never does. */
const hasMorePages = "HasMorePages"

/** The tagging API will not answer this, however often it is asked. */
const isRefusal = ({ reason }: AwsError): boolean =>
  reason._tag === "AccessDenied" || reason._tag === "Unsupported" ||
  (reason._tag === "Unexpected" &&
    (reason.code === hasMorePages || (reason.status >= 400 && reason.status < 500)))

const oneByOne = Effect.fnUntraced(function*(
  resources: ReadonlyArray<Resource>,
  one: (resource: Resource) => Effect.Effect<Tags.AwsTags, AwsError, Services>,
  progress: Progress
) {
  const filled = yield* Effect.forEach(resources, (resource) =>
    Effect.suspend(() => {
      if (isHopeless(progress)) return Effect.fail(progress.lastError!)
      progress.started++
      return one(resource)
    }).pipe(
      Effect.map((awsTags): ReadonlyArray<Resource> => {
        progress.read++
        const tags = Tags.fromAws(awsTags)
        return [withTags({ ...resource }, tags)]
      }),
      Effect.catch((error) =>
        Effect.succeed(error.reason._tag === "NotFound" ? [] : unread([resource], error, progress))
      )
    ), { concurrency: yield* DescribeConcurrency })
  return filled.flat()
})

/** So many refusals and not one answer: the rest would be refused as well. */
const isHopeless = ({ lastError, read, started, unread }: Progress): boolean =>
  read === 0 && (unread >= 20 || started >= 200) && lastError?.reason._tag === "AccessDenied"

const unread = (resources: ReadonlyArray<Resource>, error: AwsError, progress: Progress): ReadonlyArray<Resource> => {
  progress.unread += resources.length
  progress.lastError = error
  return resources.map((resource) => ({ ...resource, tags: null }))
}

/** Writes tags into a copy; a resource without a name of its own goes by its `Name` tag. */
const withTags = (copy: { -readonly [K in keyof Resource]: Resource[K] }, tags: Tags.Tags): Resource => {
  copy.tags = tags
  const name = copy.name ?? Tags.get(tags, "Name")
  if (name !== undefined) copy.name = name
  return copy
}
