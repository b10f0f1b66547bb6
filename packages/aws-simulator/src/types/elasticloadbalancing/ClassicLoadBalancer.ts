/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ClassicLoadBalancing } from "../../services/ClassicLoadBalancing.ts"
import { tagsOfMany } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const ClassicLoadBalancer = declare("elasticloadbalancing:classic-loadbalancer", ClassicLoadBalancing, {
  share: 0.6,
  arns: ["elasticloadbalancing", "loadbalancer/"],
  identify: (spot) => spot.plain("elasticloadbalancing", "loadbalancer/", "classic", "legacy"),
  attributes: ({ vpcId, zone }) => ({ vpcId, zone }),
  operations: {
    DescribeLoadBalancers: list({
      items: "LoadBalancerDescriptions",
      ids: "LoadBalancerNames",
      page: { size: "PageSize", max: 400, token: ["Marker", "NextMarker"] },
      item: (one) => ({
        LoadBalancerName: one.name,
        DNSName: `${one.name}.${one.region}.elb.amazonaws.com`,
        AvailabilityZones: [one.attributes.zone],
        VPCId: one.attributes.vpcId,
        CreatedTime: one.createdAt,
        Scheme: "internet-facing",
        Instances: []
      })
    }),
    DescribeTags: tagsOfMany({
      ids: "LoadBalancerNames",
      own: true,
      most: 20,
      items: "TagDescriptions",
      key: "LoadBalancerName",
      tags: "Tags"
    })
  }
})
