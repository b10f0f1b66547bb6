/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-resource-explorer-2"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import * as Explorer from "../Explorer.ts"
import * as ExplorerQuery from "../ExplorerQuery.ts"
import { restJsonFamily } from "../Family.ts"
import { hashText, hex8 } from "../Hash.ts"
import * as Paging from "../Paging.ts"
import { restJson } from "../Protocol.ts"
import { resourceTypes } from "../ResourceType.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("ValidationException", 400, message)

const since = new Date(Date.UTC(2024, 0, 1))

/** The most that a search finds, over all its pages. */
const mostFound = 1000

const arnOf = ({ accountId, estate, partition }: Call, region: string, kind: "index" | "view"): string => {
  const [a, b] = [hashText(`${accountId}/${region}/${kind}`, estate.seed), hashText(`${kind}/${region}`, estate.seed)]
  const id = `${hex8(a)}-${hex8(b).slice(0, 4)}-4${hex8(b).slice(5)}-a${hex8(a).slice(5)}-${hex8(b)}${hex8(a).slice(4)}`
  const name = kind === "view" ? "view/all-resources" : "index"
  return `arn:${partition}:resource-explorer-2:${region}:${accountId}:${name}/${id}`
}

const indexHere = (call: Call) =>
  Explorer.indexesOf(call.estate, call.estate.explorer, call.accountId).find(({ region }) => region === call.region)

/** The view that a request names, or the Region's own. */
const viewOf = (viewArn: string | undefined, call: Call) => {
  const index = indexHere(call)
  if (index === undefined || (viewArn !== undefined && viewArn !== arnOf(call, call.region, "view"))) {
    throw refuse("UnauthorizedException", 401, "Unauthorized")
  }
  return { index, arn: arnOf(call, call.region, "view") }
}

const bySizes = (size: number | undefined, token: string | undefined, bind: unknown, max = 1000) => ({
  size,
  min: 1,
  max,
  byDefault: 100,
  token,
  bind,
  // "The pagination tokens expire after 24 hours."
  lifetime: 24 * 3_600_000,
  badSize: () => invalid(`MaxResults must be between 1 and ${max}.`),
  badToken: () => invalid("The NextToken is not valid.")
})

const tell = (call: Call, withTags: boolean) => (one: Explorer.Indexed): Sdk.Resource => {
  const LastReportedAt = new Date(call.now - 3_600_000)
  return {
    Arn: one.arn,
    OwningAccountId: one.accountId,
    Region: one.region,
    ResourceType: one.kind,
    Service: one.kind.split(":")[0],
    LastReportedAt,
    Properties: withTags && Object.keys(one.tags).length > 0
      ? [{ Name: "tags", LastReportedAt, Data: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })) }]
      : []
  }
}

const found = (call: Call, query: string, words: boolean, viewArn: string | undefined) => {
  const { arn, index } = viewOf(viewArn, call)
  const { filter = "" } = call.estate.explorer ?? {}
  const accept = ExplorerQuery.parse(filter === "" ? query : `${query} ${filter}`, words)
  if (accept === undefined) throw invalid(`The query could not be read: ${query}`)
  const options = call.estate.explorer ?? {}
  const withTags = options.tags !== false
  if (!withTags && /(?:^|\s)-?tag[.:]/u.test(query)) throw invalid("The view does not include tags.")
  const source = Explorer.walk(call.estate, options, index, call.accountId, call.now, accept)
  return { arn, source, tell: tell(call, withTags) }
}

const search = (input: Sdk.SearchInput, call: Call): Sdk.SearchOutput => {
  const query = input.QueryString ?? ""
  const { arn, source, tell } = found(call, query, true, input.ViewArn)
  const first = Paging.all(source, mostFound + 1)
  const { items, token } = Paging.page(
    call,
    bySizes(input.MaxResults, input.NextToken, [query, arn]),
    Paging.sliceOf(first.slice(0, mostFound))
  )
  return {
    Resources: items.map(tell),
    NextToken: token,
    ViewArn: arn,
    Count: { TotalResources: Math.min(first.length, mostFound), Complete: first.length <= mostFound }
  }
}

const listResources = (input: Sdk.ListResourcesInput, call: Call): Sdk.ListResourcesOutput => {
  const query = input.Filters?.FilterString ?? ""
  const { arn, source, tell } = found(call, query, false, input.ViewArn)
  const { items, token } = Paging.page(call, bySizes(input.MaxResults, input.NextToken, [query, arn]), source)
  return {
    Resources: items.map(tell),
    // "does not generate a NextToken if you set MaxResults to 1000" (API reference).
    NextToken: input.MaxResults === 1000 ? undefined : token,
    ViewArn: arn
  }
}

