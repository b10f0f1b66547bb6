import { EventBridgeClient, ListEventBusesCommand, ListTagsForResourceCommand } from "@aws-sdk/client-eventbridge"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

/** The pages of event buses, for their rules as well. */
export const eventBuses = Aws.list(EventBridgeClient, ListEventBusesCommand, { Limit: 100 }, (page) => page.EventBuses)

export const eventBus = Scanner.make("events:event-bus", {
  cloudFormation: "AWS::Events::EventBus", actions: ["events:ListEventBuses"],
  list: eventBuses,
  describe: ({ Arn, CreationTime, Name }) => ({
    arn: Arn, name: Name, createdAt: CreationTime, mark: Name === "default" ? "default" : undefined
  }),
  tags: Scanner.tags("events:ListTagsForResource", ({ arn }) =>
    Aws.send(EventBridgeClient, new ListTagsForResourceCommand({ ResourceARN: arn })), ({ Tags }) => Tags)
})
