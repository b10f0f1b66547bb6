import { EventBridgeClient, ListRulesCommand, ListTagsForResourceCommand } from "@aws-sdk/client-eventbridge"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"
import { eventBuses } from "./EventBus.ts"

export const rule = Scanner.make("events:rule", {
  cloudFormation: "AWS::Events::Rule", actions: ["events:ListEventBuses", "events:ListRules"],
  list: Lookup.within(eventBuses, ({ Name }) =>
    Aws.list(EventBridgeClient, ListRulesCommand, { EventBusName: Name, Limit: 100 }, ({ Rules }) => Rules)),
  describe: ({ Arn, EventBusName, ManagedBy, Name, ScheduleExpression, State }) => ({
    arn: Arn, name: Name, state: State, attributes: { bus: EventBusName, schedule: ScheduleExpression },
    mark: ManagedBy === undefined ? undefined : "aws-created"
  }),
  tags: Scanner.tags("events:ListTagsForResource", ({ arn }) =>
    Aws.send(EventBridgeClient, new ListTagsForResourceCommand({ ResourceARN: arn })), ({ Tags }) => Tags)
})
