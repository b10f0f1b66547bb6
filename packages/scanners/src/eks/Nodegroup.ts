import { DescribeNodegroupCommand, EKSClient, ListClustersCommand, ListNodegroupsCommand } from "@aws-sdk/client-eks"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const nodegroup = Scanner.make("eks:nodegroup", {
  cloudFormation: "AWS::EKS::Nodegroup", actions: ["eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"],
  list: Lookup.within(
    Aws.list(EKSClient, ListClustersCommand, { maxResults: 100 }, (page) => page.clusters, "nextToken"),
    (clusterName) =>
      Lookup.each(
        Aws.list(EKSClient, ListNodegroupsCommand, { clusterName, maxResults: 100 }, (page) =>
          page.nodegroups, "nextToken"),
        (nodegroupName) => Aws.send(EKSClient, new DescribeNodegroupCommand({ clusterName, nodegroupName })),
        (answer) => answer.nodegroup
      )
  ),
  describe: ({ capacityType, clusterName, createdAt, instanceTypes, nodegroupArn, nodegroupName, status, tags }) => ({
    arn: nodegroupArn, name: nodegroupName, tags, createdAt, state: status,
    attributes: { cluster: clusterName, capacityType, instanceTypes }
  })
})
