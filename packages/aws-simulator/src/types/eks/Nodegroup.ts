/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Eks } from "../../services/Eks.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EksNodegroup = declare("eks:nodegroup", Eks, {
  share: 1,
  arns: ["eks", "nodegroup/"],
  parent: "eks:cluster",
  identify: (spot) => {
    const name = spot.named("general", "gpu", "spot")
    return { id: name, name, arn: spot.arn("eks", `nodegroup/${spot.parent.name}/${name}/${spot.uuid}`) }
  },
  state: "ACTIVE",
  operations: {
    ListNodegroups: list({
      items: "nodegroups",
      item: "name",
      parent: { in: "clusterName" },
      page: { size: "maxResults", max: 100, token: "nextToken" }
    }),
    DescribeNodegroup: get({
      id: "nodegroupName",
      in: "nodegroup",
      tags: "tags",
      item: (one) => ({
        nodegroupName: one.name,
        nodegroupArn: one.arn,
        clusterName: one.attributes["parentName"],
        status: one.state,
        capacityType: "ON_DEMAND",
        createdAt: one.createdAt
      })
    })
  }
})
