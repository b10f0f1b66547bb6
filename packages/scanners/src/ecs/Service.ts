import { DescribeServicesCommand, ECSClient, ListClustersCommand, ListServicesCommand } from "@aws-sdk/client-ecs"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const service = Scanner.make("ecs:service", {
  cloudFormation: "AWS::ECS::Service", actions: ["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"],
  list: Lookup.within(
    Aws.list(ECSClient, ListClustersCommand, { maxResults: 100 }, (page) => page.clusterArns, "nextToken"),
    (cluster) =>
      Lookup.batches(
        Aws.list(ECSClient, ListServicesCommand, { cluster, maxResults: 100 }, (page) => page.serviceArns, "nextToken"),
        10,
        (arns) => Aws.send(ECSClient, new DescribeServicesCommand({ cluster, services: [...arns], include: ["TAGS"] })),
        ({ services }) => services,
        ({ failures }) => failures
      )
  ),
  describe: ({ clusterArn, createdAt, launchType, serviceArn, serviceName, status, tags, ...its }) => ({
    arn: serviceArn, name: serviceName, tags, createdAt, state: status,
    attributes: { clusterArn, launchType, desired: its.desiredCount, running: its.runningCount },
    mark: status === "INACTIVE" ? "deleted" : undefined
  })
})
