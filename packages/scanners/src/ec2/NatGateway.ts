import { DescribeNatGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

const listed = Aws.only(DescribeNatGatewaysCommand, {
  NextToken: true,
  NatGateways: { CreateTime: true, NatGatewayId: true, State: true, SubnetId: true, Tags: true, VpcId: true }
})

export const natGateway = Scanner.make("ec2:natgateway", {
  cloudFormation: "AWS::EC2::NatGateway", actions: ["ec2:DescribeNatGateways"],
  list: Aws.list(EC2Client, listed, { MaxResults: 1000 }, ({ NatGateways }) => NatGateways),
  describe: ({ CreateTime, NatGatewayId, State, SubnetId, Tags, VpcId }, place) => ({
    arn: place.arn("ec2", "natgateway/", NatGatewayId), tags: Tags, createdAt: CreateTime, state: State,
    attributes: { vpcId: VpcId, subnetId: SubnetId },
    // A deleted gateway stays in the list for about an hour.
    mark: State === "deleted" ? "deleted" : undefined
  })
})
