/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-resource-groups-tagging-api"
import { refuse } from "../AwsFault.ts"
import type { TaggingEntry } from "../Estate.ts"
import { jsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("InvalidParameterException", 400, message)

/** Page tokens live a quarter of an hour. */
const lifetime = 15 * 60 * 1000

const tokenRules = {
  lifetime,
  badToken: () => invalid("The pagination token is not valid"),
  expired: () =>
    refuse("PaginationTokenExpiredException", 400, "A PaginationToken is valid for a maximum of 15 minutes.")
}

/** `ec2` stands for every type of EC2; some services have but one type and are named without it. */
const typeFilter = (filters: ReadonlyArray<string>) => {
  const wanted = new Set(filters.map((one) => one.toLowerCase()))
  return (type: string) => wanted.size === 0 || wanted.has(type) || wanted.has(type.slice(0, type.indexOf(":")))
}

const tagFilter = (filters: ReadonlyArray<Sdk.TagFilter>) => (entry: TaggingEntry): boolean =>
  filters.every(({ Key, Values = [] }) =>
    entry.tags.some(([key, value]) => key === Key && (Values.length === 0 || Values.includes(value)))
  )

const mapping = ({ arn, tags }: TaggingEntry): Sdk.ResourceTagMapping => ({
  ResourceARN: arn,
  Tags: tags.map(([Key, Value]) => ({ Key, Value }))
})

const getResources = (input: Sdk.GetResourcesInput, call: Call): Sdk.GetResourcesOutput => {
  const arns = input.ResourceARNList ?? []
  const tags = input.TagFilters ?? []
  if (arns.length > 0) {
    const others = [input.PaginationToken || undefined, input.ResourcesPerPage, input.TagsPerPage, input.TagFilters,
      input.ResourceTypeFilters]
    if (others.some((other) => other !== undefined)) {
      throw invalid("ResourceARNList cannot be specified with other parameters")
    }
    if (arns.length > 100) throw invalid("ResourceARNList can have at most 100 items")
    // ARNs that it does not know are left out, without an error.
    const found = arns.flatMap((arn) => {
      const entry = call.estate.taggingEntry(call.accountId, call.region, arn)
      return entry === undefined ? [] : [mapping(entry)]
    })
    return { PaginationToken: "", ResourceTagMappingList: found }
  }
  if (tags.length > 50) throw invalid("TagFilters can have at most 50 items")
  if (tags.some(({ Values = [] }) => Values.length > 20)) throw invalid("A tag filter can have at most 20 values")
  const tagsPerPage = input.TagsPerPage
  if (tagsPerPage !== undefined && (tagsPerPage < 100 || tagsPerPage > 500 || tagsPerPage % 100 !== 0)) {
    throw invalid("TagsPerPage must be a multiple of 100 between 100 and 500")
  }
  const { items, token } = Paging.page(call, {
    ...tokenRules,
    size: input.ResourcesPerPage,
    min: 1,
    max: 100,
    byDefault: 50,
    token: input.PaginationToken,
    bind: [tags, input.ResourceTypeFilters],
    badSize: () => invalid("ResourcesPerPage must be between 1 and 100")
  }, (from, limit) => {
    let room = tagsPerPage ?? Number.MAX_SAFE_INTEGER
    const wanted = tagFilter(tags)
    return call.estate.scanTagging(
      call.accountId,
      call.region,
      typeFilter(input.ResourceTypeFilters ?? []),
      from,
      limit,
      wanted,
      // A resource without tags counts for one tag; none is split over pages.
      (entry) => (room -= Math.max(1, entry.tags.length)) < 0
    )
  })
  return { PaginationToken: token ?? "", ResourceTagMappingList: items.map(mapping) }
}

/** Every tag that the tagging API sees in the Region. */
function* everyTag(call: Call): Generator<readonly [string, string]> {
  let from: number | undefined = 0
  while (from !== undefined) {
    const page = call.estate.scanTagging(call.accountId, call.region, () => true, from, 1000, () => true)
    for (const { tags } of page.items) yield* tags
    from = page.next
  }
}

const pageOfTexts = (call: Call, all: Iterable<string>, token: string | undefined, bind: unknown) =>
  Paging.page(call, {
    ...tokenRules,
    size: undefined,
    min: 1,
    max: 1000,
    byDefault: 1000,
    token,
    bind,
    badSize: () => invalid("size")
  }, Paging.sliceOf([...new Set(all)].toSorted()))

const getTagKeys = (input: Sdk.GetTagKeysInput, call: Call): Sdk.GetTagKeysOutput => {
  const keys = [...everyTag(call)].map(([key]) => key)
  const { items, token } = pageOfTexts(call, keys, input.PaginationToken, "keys")
  return { PaginationToken: token ?? "", TagKeys: [...items] }
}

const getTagValues = (input: Sdk.GetTagValuesInput, call: Call): Sdk.GetTagValuesOutput => {
  const values = [...everyTag(call)].filter(([key]) => key === input.Key).map(([, value]) => value)
  const { items, token } = pageOfTexts(call, values, input.PaginationToken, input.Key)
  return { PaginationToken: token ?? "", TagValues: [...items] }
}

export const Tagging = make({
  signingName: "tagging",
  iamPrefix: "tag",
  scope: "regional",
  protocol: awsJson({
    version: "1.1",
    target: "ResourceGroupsTaggingAPI_20170126",
    namespace: "com.amazonaws.resourcegroupstaggingapi",
    messageKey: "Message"
  }),
  family: {
    ...jsonFamily,
    throttled: ["ThrottledException", 400, "Rate exceeded"],
    internal: ["InternalServiceException", 500, "Internal service error"]
  },
  load: () => import("@aws-sdk/client-resource-groups-tagging-api"),
  ragged: ["GetResources"],
  operations: { GetResources: getResources, GetTagKeys: getTagKeys, GetTagValues: getTagValues }
})
