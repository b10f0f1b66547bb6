/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"
import { vpcOf } from "../../TypeModel.ts"

export const Ec2RouteTable = declare("ec2:route-table", Ec2, {
  share: 3,
  arns: ["ec2", "route-table/"],
  nameTag: true,
  own: [["", "default"]],
  identify: (spot) => spot.ec2("rtb", "route-table", "private", "public"),
  attributes: (spot) => ({
    vpcId: spot.index === 0 ? vpcOf(spot.cell) : spot.vpcId,
    association: `rtbassoc-0${spot.hex(51)}${spot.hex(52)}`
  }),
  operations: {
    DescribeRouteTables: describes({
      items: "RouteTables",
      ids: "RouteTableIds",
      notFound: "InvalidRouteTableID.NotFound",
      pages: [5, 100],
      fields: { "route-table-id": (one) => one.id, "association.main": (one) => String(one.mark === "default") },
      item: (one) => ({
        RouteTableId: one.id,
        VpcId: one.attributes.vpcId,
        OwnerId: one.accountId,
        Associations: [{
          Main: one.mark === "default",
          RouteTableAssociationId: one.attributes.association,
          RouteTableId: one.id,
          AssociationState: { State: "associated" }
        }],
        PropagatingVgws: [],
        Routes: [{ DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active" }]
      })
    })
  }
})
