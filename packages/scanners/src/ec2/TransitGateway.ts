import { DescribeTransitGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const transitGateway = Scanner.make("ec2:transit-gateway", {
  cloudFormation: "AWS::EC2::TransitGateway", actions: ["ec2:DescribeTransitGateways"],
  list: Aws.list(EC2Client, DescribeTransitGatewaysCommand, { MaxResults: 1000 }, (page) => page.TransitGateways),
  describe: ({ CreationTime, Description, OwnerId, State, Tags, TransitGatewayArn, TransitGatewayId }, place) => ({
    arn: TransitGatewayArn ?? place.arn("ec2", "transit-gateway/", TransitGatewayId), owner: OwnerId, tags: Tags,
    createdAt: CreationTime, state: State, attributes: { description: Description },
    mark: State === "deleted" ? "deleted" : undefined
  })
})
