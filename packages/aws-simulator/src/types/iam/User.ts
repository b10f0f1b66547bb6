/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Iam } from "../../services/Iam.ts"
import type { Spot } from "../../Spot.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

const pathOf = (spot: Spot) => spot.chance(52, 0.3) ? "/team/" : "/"

export const IamUser = declare("iam:user", Iam, {
  share: 2,
  scope: "global",
  arns: ["iam", "user/"],
  taggingApi: false,
  explorer: "iam:user",
  identify: (spot) => {
    const name = spot.named("ci", "analyst")
    return { id: name, name, arn: spot.arn("iam", `user${pathOf(spot)}${name}`) }
  },
  attributes: (spot) => ({ path: pathOf(spot), userId: `AIDA${spot.hex(50)}${spot.hex(51)}`.toUpperCase() }),
  operations: {
    ListUsers: list({
      items: "Users",
      page: { size: "MaxItems", max: 1000, byDefault: 100, token: "Marker", truncated: "IsTruncated" },
      item: (one) => ({
        Path: one.attributes.path,
        UserName: one.name,
        UserId: one.attributes.userId,
        Arn: one.arn,
        CreateDate: one.createdAt
      })
    }),
    ListUserTags: tags({
      id: "UserName",
      own: true,
      tags: "Tags",
      page: { size: "MaxItems", max: 1000, byDefault: 100, token: "Marker", truncated: "IsTruncated" }
    })
  }
})
