/** @since 0.1.0 */
import { batch, list, tags } from "../../Operation.ts"
import { Ecs } from "../../services/Ecs.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EcsService = declare("ecs:service", Ecs, {
  share: 5,
  arns: ["ecs", "service/"],
  parent: "ecs:cluster",
  deleted: ["INACTIVE", 0.03],
  identify: (spot) => {
    const name = spot.named("api", "worker", "web")
    return { id: name, name, arn: spot.arn("ecs", `service/${spot.parent.name}/${name}`) }
  },
  state: "ACTIVE",
  attributes: (spot) => ({ desired: 1 + spot.below(50, 6), launchType: spot.pick(51, ["FARGATE", "EC2"]) }),
  operations: {
    ListServices: list({
      items: "serviceArns",
      item: "arn",
      parent: { in: "cluster", byDefault: "default", missing: ["ClusterNotFoundException", 400] },
      page: { size: "maxResults", max: 100, byDefault: 10, token: "nextToken" },
      // Services that were deleted are described for a while, and no longer listed.
      where: ({ launchType: kind }) => (one) =>
        one.mark !== "deleted" && (kind === undefined || one.attributes.launchType === kind)
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
        clusterArn: one.attributes.parent.arn,
        status: one.state,
        desiredCount: one.attributes.desired,
        runningCount: one.attributes.desired,
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
