/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import type { Call } from "../../Service.ts"
import { describe, tagSet } from "./Describe.ts"

export const describeVolumes = (input: Sdk.DescribeVolumesRequest, call: Call): Sdk.DescribeVolumesResult => {
  const { items, token } = describe(call, "ec2:volume", input, {
    ids: input.VolumeIds,
    idsName: "volumeIds",
    notFound: "InvalidVolume.NotFound",
    noun: "volume",
    fields: {
      status: (one) => one.state,
      "volume-id": (one) => one.id,
      "volume-type": (one) => one.attributes.volumeType,
      encrypted: (one) => String(one.attributes.encrypted)
    }
  })
  return {
    Volumes: items.map((one) => ({
      VolumeId: one.id,
      Size: one.attributes.size,
      SnapshotId: one.attributes.snapshotId,
      AvailabilityZone: one.attributes.zone,
      State: one.state as Sdk.VolumeState,
      CreateTime: one.createdAt,
      Attachments: one.attributes.attachment === undefined ? [] : [{
        VolumeId: one.id,
        InstanceId: one.attributes.attachment.instanceId,
        Device: one.attributes.attachment.device,
        State: "attached",
        AttachTime: one.createdAt,
        DeleteOnTermination: one.attributes.attachment.device === "/dev/xvda"
      }],
      Tags: tagSet(one),
      VolumeType: one.attributes.volumeType as Sdk.VolumeType,
      Iops: one.attributes.iops,
      Throughput: one.attributes.throughput,
      Encrypted: one.attributes.encrypted,
      MultiAttachEnabled: false
    })),
    NextToken: token
  }
}
