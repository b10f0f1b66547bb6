/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2DhcpOptions = declare("ec2:dhcp-options", Ec2, {
  share: 0.5,
  arns: ["ec2", "dhcp-options/"],
  nameTag: true,
  own: [["", "default"]],
  identify: (spot) => spot.ec2("dopt", "dhcp-options", "corporate"),
  attributes: ({ index, region }) => ({
    domain: index > 0 ? "corp.example.com" : region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`
  }),
  operations: {
    DescribeDhcpOptions: describes({
      items: "DhcpOptions",
      ids: "DhcpOptionsIds",
      notFound: "InvalidDhcpOptionID.NotFound",
      fields: { "dhcp-options-id": (one) => one.id },
      item: (one) => ({
        DhcpOptionsId: one.id,
        OwnerId: one.accountId,
        DhcpConfigurations: [
          { Key: "domain-name", Values: [{ Value: one.attributes.domain }] },
          { Key: "domain-name-servers", Values: [{ Value: "AmazonProvidedDNS" }] }
        ]
      })
    })
  }
})
