import { DescribeClusterCommand, EMRClient, ListClustersCommand } from "@aws-sdk/client-emr"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("emr:cluster", {
  cloudFormation: "AWS::EMR::Cluster", actions: ["elasticmapreduce:ListClusters"],
  // All but those that are over, which EMR lists for two months.
  list: Aws.list(EMRClient, ListClustersCommand, {
    ClusterStates: ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"]
  }, ({ Clusters }) => Clusters, "Marker"),
  describe: ({ ClusterArn, Id, Name, NormalizedInstanceHours, Status }) => ({
    arn: ClusterArn, id: Id, name: Name, createdAt: Status?.Timeline?.CreationDateTime, state: Status?.State,
    attributes: { normalizedInstanceHours: NormalizedInstanceHours }
  }),
  tags: Scanner.tags("elasticmapreduce:DescribeCluster", ({ id }) =>
    Aws.send(EMRClient, new DescribeClusterCommand({ ClusterId: id })), ({ Cluster }) => Cluster?.Tags)
})
