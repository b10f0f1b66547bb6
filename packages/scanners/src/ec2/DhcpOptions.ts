import { DescribeDhcpOptionsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const dhcpOptions = Scanner.make("ec2:dhcp-options", {
  cloudFormation: "AWS::EC2::DHCPOptions", actions: ["ec2:DescribeDhcpOptions"], free: true,
  list: Aws.list(EC2Client, DescribeDhcpOptionsCommand, { MaxResults: 1000 }, ({ DhcpOptions }) => DhcpOptions),
  describe: ({ DhcpConfigurations: all = [], DhcpOptionsId, OwnerId, Tags }, place) => {
    const options = all.map(({ Key, Values }) => `${Key}=${Values?.map(({ Value }) => Value).join()}`).toSorted()
    const domain = place.region === "us-east-1" ? "ec2.internal" : `${place.region}.compute.internal`
    // AWS says nowhere which set came with the Region; it is told by what it holds.
    const isDefault = options.join() === `domain-name-servers=AmazonProvidedDNS,domain-name=${domain}`
    return {
      arn: place.arn("ec2", "dhcp-options/", DhcpOptionsId), owner: OwnerId, tags: Tags, attributes: { options },
      mark: isDefault ? "default" : undefined
    }
  }
})
