/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Eks } from "../../services/Eks.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EksCluster = declare("eks:cluster", Eks, {
  share: 0.6,
  arns: ["eks", "cluster/"],
  identify: (spot) => spot.plain("eks", "cluster/", "platform", "apps"),
  state: "ACTIVE",
  operations: {
    ListClusters: list({
      items: "clusters",
      item: "name",
      page: { size: "maxResults", max: 100, token: "nextToken" }
    }),
    DescribeCluster: get({
      id: "name",
      in: "cluster",
      tags: "tags",
      item: (one) => ({
        name: one.name,
        arn: one.arn,
        status: one.state,
        version: "1.33",
        endpoint: `https://${one.name}.eks.${one.region}.amazonaws.com`,
        createdAt: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
