/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { refuse } from "../../AwsFault.ts"
import type { Call } from "../../Service.ts"
import { accepting, tagSet } from "./Describe.ts"

export const describeAddresses = (input: Sdk.DescribeAddressesRequest, call: Call): Sdk.DescribeAddressesResult => {
  const accept = accepting<"ec2:elastic-ip">(input.Filters, {
    "allocation-id": (one) => one.id,
    "public-ip": (one) => one.attributes.publicIp,
    "instance-id": (one) => one.attributes.instanceId,
    domain: () => "vpc"
  })
  const place = { accountId: call.accountId, region: call.region, type: "ec2:elastic-ip" } as const
  const ids = input.AllocationIds ?? []
  const found = ids.length > 0
    ? ids.map((id) => {
      const one = call.find("ec2:elastic-ip", id)
      if (one === undefined) {
        throw refuse("InvalidAllocationID.NotFound", 400, `The allocation ID '${id}' does not exist`)
      }
      return one
    })
    : call.estate.scan([place], 0, Number.MAX_SAFE_INTEGER, accept).items
  return {
    Addresses: found.map((one) => ({
      AllocationId: one.id,
      PublicIp: one.attributes.publicIp,
      ...(one.mark === undefined ? {} : { ServiceManaged: "alb" as const }),
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: one.region,
      ...(one.attributes.instanceId === undefined
        ? {}
        : { InstanceId: one.attributes.instanceId, AssociationId: one.attributes.associationId }),
      Tags: tagSet(one)
    }))
  }
}
