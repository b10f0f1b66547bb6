import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client
} from "@aws-sdk/client-elastic-load-balancing-v2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

/** The pages of load balancers, for the types that are found through them as well. */
export const loadBalancers = Aws.list(
  ElasticLoadBalancingV2Client,
  DescribeLoadBalancersCommand,
  { PageSize: 400 },
  (page) => page.LoadBalancers,
  ["Marker", "NextMarker"]
)

export const loadBalancer = Scanner.make("elasticloadbalancing:loadbalancer", {
  cloudFormation: "AWS::ElasticLoadBalancingV2::LoadBalancer", actions: ["elasticloadbalancing:DescribeLoadBalancers"],
  list: loadBalancers,
  describe: ({ CreatedTime, DNSName, LoadBalancerArn, LoadBalancerName, Scheme, State, Type, VpcId }) => ({
    arn: LoadBalancerArn, name: LoadBalancerName, createdAt: CreatedTime, state: State?.Code,
    attributes: { kind: Type, scheme: Scheme, dnsName: DNSName, vpcId: VpcId }
  }),
  tags: Scanner.tags("elasticloadbalancing:DescribeTags", ({ arn }) =>
    Aws.send(ElasticLoadBalancingV2Client, new DescribeTagsCommand({ ResourceArns: [arn] })), (it) =>
    it.TagDescriptions?.[0]?.Tags)
})
