/** @since 0.1.0 */
import { list, tagsOfMany } from "../../Operation.ts"
import { ElasticLoadBalancing } from "../../services/ElasticLoadBalancing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const LoadBalancer = declare("elasticloadbalancing:loadbalancer", ElasticLoadBalancing, {
  share: 2,
  arns: ["elasticloadbalancing", "loadbalancer/app/", "loadbalancer/net/"],
  identify: (spot) => {
    const name = spot.named("web", "api", "internal")
    const kind = spot.chance(50, 0.25) ? "net" : "app"
    const arn = spot.arn("elasticloadbalancing", `loadbalancer/${kind}/${name}/${spot.hex(51)}${spot.hex(52)}`)
    return { id: name, name, arn }
  },
  attributes: (spot) => ({ vpcId: spot.vpcId, kind: spot.chance(50, 0.25) ? "network" : "application" }),
  operations: {
    DescribeLoadBalancers: list({
      items: "LoadBalancers",
      ids: ["LoadBalancerArns", "Names"],
      page: { size: "PageSize", max: 400, token: ["Marker", "NextMarker"] },
      item: (one) => ({
        LoadBalancerArn: one.arn,
        LoadBalancerName: one.name,
        DNSName: `${one.name}.${one.region}.elb.amazonaws.com`,
        CreatedTime: one.createdAt,
        Scheme: "internal",
        VpcId: one.attributes.vpcId,
        State: { Code: one.state },
        Type: one.attributes.kind,
        IpAddressType: "ipv4"
      })
    }),
    DescribeTags: tagsOfMany({ ids: "ResourceArns", most: 20, items: "TagDescriptions", key: "ResourceArn", tags: "Tags" })
  }
})
