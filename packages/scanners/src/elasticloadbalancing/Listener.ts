import {
  DescribeListenersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client
} from "@aws-sdk/client-elastic-load-balancing-v2"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"
import { loadBalancers } from "./LoadBalancer.ts"

/** The pages of one load balancer's listeners. */
export const listenersOf = (LoadBalancerArn: string | undefined) =>
  Aws.list(
    ElasticLoadBalancingV2Client,
    DescribeListenersCommand,
    { LoadBalancerArn, PageSize: 400 },
    (page) => page.Listeners,
    ["Marker", "NextMarker"]
  )

export const listener = Scanner.make("elasticloadbalancing:listener", {
  cloudFormation: "AWS::ElasticLoadBalancingV2::Listener", free: true,
  actions: ["elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeListeners"],
  list: Lookup.within(loadBalancers, ({ LoadBalancerArn }) => listenersOf(LoadBalancerArn)),
  describe: ({ ListenerArn, LoadBalancerArn, Port, Protocol }) => ({
    arn: ListenerArn, attributes: { protocol: Protocol, port: Port, loadBalancerArn: LoadBalancerArn }
  }),
  tags: Scanner.tags("elasticloadbalancing:DescribeTags", ({ arn }) =>
    Aws.send(ElasticLoadBalancingV2Client, new DescribeTagsCommand({ ResourceArns: [arn] })), (it) =>
    it.TagDescriptions?.[0]?.Tags)
})
