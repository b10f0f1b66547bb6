/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes, sharedBy } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"
import { subnetIn, vpcOf, zones } from "../../TypeModel.ts"

export const Ec2Subnet = declare("ec2:subnet", Ec2, {
  share: 4,
  arns: ["ec2", "subnet/"],
  nameTag: true,
  own: zones.map(() => ["", "default"]),
  identify: (spot) => {
    const zone = zones[spot.index]
    const id = zone === undefined ? spot.long("subnet") : subnetIn(spot.cell, zone)
    return { id, name: spot.named("private", "public"), arn: spot.arn("ec2", `subnet/${id}`) }
  },
  state: "available",
  attributes: (spot) => {
    const zone = zones[spot.index]
    return zone === undefined
      ? { vpcId: spot.vpcId, zone: spot.zone }
      : { vpcId: vpcOf(spot.cell), zone: `${spot.region}${zone}` }
  },
  operations: {
    DescribeSubnets: describes({
      items: "Subnets",
      ids: "SubnetIds",
      notFound: "InvalidSubnetID.NotFound",
      also: sharedBy("ec2:subnet", "subnet", "subnet"),
      fields: { "subnet-id": (one) => one.id, "default-for-az": (one) => String(one.mark === "default") },
      item: (one) => ({
        SubnetId: one.id,
        SubnetArn: one.arn,
        State: one.state,
        VpcId: one.attributes.vpcId,
        AvailabilityZone: one.attributes.zone,
        CidrBlock: "10.0.1.0/24",
        AvailableIpAddressCount: 250,
        DefaultForAz: one.mark === "default",
        MapPublicIpOnLaunch: one.mark === "default",
        OwnerId: one.accountId
      })
    })
  }
})
