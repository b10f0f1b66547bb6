import { DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("rds:cluster", {
  cloudFormation: "AWS::RDS::DBCluster", actions: ["rds:DescribeDBClusters"],
  // Clusters of DocumentDB and Neptune are among them; the engine tells.
  list: Aws.list(RDSClient, DescribeDBClustersCommand, { MaxRecords: 100 }, (page) => page.DBClusters, "Marker"),
  describe: ({ DBClusterArn, DBClusterIdentifier, Engine, EngineVersion, Status, TagList, ...its }, place) => ({
    arn: DBClusterArn ?? place.arn("rds", "cluster:", DBClusterIdentifier), name: DBClusterIdentifier, tags: TagList,
    createdAt: its.ClusterCreateTime, state: Status,
    attributes: { engine: Engine, engineVersion: EngineVersion, multiAz: its.MultiAZ }
  })
})
