/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElasticLoadBalancing } from "../../services/ElasticLoadBalancing.ts"
import type { Spot } from "../../Spot.ts"
import { tagsOfMany } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

/** Rules are for Application Load Balancers: those without a listener alone can be Network Load Balancers. */
const isNetwork = (spot: Spot) =>
  spot.index >= (spot.cell.sibling("elasticloadbalancing:listener")?.size ?? 0) && spot.chance(50, 0.5)

export const LoadBalancer = declare("elasticloadbalancing:loadbalancer", ElasticLoadBalancing, {
  share: 2,
  arns: ["elasticloadbalancing", "loadbalancer/app/", "loadbalancer/net/"],
  identify: (spot) => {
    const name = spot.named("web", "api", "internal")
    const kind = isNetwork(spot) ? "net" : "app"
    const arn = spot.arn("elasticloadbalancing", `loadbalancer/${kind}/${name}/${spot.hex(51)}${spot.hex(52)}`)
    return { id: name, name, arn }
  },
  attributes: (spot) => ({ vpcId: spot.vpcId, kind: isNetwork(spot) ? "network" : "application" }),
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
    DescribeTags: tagsOfMany({
      ids: "ResourceArns",
      most: 20,
      items: "TagDescriptions",
      key: "ResourceArn",
      tags: "Tags"
    })
  }
})
