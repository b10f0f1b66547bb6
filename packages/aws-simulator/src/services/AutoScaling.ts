/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-auto-scaling"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { queryFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { query } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const group = (one: EstateResource<"autoscaling:group">): Sdk.AutoScalingGroup => ({
  AutoScalingGroupName: one.name,
  AutoScalingGroupARN: one.arn,
  LaunchTemplate: {
    LaunchTemplateId: one.attributes.launchTemplateId,
    LaunchTemplateName: one.name,
    Version: "$Latest"
  },
  MinSize: one.attributes.minSize,
  MaxSize: one.attributes.maxSize,
  DesiredCapacity: one.attributes.desiredCapacity,
  DefaultCooldown: 300,
  AvailabilityZones: [one.attributes.zone],
  LoadBalancerNames: [],
  TargetGroupARNs: [],
  HealthCheckType: "EC2",
  HealthCheckGracePeriod: 300,
  Instances: [],
  CreatedTime: one.createdAt,
  SuspendedProcesses: [],
  VPCZoneIdentifier: one.attributes.subnetId,
  EnabledMetrics: [],
  Tags: Object.entries(one.tags).map(([Key, Value]) => ({
    ResourceId: one.name,
    ResourceType: "auto-scaling-group",
    Key,
    Value,
    PropagateAtLaunch: one.attributes.propagate
  })),
  TerminationPolicies: ["Default"],
  NewInstancesProtectedFromScaleIn: false
})

const describeAutoScalingGroups = (
  input: Sdk.AutoScalingGroupNamesType,
  call: Call
): Sdk.AutoScalingGroupsType => {
  const names = input.AutoScalingGroupNames ?? []
  if (names.length > 0) {
    // Names that do not exist are left out, without an error.
    return {
      AutoScalingGroups: names.flatMap((name) => {
        const found = call.find("autoscaling:group", name)
        return found === undefined ? [] : [group(found)]
      })
    }
  }
  const place = { accountId: call.accountId, region: call.region, type: "autoscaling:group" } as const
  const { items, token } = Paging.page(call, {
    size: input.MaxRecords,
    min: 1,
    max: 100,
    byDefault: 50,
    token: input.NextToken,
    bind: input.Filters,
    badSize: (size) =>
      refuse("ValidationError", 400, `The value for maxRecords must be between 1 and 100. Received value: ${size}`),
    badToken: () => refuse("InvalidNextToken", 400, "The NextToken value is not valid.")
  }, (from, limit) => call.estate.scan([place], from, limit))
  return { AutoScalingGroups: items.map(group), NextToken: token }
}

export const AutoScaling = make({
  signingName: "autoscaling",
  iamPrefix: "autoscaling",
  scope: "regional",
  protocol: query("http://autoscaling.amazonaws.com/doc/2011-01-01/"),
  family: queryFamily,
  refusals: { size: ["ValidationError", 400], token: ["InvalidNextToken", 400] },
  load: () => import("@aws-sdk/client-auto-scaling"),
  ragged: ["DescribeAutoScalingGroups"],
  operations: { DescribeAutoScalingGroups: describeAutoScalingGroups }
})
