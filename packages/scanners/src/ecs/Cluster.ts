import { DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("ecs:cluster", {
  cloudFormation: "AWS::ECS::Cluster", actions: ["ecs:ListClusters", "ecs:DescribeClusters"], free: true,
  // A cluster that is gone by the second call is among its `failures`, and so dropped.
  list: Lookup.batches(
    Aws.list(ECSClient, ListClustersCommand, { maxResults: 100 }, (page) => page.clusterArns, "nextToken"),
    100,
    (arns) => Aws.send(ECSClient, new DescribeClustersCommand({ clusters: [...arns], include: ["TAGS"] })),
    ({ clusters }) => clusters,
    ({ failures }) => failures
  ),
  describe: ({ activeServicesCount, clusterArn, clusterName, runningTasksCount, status, tags }) => ({
    arn: clusterArn, name: clusterName, tags, state: status,
    attributes: { activeServices: activeServicesCount, runningTasks: runningTasksCount },
    mark: status === "INACTIVE" ? "deleted" : undefined
  })
})
