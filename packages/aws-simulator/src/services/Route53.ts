/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-route-53"
import { refuse } from "../AwsFault.ts"
import { queryFamily } from "../Family.ts"
import { restXml } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

/** The marker is the id of the page's first zone. */
const listHostedZones = (input: Sdk.ListHostedZonesRequest, call: Call): Sdk.ListHostedZonesResponse => {
  const place = { accountId: call.accountId, region: "global", type: "route53:hosted-zone" } as const
  const asked = input.MaxItems ?? 100
  if (!Number.isInteger(asked) || asked < 1) throw refuse("InvalidInput", 400, "maxitems must be at least 1")
  const { short } = call.paging.oddities
  const whole = Math.min(asked, 100, call.paging.cap)
  const size = Math.min(whole, short?.size ?? (short === undefined ? whole : 1))
  const from = input.Marker === undefined
    ? 0
    : call.estate.positionOf(call.accountId, "global", "route53:hosted-zone", input.Marker)
  if (from === undefined) throw refuse("InvalidInput", 400, `The marker is not valid: ${String(input.Marker)}`)
  const { items, next } = call.estate.scan([place], from, size)
  if (short !== undefined && size < whole && next !== undefined) call.paging.took(short)
  const following = next === undefined ? undefined : call.estate.scan([place], next, 1).items[0]
  return {
    HostedZones: items.map((zone) => ({
      Id: `/hostedzone/${zone.id}`,
      Name: `${zone.name}.`,
      CallerReference: zone.id,
      Config: { Comment: "", PrivateZone: zone.attributes.private },
      ...(zone.mark === undefined
        ? {}
        : { LinkedService: { ServicePrincipal: "servicediscovery.amazonaws.com", Description: "Created by Cloud Map" } }),
      ResourceRecordSetCount: zone.attributes.recordCount
    })),
    Marker: input.Marker,
    IsTruncated: following !== undefined,
    ...(following === undefined ? {} : { NextMarker: following.id }),
    MaxItems: size
  }
}

const tagsOf = (type: string | undefined, id: string, call: Call): Sdk.ResourceTagSet => {
  if (type !== "hostedzone") throw refuse("InvalidInput", 400, `Invalid resource type: ${String(type)}`)
  const zone = call.find("route53:hosted-zone", id, "global")
  if (zone === undefined) throw refuse("NoSuchHostedZone", 404, `No hosted zone found with ID: ${id}`)
  return {
    ResourceType: "hostedzone",
    ResourceId: zone.id,
    Tags: Object.entries(zone.tags).map(([Key, Value]) => ({ Key, Value }))
  }
}

const listTagsForResource = (
  input: Sdk.ListTagsForResourceRequest,
  call: Call
): Sdk.ListTagsForResourceResponse => ({ ResourceTagSet: tagsOf(input.ResourceType, input.ResourceId ?? "", call) })

const listTagsForResources = (
  input: Sdk.ListTagsForResourcesRequest,
  call: Call
): Sdk.ListTagsForResourcesResponse => {
  const ids = input.ResourceIds ?? []
  if (ids.length < 1 || ids.length > 10) throw refuse("InvalidInput", 400, "ResourceIds must have 1 to 10 items")
  return { ResourceTagSets: ids.map((id) => tagsOf(input.ResourceType, id, call)) }
}

export const Route53 = make({
  signingName: "route53",
  iamPrefix: "route53",
  scope: "global",
  protocol: restXml("https://route53.amazonaws.com/doc/2013-04-01/"),
  family: queryFamily,
  load: () => import("@aws-sdk/client-route-53"),
  operations: {
    ListHostedZones: listHostedZones,
    ListTagsForResource: listTagsForResource,
    ListTagsForResources: listTagsForResources
  }
})
