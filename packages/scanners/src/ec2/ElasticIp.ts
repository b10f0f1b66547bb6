import { DescribeAddressesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const elasticIp = Scanner.make("ec2:elastic-ip", {
  cloudFormation: "AWS::EC2::EIP", actions: ["ec2:DescribeAddresses"],
  // The one list of EC2 that has no pages.
  list: Aws.list(EC2Client, DescribeAddressesCommand, {}, ({ Addresses }) => Addresses),
  describe: ({ AllocationId, AssociationId, InstanceId, PublicIp, ServiceManaged, Tags }, place) => ({
    arn: place.arn("ec2", "elastic-ip/", AllocationId ?? PublicIp), tags: Tags,
    state: AssociationId === undefined ? "unassociated" : "associated",
    attributes: { publicIp: PublicIp, instanceId: InstanceId },
    mark: ServiceManaged === undefined ? undefined : "aws-created"
  })
})
