import { DescribeDBClusterSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const clusterSnapshot = Scanner.make("rds:cluster-snapshot", {
  cloudFormation: "AWS::RDS::DBClusterSnapshot", actions: ["rds:DescribeDBClusterSnapshots"],
  list: Aws.list(RDSClient, DescribeDBClusterSnapshotsCommand, { MaxRecords: 100 }, (page) =>
    page.DBClusterSnapshots, "Marker"),
  describe: ({ DBClusterIdentifier, DBClusterSnapshotArn, DBClusterSnapshotIdentifier, SnapshotType, ...its }) => ({
    arn: DBClusterSnapshotArn, id: DBClusterSnapshotIdentifier, name: DBClusterSnapshotIdentifier, tags: its.TagList,
    createdAt: its.SnapshotCreateTime, state: its.Status,
    attributes: { dbClusterId: DBClusterIdentifier, kind: SnapshotType, engine: its.Engine },
    mark: SnapshotType === "automated" ? "aws-created" : undefined
  })
})
