import { DescribeVpnConnectionsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const vpnConnection = Scanner.make("ec2:vpn-connection", {
  cloudFormation: "AWS::EC2::VPNConnection", actions: ["ec2:DescribeVpnConnections"],
  list: Aws.list(EC2Client, DescribeVpnConnectionsCommand, {}, ({ VpnConnections }) => VpnConnections),
  describe: ({ CustomerGatewayId, State, Tags, TransitGatewayId, VpnConnectionId, VpnGatewayId }, place) => ({
    arn: place.arn("ec2", "vpn-connection/", VpnConnectionId), tags: Tags, state: State,
    attributes: { customerGatewayId: CustomerGatewayId, gatewayId: TransitGatewayId ?? VpnGatewayId },
    mark: State === "deleted" ? "deleted" : undefined
  })
})
