import { DescribeNetworkInterfacesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const networkInterface = Scanner.make("ec2:network-interface", {
  cloudFormation: "AWS::EC2::NetworkInterface", actions: ["ec2:DescribeNetworkInterfaces"], free: true,
  list: Aws.list(EC2Client, DescribeNetworkInterfacesCommand, { MaxResults: 1000 }, (page) => page.NetworkInterfaces),
  describe: ({ Attachment, NetworkInterfaceId, Operator, OwnerId, Status, TagSet, VpcId, ...its }, place) => ({
    arn: place.arn("ec2", "network-interface/", NetworkInterfaceId), owner: OwnerId, tags: TagSet, state: Status,
    attributes: {
      kind: its.InterfaceType, vpcId: VpcId, subnetId: its.SubnetId, instanceId: Attachment?.InstanceId,
      for: its.Description
    },
    // Load balancers, endpoints, NAT gateways and others make theirs, and delete them.
    mark: its.RequesterManaged === true || Operator?.Managed === true ? "aws-created" : undefined
  })
})
