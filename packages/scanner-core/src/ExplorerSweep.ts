/**
 * Resource Explorer, read through: all that an account's indexes list.
 *
 * Read with `ListResources`, which has pages to the end; a `Search` ends at its
 * thousandth result. What the index does not hold is said at the end: a Region
 * without an index, a view that shows only part.
 *
 * @see https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html
 * @since 0.1.0
 */
import {
  GetDefaultViewCommand,
  GetIndexCommand,
  GetViewCommand,
  type Index,
  ListIndexesCommand,
  ListResourcesCommand,
  type Resource as Listed,
  ResourceExplorer2Client
} from "@aws-sdk/client-resource-explorer-2"
import { Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { AwsError, type ExplorerIndex, RegionId, type Tags, Unexpected } from "@cadastre/model"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Lookup from "./Lookup.ts"
import type { Scanner, ScannerServices } from "./Scanner.ts"
import * as Sweep from "./Sweep.ts"
import { viewOf } from "./Sweeps.ts"

/** With a thousand to a page there is no token for the next one. */
const pageSize = 999

/**
 * All that Resource Explorer lists of one account: by its aggregator index, or
 * where it has none by the index of each Region.
 *
 * - `view`: the ARN of the view to read; by default each index's default view
 *
 * @category constructors
 * @since 0.1.0
 */
export const scan = (view?: string): Scanner["scan"] =>
  Sweep.through(
    "resource-explorer",
    Stream.unwrap(Effect.gen(function*() {
      const regions = yield* view === undefined ? indexRegions : Effect.map(regionOfView(view), (region) => [region])
      const covered = new Set<string>()
      const rows = Lookup.within(Stream.succeed(regions), (region) =>
        listIndex(view, region, covered).pipe(Stream.provideService(CurrentRegion, region)))
      return Stream.concat(rows, Stream.unwrap(Effect.map(Sweep.CurrentJoin, (current) => {
        const missing = (current?.join.scope.regions ?? []).filter((region) => !covered.has(region))
        return missing.length === 0
          ? Stream.empty
          : Stream.fromEffect(incomplete(`Resource Explorer has no index of ${missing.join(", ")}`))
      })))
    }))
  )

const isRegion = Schema.is(RegionId)

const regionOfView = (view: string) =>
  Option.match(viewOf(view), {
    onNone: () => incomplete(`${view} is not the ARN of a view`),
    onSome: ({ region }) => Effect.succeed(region)
  })

/** Where to read: the aggregator has everything. */
const indexRegions: Effect.Effect<ReadonlyArray<RegionId>, AwsError, ScannerServices> = Effect.gen(function*() {
  const pages = yield* Stream.runCollect(
    Aws.list(ResourceExplorer2Client, ListIndexesCommand, { MaxResults: 100 }, ({ Indexes }) => Indexes)
  )
  const indexes: ReadonlyArray<Index> = pages.flat()
  const aggregator = indexes.find(({ Type }) => Type === "AGGREGATOR")
  const read = (aggregator === undefined ? indexes : [aggregator]).map(({ Region }) => Region).filter(isRegion)
  if (read.length > 0) return read
  const { id } = yield* CurrentAccount
  return yield* incomplete(`Resource Explorer has no index in account ${id}: it is not turned on`)
})

const listIndex = (
  view: string | undefined,
  region: RegionId,
  covered: Set<string>
): Stream.Stream<ReadonlyArray<Sweep.Swept>, AwsError, ScannerServices> =>
  Stream.unwrap(Effect.gen(function*() {
    const index = yield* Aws.send(ResourceExplorer2Client, new GetIndexCommand({}))
    const viewArn = view ?? (yield* Aws.send(ResourceExplorer2Client, new GetDefaultViewCommand({}))).ViewArn
    if (viewArn === undefined || viewArn === "") {
      return yield* incomplete(`the index in ${region} has no default view: name one`)
    }
    const { View } = yield* Aws.send(ResourceExplorer2Client, new GetViewCommand({ ViewArn: viewArn }))
    const hasTags = View?.IncludedProperties?.some(({ Name }) => Name === "tags") === true
    const current = yield* Sweep.CurrentJoin
    if (!hasTags && current?.join.scope.filter !== undefined) {
      return yield* incomplete(`the view ${viewArn} has no tags, so that nothing can be found by them`)
    }
    const filtered = View?.Filters?.FilterString ?? ""
    const replicated = index.Type === "AGGREGATOR" ? index.ReplicatingFrom ?? [] : []
    const age = ageOf(region, index.Type ?? "LOCAL", index.LastUpdatedAt)
    return Aws.list(
      ResourceExplorer2Client,
      ListResourcesCommand,
      { ViewArn: viewArn, MaxResults: pageSize },
      ({ Resources }) => Resources
    ).pipe(
      Stream.map((page) => page.map((one): Sweep.Swept => {
        age.add(one)
        return { arn: one.Arn, region: one.Region, accountId: one.OwningAccountId, tags: hasTags ? tagsOf(one) : null }
      })),
      Stream.concat(Stream.suspend(() => {
        current?.join.indexes.push(age.index())
        if (filtered !== "") return Stream.fromEffect(incomplete(`the view ${viewArn} shows only part: ${filtered}`))
        for (const one of [region, ...replicated]) covered.add(one)
        return Stream.empty
      }))
    )
  })).pipe(
    // An index or a view that is not there is more than an item that has vanished.
    Stream.catch((error) =>
      Stream.fromEffect(
        error.reason._tag === "NotFound" ? incomplete(`${error.operation} in ${region}: ${error.reason.message}`) : Effect.fail(error)
      )
    )
  )

/** Tags are a document to the SDK: a list of keys and values. */
const tagsOf = ({ Properties = [] }: Listed): Tags.AwsTags => {
  const data: unknown = Properties.find(({ Name }) => Name === "tags")?.Data
  if (!Array.isArray(data)) return []
  return data.flatMap((tag: unknown) =>
    Predicate.hasProperty(tag, "Key") && typeof tag.Key === "string"
      ? [{ Key: tag.Key, Value: Predicate.hasProperty(tag, "Value") && typeof tag.Value === "string" ? tag.Value : "" }]
      : []
  )
}

/** How old what an index tells is. */
const ageOf = (region: RegionId, type: string, updatedAt: Date | undefined) => {
  let resources = 0
  let oldest: number | undefined
  let newest: number | undefined
  return {
    add: ({ LastReportedAt }: Listed): void => {
      resources++
      const at = LastReportedAt?.getTime()
      if (at === undefined || Number.isNaN(at)) return
      if (oldest === undefined || at < oldest) oldest = at
      if (newest === undefined || at > newest) newest = at
    },
    index: (): ExplorerIndex => ({
      region,
      type,
      resources,
      ...timeOf("updatedAt", updatedAt?.getTime()),
      ...timeOf("oldestReport", oldest),
      ...timeOf("newestReport", newest)
    })
  }
}

const timeOf = <K extends string>(key: K, at: number | undefined): { readonly [P in K]?: string } => {
  if (at === undefined || Number.isNaN(at)) return {}
  return { [key]: DateTime.formatIso(DateTime.makeUnsafe(at)) } as { readonly [P in K]?: string }
}

const incomplete = (message: string): Effect.Effect<never, AwsError, CurrentRegion> =>
  Effect.flatMap(CurrentRegion, (region) =>
    Effect.fail(
      new AwsError({
        operation: "resource-explorer-2:ListResources",
        region,
        reason: new Unexpected({ message, code: "IncompleteIndex", status: 200 })
      })
    ))
