/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Ecs } from "../../services/Ecs.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EcsCapacityProvider = declare("ecs:capacity-provider", Ecs, {
  share: 0.8,
  arns: ["ecs", "capacity-provider/"],
  own: [["FARGATE", "aws-created"], ["FARGATE_SPOT", "aws-created"]],
  deleted: ["INACTIVE", 0.05],
  identify: (spot) => spot.plain("ecs", "capacity-provider/", "general", "gpu"),
  state: "ACTIVE",
  operations: {
    DescribeCapacityProviders: list({
      items: "capacityProviders",
      tags: "tags",
      tagsIf: ({ include }) => Array.isArray(include) && include.includes("TAGS"),
      ids: "capacityProviders",
      missing: "skip",
      most: 100,
      page: { size: "maxResults", max: 10, token: "nextToken" },
      item: (one) => ({ capacityProviderArn: one.arn, name: one.name, status: one.state }),
      more: () => ({ failures: [] })
    })
  }
})
