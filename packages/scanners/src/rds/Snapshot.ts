import { DescribeDBSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const snapshot = Scanner.make("rds:snapshot", {
  cloudFormation: "AWS::RDS::DBSnapshot", actions: ["rds:DescribeDBSnapshots"],
  list: Aws.list(RDSClient, DescribeDBSnapshotsCommand, { MaxRecords: 100 }, (it) => it.DBSnapshots, "Marker"),
  describe: ({ DBInstanceIdentifier, DBSnapshotArn, SnapshotType, TagList, ...its }) => ({
    arn: DBSnapshotArn, id: its.DBSnapshotIdentifier, name: its.DBSnapshotIdentifier, tags: TagList,
    createdAt: its.SnapshotCreateTime, state: its.Status,
    attributes: { dbInstanceId: DBInstanceIdentifier, kind: SnapshotType, sizeGiB: its.AllocatedStorage },
    // Made and deleted by RDS itself.
    mark: SnapshotType === "automated" ? "aws-created" : undefined
  })
})
