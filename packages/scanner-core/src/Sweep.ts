/**
 * Sweeps: one source that knows the resources of many services, read through in
 * one Region or for one account.
 *
 * A sweep is a cell like any other, of a type of its own: it is planned, paced,
 * timed, journaled and estimated as they are, and ends as they do. What it finds
 * has the types that the ARNs say.
 *
 * @since 0.1.0
 */
import { CurrentAccount, CurrentPages, CurrentRegion, ProcessPages } from "@cadastre/client-factory"
import {
  Arn,
  AwsError,
  Location,
  type Resource,
  ResourceType,
  resourceTypeOf,
  type SweptSource,
  sweepTypeOf,
  Tags,
  Unexpected
} from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { RegionFilter } from "./RegionFilter.ts"
import type { Scanner, ScannerServices } from "./Scanner.ts"
import type { CatalogEntry } from "./ScannerRegistry.ts"
import type { SourceJoin } from "./SourceJoin.ts"

/** The join that a sweep is read for, and where the sweep stands in the plan. */
export class CurrentJoin extends Context.Reference<{ readonly join: SourceJoin; readonly sweep: Location } | undefined>(
  "@cadastre/scanner-core/CurrentJoin",
  { defaultValue: () => undefined }
) {}

/**
 * One resource as a source lists it.
 *
 * - `region`: where it is, if its ARN does not say so
 * - `tags`: `null` where the source has none to give
 *
 * @category models
 * @since 0.1.0
 */
export interface Swept {
  readonly arn: string | undefined
  readonly region?: string | undefined
  readonly accountId?: string | undefined
  readonly tags: Tags.AwsTags | null
}

/**
 * A sweep as the catalogue would list it.
 *
 * - `actions`: the IAM actions that it calls, each of them needed
 * - `isOpen`: it is for all types, those without a scanner too
 *
 * @category constructors
 * @since 0.1.0
 */
export const entry = (
  source: SweptSource,
  isOpen: boolean,
  actions: ReadonlyArray<string>,
  load: () => Promise<Scanner["scan"]>
): CatalogEntry => {
  const info = {
    type: sweepTypeOf(source, isOpen),
    scope: "regional",
    actions,
    fallbackActions: [],
    tagSource: "inline",
    cloudFormation: "",
    taggable: true,
    free: false
  } as const
  return { ...info, load: () => load().then((scan) => ({ ...info, scan })) }
}

/**
 * Reads a source through: every page is noted in the join, and what is to be in
 * the result on the word of this source goes on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const through = (
  source: SweptSource,
  list: Stream.Stream<ReadonlyArray<Swept>, AwsError, ScannerServices>
): Scanner["scan"] =>
  Stream.unwrap(Effect.gen(function*() {
    const { id: accountId } = yield* CurrentAccount
    const region = yield* CurrentRegion
    const current = yield* CurrentJoin
    const isWanted = yield* RegionFilter
    const observedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
    const pages = (yield* ProcessPages).pages()
    const { join, sweep } = current ?? { join: undefined, sweep: region }
    join?.begin(source, sweep)
    const read = Stream.mapEffect(list, (items) => {
      const found: Array<Resource> = []
      for (const item of items) {
        const resource = resourceOf(item, { source, accountId, region, observedAt })
        if (resource === "malformed") return malformed(source, region)
        // A sweep for what has no Region is not one of the Region that it is made in.
        if (resource === undefined || (sweep === "global" && source === "tagging-api" && resource.region !== "global")) {
          continue
        }
        if (!isWanted(resource.region)) continue
        const own = join === undefined ? resource : join.note(source, resource, sweep)
        if (own !== undefined) found.push(own)
      }
      return Effect.succeed(found)
    })
    return read.pipe(
      Stream.onEnd(Effect.sync(() => join?.end(source, sweep))),
      Stream.provideService(CurrentPages, pages),
      Stream.ensuring(pages.close)
    )
  })).pipe(Stream.withSpan("Sweep.scan", { attributes: { "cadastre.source": source } }))

/** `undefined` for what another account has shared with this one. */
const resourceOf = (item: Swept, place: {
  readonly source: SweptSource
  readonly accountId: Resource["accountId"]
  readonly region: Location
  readonly observedAt: string
}): Resource | "malformed" | undefined => {
  const { accountId, observedAt, source } = place
  const { arn = "" } = item
  const parsed = Arn.parse(arn)
  if (parsed._tag === "None") return "malformed"
  const { accountId: owner } = parsed.value
  if (owner !== "" && owner !== accountId) return undefined
  if (item.accountId !== undefined && item.accountId !== accountId) return undefined
  const type = resourceTypeOf(parsed.value)
  const region = parsed.value.region !== ""
    ? parsed.value.region
    : type === "s3:bucket" ? item.region ?? place.region : "global"
  if (!isLocation(region)) return "malformed"
  const tags = item.tags === null ? null : Tags.fromAws(item.tags)
  const name = tags === null ? undefined : Tags.get(tags, "Name")
  return {
    arn,
    id: Arn.resourceOf(parsed.value).id || arn,
    ...(name === undefined ? {} : { name }),
    type,
    service: ResourceType.serviceOf(type),
    accountId,
    region,
    tags,
    attributes: none,
    marks: unconfirmed,
    sources: alone[source],
    observedAt
  }
}

const isLocation = Schema.is(Location)
const none: Resource["attributes"] = Object.freeze({})
const unconfirmed: NonNullable<Resource["marks"]> = Object.freeze(["unconfirmed"] as const)
const alone: Readonly<Record<SweptSource, Resource["sources"]>> = {
  "tagging-api": Object.freeze(["tagging-api"] as const),
  "resource-explorer": Object.freeze(["resource-explorer"] as const)
}

const malformed = (source: SweptSource, region: AwsError["region"]) =>
  Effect.fail(
    new AwsError({
      operation: `list ${sweepTypeOf(source)}`,
      region,
      reason: new Unexpected({ message: "the answer holds an item without an ARN", code: "MalformedAnswer", status: 200 })
    })
  )
