/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElasticLoadBalancing } from "../../services/ElasticLoadBalancing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const TargetGroup = declare("elasticloadbalancing:targetgroup", ElasticLoadBalancing, {
  share: 3,
  arns: ["elasticloadbalancing", "targetgroup/"],
  identify: (spot) => {
    const name = spot.named("web", "api", "health")
    const arn = spot.arn("elasticloadbalancing", `targetgroup/${name}/${spot.hex(51)}${spot.hex(52)}`)
    return { id: name, name, arn }
  },
  attributes: (spot) => ({
    vpcId: spot.vpcId,
    loadBalancer: spot.some("elasticloadbalancing:loadbalancer", 53)?.arn ?? ""
  }),
  operations: {
    DescribeTargetGroups: list({
      items: "TargetGroups",
      ids: ["TargetGroupArns", "Names"],
      missing: ["TargetGroupNotFound", 400],
      page: { size: "PageSize", max: 400, token: ["Marker", "NextMarker"] },
      where: ({ LoadBalancerArn: of }) => of === undefined ? undefined : (one) => one.attributes.loadBalancer === of,
      item: (one) => ({
        TargetGroupArn: one.arn,
        TargetGroupName: one.name,
        Protocol: "HTTP",
        Port: 80,
        VpcId: one.attributes.vpcId,
        LoadBalancerArns: one.attributes.loadBalancer === "" ? [] : [one.attributes.loadBalancer],
        TargetType: "ip"
      })
    })
  }
})
