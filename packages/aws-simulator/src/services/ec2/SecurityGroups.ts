/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import type { Call } from "../../Service.ts"
import { describe, tagSet } from "./Describe.ts"

export const describeSecurityGroups = (
  input: Sdk.DescribeSecurityGroupsRequest,
  call: Call
): Sdk.DescribeSecurityGroupsResult => {
  const { items, token } = describe(call, "ec2:security-group", input, {
    ids: input.GroupIds,
    idsName: "groupIds",
    notFound: "InvalidGroup.NotFound",
    noun: "security group",
    fields: {
      "group-id": (one) => one.id,
      "group-name": (one) => one.name,
      "vpc-id": (one) => one.attributes.vpcId,
      "owner-id": (one) => one.accountId
    }
  })
  return {
    SecurityGroups: items.map((one) => ({
      GroupId: one.id,
      GroupName: one.name,
      Description: one.attributes.description,
      OwnerId: one.accountId,
      VpcId: one.attributes.vpcId,
      SecurityGroupArn: one.arn,
      IpPermissions: one.attributes.ports.map((port) => ({
        IpProtocol: "tcp",
        FromPort: port,
        ToPort: port,
        IpRanges: [{ CidrIp: one.attributes.cidr }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: []
      })),
      IpPermissionsEgress: [{
        IpProtocol: "-1",
        IpRanges: [{ CidrIp: "0.0.0.0/0" }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: []
      }],
      Tags: tagSet(one)
    })),
    NextToken: token
  }
}
