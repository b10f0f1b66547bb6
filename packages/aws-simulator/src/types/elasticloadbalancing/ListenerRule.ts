/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElasticLoadBalancing } from "../../services/ElasticLoadBalancing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const ListenerRule = declare("elasticloadbalancing:listener-rule", ElasticLoadBalancing, {
  share: 6,
  arns: ["elasticloadbalancing", "listener-rule/"],
  parent: "elasticloadbalancing:listener",
  // Every listener has its default rule: the first that it holds.
  mark: ({ cell, index }) =>
    index < (cell.sibling("elasticloadbalancing:listener")?.size ?? 0) ? "default" : undefined,
  identify: (spot) => {
    const id = `${spot.uuid.slice(0, 8)}${spot.hex(51)}`
    const of = spot.parent.arn.slice(spot.parent.arn.indexOf("listener/") + 9)
    return { id, name: id, arn: spot.arn("elasticloadbalancing", `listener-rule/${of}/${id}`) }
  },
  operations: {
    DescribeRules: list({
      items: "Rules",
      ids: "RuleArns",
      missing: ["RuleNotFound", 400],
      parent: { in: "ListenerArn", orIds: true, missing: ["ListenerNotFound", 400] },
      page: { size: "PageSize", max: 400, token: ["Marker", "NextMarker"] },
      item: (one) => ({
        RuleArn: one.arn,
        Priority: one.mark === "default" ? "default" : "10",
        Conditions: [],
        Actions: [{ Type: "forward", Order: 1 }],
        IsDefault: one.mark === "default"
      })
    })
  }
})
