import { DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const vpcEndpoint = Scanner.make("ec2:vpc-endpoint", {
  cloudFormation: "AWS::EC2::VPCEndpoint", actions: ["ec2:DescribeVpcEndpoints"],
  list: Aws.list(EC2Client, DescribeVpcEndpointsCommand, { MaxResults: 1000 }, ({ VpcEndpoints }) => VpcEndpoints),
  describe: ({ CreationTimestamp, OwnerId, RequesterManaged, State, Tags, VpcEndpointId, ...its }, place) => ({
    arn: place.arn("ec2", "vpc-endpoint/", VpcEndpointId), owner: OwnerId, tags: Tags, createdAt: CreationTimestamp,
    state: State?.toLowerCase(), attributes: { service: its.ServiceName, kind: its.VpcEndpointType, vpcId: its.VpcId },
    mark: State?.toLowerCase() === "deleted" ? "deleted" : RequesterManaged === true ? "aws-created" : undefined
  })
})
