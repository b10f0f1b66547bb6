import {
  DescribeRulesCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client
} from "@aws-sdk/client-elastic-load-balancing-v2"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"
import * as Stream from "effect/Stream"
import { listenersOf } from "./Listener.ts"
import { loadBalancers } from "./LoadBalancer.ts"

export const listenerRule = Scanner.make("elasticloadbalancing:listener-rule", {
  cloudFormation: "AWS::ElasticLoadBalancingV2::ListenerRule", free: true,
  actions: [
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules"
  ],
  list: Lookup.within(
    // The listeners of gateways have none; those of network load balancers only the default one.
    Lookup.within(loadBalancers, (it) => it.Type === "gateway" ? Stream.empty : listenersOf(it.LoadBalancerArn)),
    ({ ListenerArn }) =>
      Aws.list(ElasticLoadBalancingV2Client, DescribeRulesCommand, { ListenerArn, PageSize: 400 }, (it) => it.Rules, [
        "Marker",
        "NextMarker"
      ])
  ),
  describe: ({ IsDefault, Priority, RuleArn }) => ({
    arn: RuleArn, attributes: { priority: Priority },
    // Came with its listener, and goes with it.
    mark: IsDefault === true ? "default" : undefined
  }),
  tags: Scanner.tags("elasticloadbalancing:DescribeTags", ({ arn }) =>
    Aws.send(ElasticLoadBalancingV2Client, new DescribeTagsCommand({ ResourceArns: [arn] })), (it) =>
    it.TagDescriptions?.[0]?.Tags)
})
