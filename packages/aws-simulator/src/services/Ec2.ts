/** @since 0.1.0 */
import { ec2Family } from "../Family.ts"
import { ec2Query } from "../Protocol.ts"
import { make } from "../Service.ts"
import { describeAddresses } from "./ec2/Addresses.ts"
import { describeInstances } from "./ec2/Instances.ts"
import { describeNatGateways } from "./ec2/NatGateways.ts"
import { describeRegions } from "./ec2/Regions.ts"
import { describeSecurityGroups } from "./ec2/SecurityGroups.ts"
import { describeSnapshots } from "./ec2/Snapshots.ts"
import { describeVolumes } from "./ec2/Volumes.ts"

/** A call with none of these is "unfiltered and unpaginated" (Amazon EC2 API throttling). */
const pagingOrFilter = /^(?:MaxResults|Filters?|(?:Instance|Volume|Snapshot|Group|NetworkInterface)(?:Ids|Names))$/u

export const Ec2 = make({
  signingName: "ec2",
  iamPrefix: "ec2",
  scope: "regional",
  protocol: ec2Query("http://ec2.amazonaws.com/doc/2016-11-15/"),
  family: ec2Family,
  refusals: { size: ["InvalidParameterValue", 400], token: ["InvalidNextToken", 400] },
  load: () => import("@aws-sdk/client-ec2"),
  isUnpaginated: (input) => !Object.keys(input as object).some((name) => pagingOrFilter.test(name)),
  ragged: [
    "DescribeInstances",
    "DescribeVolumes",
    "DescribeSnapshots",
    "DescribeSecurityGroups",
    "DescribeNatGateways"
  ],
  operations: {
    DescribeRegions: describeRegions,
    DescribeInstances: describeInstances,
    DescribeVolumes: describeVolumes,
    DescribeSnapshots: describeSnapshots,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeAddresses: describeAddresses,
    DescribeNatGateways: describeNatGateways
  }
})
