import { DescribeClustersCommand, RedshiftClient } from "@aws-sdk/client-redshift"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("redshift:cluster", {
  cloudFormation: "AWS::Redshift::Cluster", actions: ["redshift:DescribeClusters"],
  list: Aws.list(RedshiftClient, DescribeClustersCommand, { MaxRecords: 100 }, (page) => page.Clusters, "Marker"),
  describe: ({ ClusterCreateTime, ClusterIdentifier, ClusterStatus, NodeType, Tags, ...its }, place) => ({
    // ClusterNamespaceArn names another thing.
    arn: place.arn("redshift", "cluster:", ClusterIdentifier), name: ClusterIdentifier, tags: Tags,
    createdAt: ClusterCreateTime, state: ClusterStatus,
    attributes: { nodeType: NodeType, nodes: its.NumberOfNodes, vpcId: its.VpcId }
  })
})
