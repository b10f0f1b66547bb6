/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Ssm } from "../../services/Ssm.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const SsmParameter = declare("ssm:parameter", Ssm, {
  share: 6,
  arns: ["ssm", "parameter/"],
  identify: (spot) => {
    const name = spot.chance(50, 0.5) ? `/app/${spot.named("url", "flag")}` : spot.named("url", "flag")
    return { id: name, name, arn: spot.arn("ssm", `parameter/${name.replace(/^\//u, "")}`) }
  },
  operations: {
    DescribeParameters: list({
      items: "Parameters",
      page: { size: "MaxResults", max: 50 },
      item: (one) => ({
        Name: one.name,
        ARN: one.arn,
        Type: "String",
        Tier: "Standard",
        Version: 1,
        LastModifiedDate: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "ResourceId", own: true, tags: "TagList" })
  }
})
