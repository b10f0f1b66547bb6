/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2NetworkInterface = declare("ec2:network-interface", Ec2, {
  share: 12,
  arns: ["ec2", "network-interface/"],
  nameTag: true,
  mark: ({ hash }) => hash % 4 === 0 ? "aws-created" : undefined,
  identify: (spot) => spot.ec2("eni", "network-interface", "primary", "secondary"),
  state: "in-use",
  attributes: (spot) => ({
    vpcId: spot.vpcId,
    subnetId: spot.subnetId,
    zone: spot.zone,
    address: `10.${spot.below(50, 256)}.${spot.below(51, 256)}.${spot.below(52, 256)}`
  }),
  operations: {
    DescribeNetworkInterfaces: describes({
      items: "NetworkInterfaces",
      ids: "NetworkInterfaceIds",
      notFound: "InvalidNetworkInterfaceID.NotFound",
      tags: "TagSet",
      fields: {
        "network-interface-id": (one) => one.id,
        status: (one) => one.state,
        "subnet-id": (one) => one.attributes.subnetId,
        "requester-managed": (one) => String(one.mark === "aws-created")
      },
      item: (one) => ({
        NetworkInterfaceId: one.id,
        Status: one.state,
        InterfaceType: "interface",
        VpcId: one.attributes.vpcId,
        SubnetId: one.attributes.subnetId,
        AvailabilityZone: one.attributes.zone,
        PrivateIpAddress: one.attributes.address,
        RequesterManaged: one.mark === "aws-created",
        SourceDestCheck: true,
        Groups: [],
        OwnerId: one.accountId
      })
    })
  }
})
