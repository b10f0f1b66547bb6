import { DescribeNetworkAclsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const networkAcl = Scanner.make("ec2:network-acl", {
  cloudFormation: "AWS::EC2::NetworkAcl", actions: ["ec2:DescribeNetworkAcls"], free: true,
  list: Aws.list(EC2Client, DescribeNetworkAclsCommand, { MaxResults: 1000 }, ({ NetworkAcls }) => NetworkAcls),
  describe: ({ IsDefault, NetworkAclId, OwnerId, Tags, VpcId }, place) => ({
    arn: place.arn("ec2", "network-acl/", NetworkAclId), owner: OwnerId, tags: Tags,
    attributes: { vpcId: VpcId },
    mark: IsDefault === true ? "default" : undefined
  })
})
