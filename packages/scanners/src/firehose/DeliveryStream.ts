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
  // A stream has at most 50 tags, and 50 fit into one answer.
  tags: Scanner.tags("firehose:ListTagsForDeliveryStream", ({ id }) =>
    Aws.send(FirehoseClient, new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: id, Limit: 50 })), (it) =>
    it.Tags)
})
