import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingClient
} from "@aws-sdk/client-elastic-load-balancing"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const classicLoadBalancer = Scanner.make("elasticloadbalancing:classic-loadbalancer", {
  cloudFormation: "AWS::ElasticLoadBalancing::LoadBalancer", actions: ["elasticloadbalancing:DescribeLoadBalancers"],
  list: Aws.list(ElasticLoadBalancingClient, DescribeLoadBalancersCommand, { PageSize: 400 }, (page) =>
    page.LoadBalancerDescriptions, ["Marker", "NextMarker"]),
  describe: ({ CreatedTime, DNSName, LoadBalancerName, Scheme, VPCId }, place) => ({
    arn: place.arn("elasticloadbalancing", "loadbalancer/", LoadBalancerName), name: LoadBalancerName,
    createdAt: CreatedTime, attributes: { scheme: Scheme, dnsName: DNSName, vpcId: VPCId }
  }),
  tags: Scanner.tags("elasticloadbalancing:DescribeTags", ({ id }) =>
    Aws.send(ElasticLoadBalancingClient, new DescribeTagsCommand({ LoadBalancerNames: [id] })), (it) =>
    it.TagDescriptions?.[0]?.Tags)
})
