/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"
import { vpcOf } from "../../TypeModel.ts"

export const Ec2NetworkAcl = declare("ec2:network-acl", Ec2, {
  share: 1.5,
  arns: ["ec2", "network-acl/"],
  nameTag: true,
  own: [["", "default"]],
  identify: (spot) => spot.ec2("acl", "network-acl", "private", "public"),
  attributes: (spot) => ({ vpcId: spot.index === 0 ? vpcOf(spot.cell) : spot.vpcId }),
  operations: {
    DescribeNetworkAcls: describes({
      items: "NetworkAcls",
      ids: "NetworkAclIds",
      notFound: "InvalidNetworkAclID.NotFound",
      fields: { "network-acl-id": (one) => one.id, default: (one) => String(one.mark === "default") },
      item: (one) => ({
        NetworkAclId: one.id,
        VpcId: one.attributes.vpcId,
        IsDefault: one.mark === "default",
        OwnerId: one.accountId,
        Associations: [],
        Entries: [{ CidrBlock: "0.0.0.0/0", Egress: false, Protocol: "-1", RuleAction: "allow", RuleNumber: 100 }]
      })
    })
  }
})
