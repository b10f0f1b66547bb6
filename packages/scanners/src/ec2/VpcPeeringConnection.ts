import { DescribeVpcPeeringConnectionsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const vpcPeeringConnection = Scanner.make("ec2:vpc-peering-connection", {
  cloudFormation: "AWS::EC2::VPCPeeringConnection", actions: ["ec2:DescribeVpcPeeringConnections"], free: true,
  list: Aws.list(EC2Client, DescribeVpcPeeringConnectionsCommand, { MaxResults: 1000 }, (page) =>
    page.VpcPeeringConnections),
  // Both sides list it, each with an ARN and tags of its own.
  describe: ({ AccepterVpcInfo, RequesterVpcInfo, Status, Tags, VpcPeeringConnectionId }, place) => ({
    arn: place.arn("ec2", "vpc-peering-connection/", VpcPeeringConnectionId), tags: Tags, state: Status?.Code,
    attributes: { requesterVpcId: RequesterVpcInfo?.VpcId, accepterVpcId: AccepterVpcInfo?.VpcId },
    mark: /^(?:deleted|expired|failed|rejected)$/u.test(Status?.Code ?? "") ? "deleted" : undefined
  })
})
