/** @since 0.1.0 */
import { DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const cluster = Scanner.make("ecs:cluster", {
  cloudFormation: "AWS::ECS::Cluster",
  actions: ["ecs:ListClusters", "ecs:DescribeClusters"],
  list: Aws.list(ECSClient, ListClustersCommand, { maxResults: 100 }, (page) => page.clusterArns, [
    "nextToken",
    "nextToken"
  ]).pipe(Stream.mapEffect((arns) =>
    // A cluster that is gone by now is among `failures`, and so dropped.
    Aws.send(ECSClient, new DescribeClustersCommand({ clusters: [...arns], include: ["TAGS"] })).pipe(
      Effect.map(({ clusters = [] }) => clusters)
    )
  )),
  describe: ({ activeServicesCount, clusterArn, clusterName, runningTasksCount, status, tags }) => ({
    arn: clusterArn, name: clusterName, tags, state: status,
    attributes: { activeServices: activeServicesCount, runningTasks: runningTasksCount }
  })
})
