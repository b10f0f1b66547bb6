/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { EventBridge } from "../../services/EventBridge.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EventRule = declare("events:rule", EventBridge, {
  share: 5,
  arns: ["events", "rule/"],
  parent: "events:event-bus",
  mark: ({ hash }) => hash % 12 === 0 ? "aws-created" : undefined,
  identify: (spot) => {
    const name = spot.named("nightly", "on-upload", "alarm")
    const bus = spot.parent.name === "default" ? "" : `${spot.parent.name}/`
    return { id: name, name, arn: spot.arn("events", `rule/${bus}${name}`) }
  },
  state: "ENABLED",
  operations: {
    ListRules: list({
      items: "Rules",
      parent: { in: "EventBusName", byDefault: "default" },
      page: { size: "Limit", max: 100 },
      where: ({ NamePrefix }) => typeof NamePrefix === "string" ? ({ name }) => name.startsWith(NamePrefix) : undefined,
      item: (one) => ({
        Name: one.name,
        Arn: one.arn,
        State: one.state,
        EventBusName: one.attributes["parentName"],
        EventPattern: "{\"source\":[\"aws.s3\"]}",
        ...(one.mark === undefined ? {} : { ManagedBy: "autoscaling.amazonaws.com" })
      })
    })
  }
})
