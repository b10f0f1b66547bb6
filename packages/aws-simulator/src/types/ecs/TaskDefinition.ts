/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Ecs } from "../../services/Ecs.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EcsTaskDefinition = declare("ecs:task-definition", Ecs, {
  share: 6,
  arns: ["ecs", "task-definition/"],
  identify: (spot) => {
    const family = spot.named("api", "worker", "migrate")
    const id = `${family}:${1 + spot.below(50, 90)}`
    return { id, name: family, arn: spot.arn("ecs", `task-definition/${id}`) }
  },
  state: "ACTIVE",
  operations: {
    ListTaskDefinitions: list({
      items: "taskDefinitionArns",
      item: "arn",
      page: { size: "maxResults", max: 100, token: "nextToken" },
      where: ({ familyPrefix, status = "ACTIVE" }) => (one) =>
        one.state === status && (familyPrefix === undefined || one.name === familyPrefix)
    }),
    DescribeTaskDefinition: get({
      id: "taskDefinition",
      in: "taskDefinition",
      missing: ["ClientException", 400],
      item: (one) => ({
        taskDefinitionArn: one.arn,
        family: one.name,
        revision: Number(one.id.split(":")[1]),
        status: one.state,
        containerDefinitions: []
      }),
      more: (one, { include }) =>
        Array.isArray(include) && include.includes("TAGS")
          ? { tags: Object.entries(one.tags).map(([key, value]) => ({ key, value })) }
          : {}
    })
  }
})
