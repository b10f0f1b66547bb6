import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

/** An instance has seventy members, some of them lists of lists. */
const listed = Aws.only(DescribeInstancesCommand, {
  NextToken: true,
  Reservations: {
    Instances: {
      IamInstanceProfile: { Arn: true }, ImageId: true, InstanceId: true, InstanceType: true, LaunchTime: true,
      State: true, SubnetId: true, Tags: true, VpcId: true
    }
  }
})

export const instance = Scanner.make("ec2:instance", {
  cloudFormation: "AWS::EC2::Instance", actions: ["ec2:DescribeInstances"],
  list: Aws.list(EC2Client, listed, { MaxResults: 1000 }, ({ Reservations }) =>
    Reservations?.flatMap(({ Instances = [] }) => Instances)),
  describe: ({ ImageId, InstanceId, InstanceType, LaunchTime, State, SubnetId, Tags, VpcId, ...its }, place) => ({
    arn: place.arn("ec2", "instance/", InstanceId), tags: Tags, createdAt: LaunchTime, state: State?.Name,
    attributes: {
      instanceType: InstanceType, imageId: ImageId, vpcId: VpcId, subnetId: SubnetId,
      instanceProfileArn: its.IamInstanceProfile?.Arn
    },
    // A terminated instance stays in the list for about an hour.
    mark: State?.Name === "terminated" ? "deleted" : undefined
  })
})
