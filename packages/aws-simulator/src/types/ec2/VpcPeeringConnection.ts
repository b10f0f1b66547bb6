/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2VpcPeeringConnection = declare("ec2:vpc-peering-connection", Ec2, {
  share: 0.6,
  arns: ["ec2", "vpc-peering-connection/"],
  nameTag: true,
  deleted: ["deleted", 0.08],
  identify: (spot) => spot.ec2("pcx", "vpc-peering-connection", "to-shared", "to-legacy"),
  attributes: ({ vpcId }) => ({ vpcId }),
  operations: {
    DescribeVpcPeeringConnections: describes({
      items: "VpcPeeringConnections",
      ids: "VpcPeeringConnectionIds",
      notFound: "InvalidVpcPeeringConnectionID.NotFound",
      fields: { "vpc-peering-connection-id": (one) => one.id, "status-code": (one) => one.state },
      item: (one) => ({
        VpcPeeringConnectionId: one.id,
        Status: { Code: one.state, Message: one.state },
        RequesterVpcInfo: { OwnerId: one.accountId, Region: one.region, VpcId: one.attributes.vpcId },
        AccepterVpcInfo: { OwnerId: one.accountId, Region: one.region, VpcId: `${one.attributes.vpcId?.slice(0, -1)}0` }
      })
    })
  }
})
