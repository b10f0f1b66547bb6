/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { EventBridge } from "../../services/EventBridge.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EventBus = declare("events:event-bus", EventBridge, {
  share: 0.6,
  arns: ["events", "event-bus/"],
  own: [["default", "default"]],
  identify: (spot) => spot.plain("events", "event-bus/", "orders", "partners"),
  operations: {
    ListEventBuses: list({
      items: "EventBuses",
      page: { size: "Limit", max: 100 },
      where: ({ NamePrefix }) => typeof NamePrefix === "string" ? ({ name }) => name.startsWith(NamePrefix) : undefined,
      item: (one) => ({ Name: one.name, Arn: one.arn })
    }),
    ListTagsForResource: tags({ id: "ResourceARN", tags: "Tags" })
  }
})
