/** @since 0.1.0 */
import { batch, list } from "../../Listing.ts"
import { Ecs } from "../../services/Ecs.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EcsService = declare("ecs:service", Ecs, {
  share: 5,
  arns: ["ecs", "service/"],
  parent: "ecs:cluster",
  identify: (spot) => {
    const name = spot.named("api", "worker", "web")
    return { id: name, name, arn: spot.arn("ecs", `service/${spot.parent.name}/${name}`) }
  },
  state: "ACTIVE",
  attributes: (spot) => ({ desired: String(1 + spot.below(50, 6)), launchType: spot.pick(51, ["FARGATE", "EC2"]) }),
  operations: {
    ListServices: list({
      items: "serviceArns",
      item: "arn",
      parent: { in: "cluster", byDefault: "default", missing: ["ClusterNotFoundException", 400] },
      page: { size: "maxResults", max: 100, byDefault: 10, token: "nextToken" },
      where: ({ launchType: kind }) => kind === undefined ? undefined : (one) => one.attributes.launchType === kind
    }),
    DescribeServices: batch({
      ids: "services",
      most: 10,
      items: "services",
      tags: "tags",
      tagsIf: ({ include }) => Array.isArray(include) && include.includes("TAGS"),
      parent: { in: "cluster", byDefault: "default", missing: ["ClusterNotFoundException", 400] },
      item: (one) => ({
        serviceArn: one.arn,
        serviceName: one.name,
        clusterArn: one.attributes["parentArn"],
        status: one.state,
        desiredCount: Number(one.attributes.desired),
        runningCount: Number(one.attributes.desired),
        pendingCount: 0,
        launchType: one.attributes.launchType,
        schedulingStrategy: "REPLICA",
        createdAt: one.createdAt
      }),
      missing: (ids, { accountId, partition, region }) => ({
        failures: ids.map((id) => ({
          arn: id.startsWith("arn:") ? id : `arn:${partition}:ecs:${region}:${accountId}:service/${id}`,
          reason: "MISSING"
        }))
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
