import { DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const snapshot = Scanner.make("ec2:snapshot", {
  cloudFormation: "AWS::EC2::Snapshot", actions: ["ec2:DescribeSnapshots"],
  // Without an owner, AWS lists every public snapshot of every account.
  list: Aws.list(EC2Client, DescribeSnapshotsCommand, { MaxResults: 1000, OwnerIds: ["self"] }, (it) => it.Snapshots),
  describe: ({ Encrypted, SnapshotId, StartTime, State, Tags, VolumeId, VolumeSize }, place) => ({
    arn: place.arn("ec2", "snapshot/", SnapshotId), tags: Tags, createdAt: StartTime, state: State,
    attributes: { volumeId: VolumeId, sizeGiB: VolumeSize, encrypted: Encrypted }
  })
})
