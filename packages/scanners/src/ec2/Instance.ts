import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const instance = Scanner.make("ec2:instance", {
  cloudFormation: "AWS::EC2::Instance", actions: ["ec2:DescribeInstances"],
  list: Aws.list(EC2Client, DescribeInstancesCommand, { MaxResults: 1000 }, ({ Reservations }) =>
    Reservations?.flatMap(({ Instances = [] }) => Instances)),
  describe: ({ ImageId, InstanceId, InstanceType, LaunchTime, State, SubnetId, Tags, VpcId }, place) => ({
    arn: place.arn("ec2", "instance/", InstanceId), tags: Tags, createdAt: LaunchTime, state: State?.Name,
    attributes: { instanceType: InstanceType, imageId: ImageId, vpcId: VpcId, subnetId: SubnetId },
    // A terminated instance stays in the list for about an hour.
    mark: State?.Name === "terminated" ? "deleted" : undefined
  })
})
