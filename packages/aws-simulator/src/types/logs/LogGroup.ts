/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Logs } from "../../services/Logs.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const LogGroup = declare("logs:log-group", Logs, {
  share: 14,
  arns: ["logs", "log-group:"],
  identify: (spot) => {
    const name = `${spot.pick(50, ["/aws/lambda", "/ecs", "/app"])}/${spot.named("api", "worker")}`
    return { id: name, name, arn: spot.arn("logs", `log-group:${name}`) }
  },
  operations: {
    DescribeLogGroups: list({
      items: "logGroups",
      page: { size: "limit", max: 50, token: "nextToken" },
      where: ({ logGroupNamePrefix: prefix }) =>
        typeof prefix === "string" ? ({ name }) => name.startsWith(prefix) : undefined,
      item: (one) => ({
        logGroupName: one.name,
        arn: `${one.arn}:*`,
        logGroupArn: one.arn,
        creationTime: one.createdAt.getTime(),
        metricFilterCount: 0,
        storedBytes: 1024
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
