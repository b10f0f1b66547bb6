import {
  AlarmType,
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-cloudwatch"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const alarm = Scanner.make("cloudwatch:alarm", {
  cloudFormation: "AWS::CloudWatch::Alarm", actions: ["cloudwatch:DescribeAlarms"],
  // Unless all kinds are asked for, only metric alarms are listed.
  list: Aws.list(CloudWatchClient, DescribeAlarmsCommand, {
    MaxRecords: 100,
    AlarmTypes: Object.values(AlarmType)
  }, (it) => [it.MetricAlarms, it.CompositeAlarms, it.LogAlarms].flatMap((alarms) => alarms ?? [])),
  describe: ({ AlarmArn, AlarmDescription, AlarmName, StateValue }) => ({
    arn: AlarmArn, id: AlarmName, name: AlarmName, state: StateValue, attributes: { description: AlarmDescription }
  }),
  tags: Scanner.tags("cloudwatch:ListTagsForResource", ({ arn }) =>
    Aws.send(CloudWatchClient, new ListTagsForResourceCommand({ ResourceARN: arn })), ({ Tags }) => Tags)
})
