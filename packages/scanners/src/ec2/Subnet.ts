import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const subnet = Scanner.make("ec2:subnet", {
  cloudFormation: "AWS::EC2::Subnet", actions: ["ec2:DescribeSubnets"], free: true,
  list: Aws.list(EC2Client, DescribeSubnetsCommand, { MaxResults: 1000 }, ({ Subnets }) => Subnets),
  describe: ({ CidrBlock, DefaultForAz, OwnerId, State, SubnetArn, SubnetId, Tags, ...its }, place) => ({
    arn: SubnetArn ?? place.arn("ec2", "subnet/", SubnetId), owner: OwnerId, tags: Tags, state: State,
    attributes: { vpcId: its.VpcId, cidrBlock: CidrBlock, availabilityZone: its.AvailabilityZone },
    mark: DefaultForAz === true ? "default" : undefined
  })
})
