/** @since 0.1.0 */
import { refuse } from "../../AwsFault.ts"
import { list } from "../../Listing.ts"
import { homeOf } from "../../Region.ts"
import { Wafv2 } from "../../services/Wafv2.ts"
import type { Spot } from "../../Spot.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

/** Web ACLs of CloudFront are in us-east-1. */
const isOfCloudFront = (spot: Spot) => spot.region === homeOf("aws") && spot.chance(51, 0.3)

export const WebAcl = declare("wafv2:web-acl", Wafv2, {
  share: 0.8,
  arns: ["wafv2", "regional/webacl/", "global/webacl/"],
  taggingApi: "wafv2:webacl",
  identify: (spot) => {
    const name = spot.named("edge", "api")
    const scope = isOfCloudFront(spot) ? "global" : "regional"
    return { id: spot.uuid, name, arn: spot.arn("wafv2", `${scope}/webacl/${name}/${spot.uuid}`) }
  },
  attributes: (spot) => ({ scope: isOfCloudFront(spot) ? "CLOUDFRONT" : "REGIONAL" }),
  operations: {
    ListWebACLs: list({
      items: "WebACLs",
      page: { size: "Limit", max: 100, token: "NextMarker" },
      where: ({ Scope }, { region }) => {
        if (Scope === "CLOUDFRONT" && region !== homeOf("aws")) {
          throw refuse("WAFInvalidParameterException", 400, "The scope is not valid in this Region.")
        }
        return (one) => one.attributes.scope === Scope
      },
      item: (one) => ({ Name: one.name, Id: one.id, ARN: one.arn, LockToken: one.id, Description: "" })
    }),
    ListTagsForResource: tags({
      id: "ResourceARN",
      tags: "TagInfoForResource.TagList",
      wrap: (list, { ResourceARN }) => ({ TagInfoForResource: { ResourceARN, TagList: list } })
    })
  }
})
