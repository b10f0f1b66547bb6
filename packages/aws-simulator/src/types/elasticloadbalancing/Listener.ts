/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElasticLoadBalancing } from "../../services/ElasticLoadBalancing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Listener = declare("elasticloadbalancing:listener", ElasticLoadBalancing, {
  share: 1.6,
  arns: ["elasticloadbalancing", "listener/"],
  parent: "elasticloadbalancing:loadbalancer",
  identify: (spot) => {
    const id = `${spot.uuid.slice(0, 8)}${spot.hex(51)}`
    const of = spot.parent.arn.slice(spot.parent.arn.indexOf("loadbalancer/") + 13)
    return { id, name: id, arn: spot.arn("elasticloadbalancing", `listener/${of}/${id}`) }
  },
  operations: {
    DescribeListeners: list({
      items: "Listeners",
      ids: "ListenerArns",
      missing: ["ListenerNotFound", 400],
      parent: { in: "LoadBalancerArn", orIds: true },
      page: { size: "PageSize", max: 400, token: ["Marker", "NextMarker"] },
      item: (one) => ({
        ListenerArn: one.arn,
        LoadBalancerArn: one.attributes["parentArn"],
        Port: 443,
        Protocol: "HTTPS",
        DefaultActions: [{ Type: "forward", Order: 1 }]
      })
    })
  }
})
