import { DescribeClusterCommand, EKSClient, ListClustersCommand } from "@aws-sdk/client-eks"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("eks:cluster", {
  cloudFormation: "AWS::EKS::Cluster", actions: ["eks:ListClusters", "eks:DescribeCluster"],
  list: Lookup.each(
    // Connected clusters, which run elsewhere, are listed only when all are asked for.
    Aws.list(EKSClient, ListClustersCommand, { maxResults: 100, include: ["all"] }, (it) => it.clusters, "nextToken"),
    (name) => Aws.send(EKSClient, new DescribeClusterCommand({ name })),
    (answer) => answer.cluster
  ),
  describe: ({ arn, createdAt, name, resourcesVpcConfig, roleArn, status, tags, version }) => ({
    arn, name, tags, createdAt, state: status, attributes: { version, roleArn, vpcId: resourcesVpcConfig?.vpcId }
  })
})
