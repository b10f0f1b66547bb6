/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Athena } from "../../services/Athena.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const AthenaWorkGroup = declare("athena:workgroup", Athena, {
  share: 0.5,
  arns: ["athena", "workgroup/"],
  own: [["primary", "default"]],
  identify: (spot) => spot.plain("athena", "workgroup/", "analysts", "reports"),
  state: "ENABLED",
  operations: {
    ListWorkGroups: list({
      items: "WorkGroups",
      page: { size: "MaxResults", max: 50 },
      item: (one) => ({ Name: one.name, State: one.state, CreationTime: one.createdAt })
    }),
    ListTagsForResource: tags({
      id: "ResourceARN",
      tags: "Tags",
      page: { size: "MaxResults", min: 75, max: 1000, clamp: true }
    })
  }
})
