import {
  FirehoseClient,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand
} from "@aws-sdk/client-firehose"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const deliveryStream = Scanner.make("firehose:delivery-stream", {
  cloudFormation: "AWS::KinesisFirehose::DeliveryStream", actions: ["firehose:ListDeliveryStreams"],
  list: Aws.list(FirehoseClient, ListDeliveryStreamsCommand, { Limit: 10_000 }, (page) => page.DeliveryStreamNames, [
    "ExclusiveStartDeliveryStreamName",
    (page) => page.HasMoreDeliveryStreams === true ? page.DeliveryStreamNames?.at(-1) : undefined
  ]),
  describe: (name, place) => ({ arn: place.arn("firehose", "deliverystream/", name), name }),
  tags: Scanner.tagPages("firehose:ListTagsForDeliveryStream", ({ id }) =>
    Aws.list(FirehoseClient, ListTagsForDeliveryStreamCommand, { DeliveryStreamName: id, Limit: 50 }, (it) => it.Tags, [
      "ExclusiveStartTagKey",
      (page) => page.HasMoreTags === true ? page.Tags?.at(-1)?.Key : undefined
    ]))
})
