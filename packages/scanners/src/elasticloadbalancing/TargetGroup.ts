import {
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client
} from "@aws-sdk/client-elastic-load-balancing-v2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const targetGroup = Scanner.make("elasticloadbalancing:targetgroup", {
  cloudFormation: "AWS::ElasticLoadBalancingV2::TargetGroup", free: true,
  actions: ["elasticloadbalancing:DescribeTargetGroups"],
  list: Aws.list(ElasticLoadBalancingV2Client, DescribeTargetGroupsCommand, { PageSize: 400 }, (page) =>
    page.TargetGroups, ["Marker", "NextMarker"]),
  describe: ({ Port, Protocol, TargetGroupArn, TargetGroupName, TargetType, VpcId }) => ({
    arn: TargetGroupArn, name: TargetGroupName,
    attributes: { protocol: Protocol, port: Port, targetType: TargetType, vpcId: VpcId }
  }),
  tags: Scanner.tags("elasticloadbalancing:DescribeTags", ({ arn }) =>
    Aws.send(ElasticLoadBalancingV2Client, new DescribeTagsCommand({ ResourceArns: [arn] })), (it) =>
    it.TagDescriptions?.[0]?.Tags)
})
