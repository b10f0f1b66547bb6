/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { CloudFront } from "../../services/CloudFront.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const CloudFrontDistribution = declare("cloudfront:distribution", CloudFront, {
  share: 0.8,
  scope: "global",
  arns: ["cloudfront", "distribution/"],
  identify: (spot) => {
    const id = `E${spot.hex(50).slice(0, 5)}${spot.code}`.toUpperCase()
    return { id, name: spot.named("site", "assets"), arn: spot.arn("cloudfront", `distribution/${id}`) }
  },
  state: "Deployed",
  operations: {
    ListDistributions: list({
      items: "DistributionList.Items",
      page: { size: "MaxItems", max: 100, token: ["Marker", ""] },
      item: (one) => ({
        Id: one.id,
        ARN: one.arn,
        Status: one.state,
        LastModifiedTime: one.createdAt,
        DomainName: `${one.id.toLowerCase()}.cloudfront.net`,
        Comment: one.name,
        Enabled: true
      }),
      wrap: (items, { Marker = "", MaxItems = 100 }, token) => ({
        DistributionList: {
          Marker,
          ...(token === undefined ? {} : { NextMarker: token }),
          MaxItems: Number(MaxItems),
          IsTruncated: token !== undefined,
          Quantity: items.length,
          ...(items.length === 0 ? {} : { Items: items })
        }
      })
    }),
    ListTagsForResource: tags({ id: "Resource", tags: "Tags.Items" })
  }
})
