/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes, sharedBy } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2TransitGateway = declare("ec2:transit-gateway", Ec2, {
  share: 0.3,
  arns: ["ec2", "transit-gateway/"],
  nameTag: true,
  deleted: ["deleted", 0.05],
  identify: (spot) => spot.ec2("tgw", "transit-gateway", "hub"),
  state: "available",
  operations: {
    DescribeTransitGateways: describes({
      items: "TransitGateways",
      ids: "TransitGatewayIds",
      notFound: "InvalidTransitGatewayID.NotFound",
      also: sharedBy("ec2:transit-gateway", "tgw", "transit-gateway"),
      fields: { "transit-gateway-id": (one) => one.id },
      item: (one) => ({
        TransitGatewayId: one.id,
        TransitGatewayArn: one.arn,
        State: one.state,
        OwnerId: one.accountId,
        CreationTime: one.createdAt,
        Options: { AmazonSideAsn: 64512, DnsSupport: "enable" }
      })
    })
  }
})
