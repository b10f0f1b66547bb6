/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes, sharedBy } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"
import { vpcOf } from "../../TypeModel.ts"

export const Ec2Vpc = declare("ec2:vpc", Ec2, {
  share: 1.5,
  arns: ["ec2", "vpc/"],
  nameTag: true,
  own: [["", "default"]],
  identify: (spot) => {
    const id = spot.index === 0 ? vpcOf(spot.cell) : spot.long("vpc")
    return { id, name: spot.named("main", "shared"), arn: spot.arn("ec2", `vpc/${id}`) }
  },
  state: "available",
  operations: {
    DescribeVpcs: describes({
      items: "Vpcs",
      ids: "VpcIds",
      notFound: "InvalidVpcID.NotFound",
      also: sharedBy("ec2:vpc", "vpc", "vpc"),
      fields: { "vpc-id": (one) => one.id, "is-default": (one) => String(one.mark === "default") },
      item: (one) => ({
        VpcId: one.id,
        State: one.state,
        CidrBlock: one.mark === "default" ? "172.31.0.0/16" : "10.0.0.0/16",
        InstanceTenancy: "default",
        IsDefault: one.mark === "default",
        OwnerId: one.accountId
      })
    })
  }
})
