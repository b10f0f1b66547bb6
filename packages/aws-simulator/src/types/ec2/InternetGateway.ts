/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2InternetGateway = declare("ec2:internet-gateway", Ec2, {
  share: 1,
  arns: ["ec2", "internet-gateway/"],
  nameTag: true,
  identify: (spot) => spot.ec2("igw", "internet-gateway", "main", "edge"),
  state: "available",
  attributes: ({ vpcId }) => ({ vpcId }),
  operations: {
    DescribeInternetGateways: describes({
      items: "InternetGateways",
      ids: "InternetGatewayIds",
      notFound: "InvalidInternetGatewayID.NotFound",
      fields: { "internet-gateway-id": (one) => one.id, "attachment.vpc-id": (one) => one.attributes.vpcId },
      item: (one) => ({
        InternetGatewayId: one.id,
        Attachments: [{ State: one.state, VpcId: one.attributes.vpcId }],
        OwnerId: one.accountId
      })
    })
  }
})
