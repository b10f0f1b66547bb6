/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import type { Call } from "../../Service.ts"
import { describe, tagSet } from "./Describe.ts"

export const describeNatGateways = (
  input: Sdk.DescribeNatGatewaysRequest,
  call: Call
): Sdk.DescribeNatGatewaysResult => {
  const { items, token } = describe(call, "ec2:natgateway", { ...input, Filters: input.Filter }, {
    ids: input.NatGatewayIds,
    idsName: "natGatewayIds",
    notFound: "NatGatewayNotFound",
    noun: "NAT gateway",
    fields: {
      state: (one) => one.state,
      "nat-gateway-id": (one) => one.id,
      "vpc-id": (one) => one.attributes.vpcId,
      "subnet-id": (one) => one.attributes.subnetId
    }
  })
  return {
    NatGateways: items.map((one) => ({
      NatGatewayId: one.id,
      CreateTime: one.createdAt,
      State: one.state as Sdk.NatGatewayState,
      VpcId: one.attributes.vpcId,
      SubnetId: one.attributes.subnetId,
      ConnectivityType: "public",
      NatGatewayAddresses: [{
        AllocationId: one.attributes.allocationId,
        NetworkInterfaceId: one.attributes.networkInterfaceId,
        PrivateIp: one.attributes.privateIp,
        PublicIp: one.attributes.publicIp,
        IsPrimary: true,
        Status: "succeeded"
      }],
      Tags: tagSet(one)
    })),
    NextToken: token
  }
}
