import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

const listed = Aws.only(DescribeVolumesCommand, {
  NextToken: true,
  Volumes: {
    Attachments: { InstanceId: true }, CreateTime: true, Encrypted: true, Size: true, State: true, Tags: true, VolumeId: true,
    VolumeType: true
  }
})

export const volume = Scanner.make("ec2:volume", {
  cloudFormation: "AWS::EC2::Volume", actions: ["ec2:DescribeVolumes"],
  list: Aws.list(EC2Client, listed, { MaxResults: 1000 }, ({ Volumes }) => Volumes),
  describe: ({ Attachments, CreateTime, Encrypted, Size, State, Tags, VolumeId, VolumeType }, place) => ({
    arn: place.arn("ec2", "volume/", VolumeId), tags: Tags, createdAt: CreateTime, state: State,
    attributes: { sizeGiB: Size, type: VolumeType, encrypted: Encrypted, instanceId: Attachments?.[0]?.InstanceId }
  })
})
