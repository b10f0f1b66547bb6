import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const vpc = Scanner.make("ec2:vpc", {
  cloudFormation: "AWS::EC2::VPC", actions: ["ec2:DescribeVpcs"], free: true,
  list: Aws.list(EC2Client, DescribeVpcsCommand, { MaxResults: 1000 }, ({ Vpcs }) => Vpcs),
  describe: ({ CidrBlock, IsDefault, OwnerId, State, Tags, VpcId }, place) => ({
    arn: place.arn("ec2", "vpc/", VpcId), owner: OwnerId, tags: Tags, state: State,
    attributes: { cidrBlock: CidrBlock },
    mark: IsDefault === true ? "default" : undefined
  })
})
