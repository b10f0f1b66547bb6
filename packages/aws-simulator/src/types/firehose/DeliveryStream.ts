/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Firehose } from "../../services/Firehose.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const FirehoseDeliveryStream = declare("firehose:delivery-stream", Firehose, {
  share: 0.6,
  arns: ["firehose", "deliverystream/"],
  identify: (spot) => spot.plain("firehose", "deliverystream/", "to-s3", "to-search"),
  state: "ACTIVE",
  operations: {
    ListDeliveryStreams: list({
      items: "DeliveryStreamNames",
      item: "name",
      page: { size: "Limit", max: 10_000, byDefault: 10, token: "", truncated: "HasMoreDeliveryStreams" },
      after: "ExclusiveStartDeliveryStreamName"
    }),
    DescribeDeliveryStream: get({
      id: "DeliveryStreamName",
      in: "DeliveryStreamDescription",
      item: (one) => ({
        DeliveryStreamName: one.name,
        DeliveryStreamARN: one.arn,
        DeliveryStreamStatus: one.state,
        DeliveryStreamType: "DirectPut",
        VersionId: "1",
        Destinations: [],
        HasMoreDestinations: false
      })
    }),
    ListTagsForDeliveryStream: tags({
      id: "DeliveryStreamName",
      own: true,
      tags: "Tags",
      page: { size: "Limit", max: 50, token: "", truncated: "HasMoreTags" },
      after: "ExclusiveStartTagKey"
    })
  }
})
