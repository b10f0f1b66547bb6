/**
 * The tagging API, read through: all that it lists in one Region.
 *
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 * @since 0.1.0
 */
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
  type TagFilter as AwsFilter
} from "@aws-sdk/client-resource-groups-tagging-api"
import { Aws, CurrentRegion } from "@cadastre/client-factory"
import type { TagFilter, Tags } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Scanner } from "./Scanner.ts"
import * as Sweep from "./Sweep.ts"
import * as TaggingApi from "./TaggingApi.ts"

/**
 * All that the tagging API lists in one Region, of what has these tags.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scan = (filter: ReadonlyArray<TagFilter.TagFilter>): Scanner["scan"] =>
  Sweep.through(
    "tagging-api",
    Stream.unwrap(Effect.map(CurrentRegion, (region) =>
      Aws.list(
        ResourceGroupsTaggingAPIClient,
        GetResourcesCommand,
        // Pages are as large as they may be; how many tags a page may have is left to AWS.
        { ResourcesPerPage: 100, ...(filter.length === 0 ? {} : { TagFilters: serverSide(filter) }) },
        ({ ResourceTagMappingList }) => ResourceTagMappingList,
        "PaginationToken"
      ).pipe(Stream.map((page) =>
        page.map(({ ResourceARN, Tags }) => ({ arn: ResourceARN, region, tags: Tags ?? [] }))
      ))))
  )

/** AWS takes so many keys, and so many values of each. */
const mostKeys = 50
const mostValues = 20

/**
 * As much of a filter as AWS takes: keys are joined by AND, values by OR, none
 * stands for any. The rest, and the empty value, of which AWS does not say
 * whether it may be asked for, are compared with what it answers.
 */
const serverSide = (filter: ReadonlyArray<TagFilter.TagFilter>): Array<AwsFilter> =>
  filter.slice(0, mostKeys).map(({ key, values }) => ({
    Key: key,
    ...(values.length === 0 || values.length > mostValues || values.includes("") ? {} : { Values: [...values] })
  }))

/** `ResourceARNList` takes at most so many. */
const mostArns = 100

/**
 * What the tagging API says of some ARNs, 100 at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (arns: ReadonlyArray<string>): Scanner["scan"] =>
  Sweep.through(
    "tagging-api",
    Stream.fromEffect(Effect.map(TaggingApi.tagsOf(arns), (known) => Array.from(known, ([arn, tags]) => ({ arn, tags }))))
  )

/**
 * The tags of resources that a sweep has listed and nobody has confirmed, by
 * ARN. What cannot be read any more is left out.
 *
 * @category getters
 * @since 0.1.0
 */
export const tagsOf = Effect.fnUntraced(function*(arns: ReadonlyArray<string>) {
  const known = new Map<string, Tags.Tags>()
  for (let at = 0; at < arns.length; at += mostArns) {
    const answer = yield* Effect.result(TaggingApi.tagsOf(arns.slice(at, at + mostArns)))
    if (answer._tag === "Failure") break
    for (const [arn, tags] of answer.success) known.set(arn, tags)
  }
  return known
})
