/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2VpnConnection = declare("ec2:vpn-connection", Ec2, {
  share: 0.4,
  arns: ["ec2", "vpn-connection/"],
  nameTag: true,
  deleted: ["deleted", 0.1],
  identify: (spot) => spot.ec2("vpn", "vpn-connection", "office", "datacentre"),
  state: "available",
  attributes: (spot) => ({ customerGatewayId: `cgw-0${spot.hex(50)}${spot.hex(51)}` }),
  operations: {
    DescribeVpnConnections: describes({
      items: "VpnConnections",
      ids: "VpnConnectionIds",
      notFound: "InvalidVpnConnectionID.NotFound",
      pages: "none",
      fields: { "vpn-connection-id": (one) => one.id },
      item: (one) => ({
        VpnConnectionId: one.id,
        State: one.state,
        Type: "ipsec.1",
        Category: "VPN",
        CustomerGatewayId: one.attributes.customerGatewayId,
        Routes: [],
        VgwTelemetry: []
      })
    })
  }
})
