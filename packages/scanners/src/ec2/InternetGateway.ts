import { DescribeInternetGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const internetGateway = Scanner.make("ec2:internet-gateway", {
  cloudFormation: "AWS::EC2::InternetGateway", actions: ["ec2:DescribeInternetGateways"], free: true,
  list: Aws.list(EC2Client, DescribeInternetGatewaysCommand, { MaxResults: 1000 }, (page) => page.InternetGateways),
  describe: ({ Attachments, InternetGatewayId, OwnerId, Tags }, place) => ({
    arn: place.arn("ec2", "internet-gateway/", InternetGatewayId), owner: OwnerId, tags: Tags,
    attributes: { vpcId: Attachments?.[0]?.VpcId }
  })
})
