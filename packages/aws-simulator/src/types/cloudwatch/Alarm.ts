/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { CloudWatch } from "../../services/CloudWatch.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const CloudWatchAlarm = declare("cloudwatch:alarm", CloudWatch, {
  share: 10,
  arns: ["cloudwatch", "alarm:"],
  identify: (spot) => spot.plain("cloudwatch", "alarm:", "errors", "latency"),
  state: (spot) => spot.pick(50, ["OK", "OK", "ALARM", "INSUFFICIENT_DATA"]),
  attributes: (spot) => ({ kind: spot.chance(51, 0.15) ? "CompositeAlarm" : "MetricAlarm" }),
  operations: {
    DescribeAlarms: list({
      items: "MetricAlarms",
      ids: "AlarmNames",
      missing: "skip",
      most: 100,
      page: { size: "MaxRecords", max: 100, byDefault: 50 },
      // Alarms of other kinds are listed only when asked for.
      where: ({ AlarmTypes: types = ["MetricAlarm"] }) => (one) =>
        Array.isArray(types) && types.includes(one.attributes.kind),
      item: (one) => ({
        AlarmName: one.name,
        AlarmArn: one.arn,
        StateValue: one.state,
        AlarmConfigurationUpdatedTimestamp: one.createdAt,
        ActionsEnabled: true
      }),
      wrap: (items, _input, token, shown) => ({
        MetricAlarms: items.filter((_item, at) => shown[at]?.attributes.kind === "MetricAlarm"),
        CompositeAlarms: items.filter((_item, at) => shown[at]?.attributes.kind === "CompositeAlarm"),
        ...(token === undefined ? {} : { NextToken: token })
      })
    }),
    ListTagsForResource: tags({ id: "ResourceARN", tags: "Tags" })
  }
})