const getIndex = (_input: object, call: Call): Sdk.GetIndexOutput => {
  const index = indexHere(call)
  if (index === undefined) throw refuse("ResourceNotFoundException", 404, "There is no index in this Region.")
  const others = Explorer.indexesOf(call.estate, call.estate.explorer, call.accountId)
    .filter(({ region }) => region !== call.region)
  return {
    Arn: arnOf(call, call.region, "index"),
    Type: index.aggregates ? "AGGREGATOR" : "LOCAL",
    State: "ACTIVE",
    ReplicatingFrom: index.aggregates ? others.map(({ region }) => region) : [],
    ReplicatingTo: index.aggregates ? [] : others.filter(({ aggregates }) => aggregates).map(({ region }) => region),
    CreatedAt: since,
    LastUpdatedAt: since,
    Tags: {}
  }
}

const listIndexes = (input: Sdk.ListIndexesInput, call: Call): Sdk.ListIndexesOutput => {
  const indexes = Explorer.indexesOf(call.estate, call.estate.explorer, call.accountId)
    .map(({ aggregates, region }) => ({
      Region: region,
      Arn: arnOf(call, region, "index"),
      Type: aggregates ? "AGGREGATOR" as const : "LOCAL" as const
    }))
    .filter(({ Region, Type }) =>
      (input.Type === undefined || input.Type === Type) &&
      (input.Regions === undefined || input.Regions.includes(Region))
    )
  const { items, token } = Paging.page(
    call,
    bySizes(input.MaxResults, input.NextToken, [input.Type, input.Regions], 100),
    Paging.sliceOf(indexes)
  )
  return { Indexes: [...items], NextToken: token }
}

const listViews = (input: Sdk.ListViewsInput, call: Call): Sdk.ListViewsOutput => {
  const views = indexHere(call) === undefined ? [] : [arnOf(call, call.region, "view")]
  const sizes = bySizes(input.MaxResults, input.NextToken, "views", 50)
  const { items, token } = Paging.page(call, { ...sizes, byDefault: 50 }, Paging.sliceOf(views))
  return { Views: [...items], NextToken: token }
}

const getDefaultView = (_input: object, call: Call): Sdk.GetDefaultViewOutput =>
  indexHere(call) === undefined ? {} : { ViewArn: arnOf(call, call.region, "view") }

const getView = (input: Sdk.GetViewInput, call: Call): Sdk.GetViewOutput => {
  const { arn } = viewOf(input.ViewArn, call)
  return {
    View: {
      ViewArn: arn,
      ViewName: "all-resources",
      Owner: call.accountId,
      LastUpdatedAt: since,
      Scope: `arn:${call.partition}:iam::${call.accountId}:root`,
      IncludedProperties: call.estate.explorer?.tags === false ? [] : [{ Name: "tags" }],
      Filters: { FilterString: call.estate.explorer?.filter ?? "" }
    },
    Tags: {}
  }
}

const listSupportedResourceTypes = (
  input: Sdk.ListSupportedResourceTypesInput,
  call: Call
): Sdk.ListSupportedResourceTypesOutput => {
  const kinds = [...new Set(resourceTypes.map((type: EstateResource["type"]) => Explorer.kindOf(type)))]
    .filter((kind) => kind !== undefined)
  const sizes = bySizes(input.MaxResults, input.NextToken, "types")
  const { items, token } = Paging.page(call, sizes, Paging.sliceOf(kinds))
  return {
    ResourceTypes: items.map((kind) => ({ Service: kind.split(":")[0], ResourceType: kind })),
    NextToken: token
  }
}

export const ResourceExplorer = make({
  signingName: "resource-explorer-2",
  iamPrefix: "resource-explorer-2",
  scope: "regional",
  protocol: restJson({ messageKey: "Message" }),
  family: { ...restJsonFamily, throttled: ["ThrottlingException", 429, "Rate exceeded"] },
  load: () => import("@aws-sdk/client-resource-explorer-2"),
  ragged: ["ListResources"],
  operations: {
    Search: search,
    ListResources: listResources,
    GetIndex: getIndex,
    ListIndexes: listIndexes,
    ListViews: listViews,
    GetDefaultView: getDefaultView,
    GetView: getView,
    ListSupportedResourceTypes: listSupportedResourceTypes
  }
})
