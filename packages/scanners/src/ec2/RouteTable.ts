import { DescribeRouteTablesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const routeTable = Scanner.make("ec2:route-table", {
  cloudFormation: "AWS::EC2::RouteTable", actions: ["ec2:DescribeRouteTables"], free: true,
  list: Aws.list(EC2Client, DescribeRouteTablesCommand, { MaxResults: 100 }, ({ RouteTables }) => RouteTables),
  describe: ({ Associations, OwnerId, RouteTableId, Tags, VpcId }, place) => ({
    arn: place.arn("ec2", "route-table/", RouteTableId), owner: OwnerId, tags: Tags,
    attributes: { vpcId: VpcId },
    // The main table came with the VPC and cannot be deleted before it.
    mark: Associations?.some(({ Main }) => Main === true) === true ? "default" : undefined
  })
})
