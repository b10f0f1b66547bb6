/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Kinesis } from "../../services/Kinesis.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const KinesisStream = declare("kinesis:stream", Kinesis, {
  share: 1,
  arns: ["kinesis", "stream/"],
  identify: (spot) => spot.plain("kinesis", "stream/", "clicks", "audit"),
  state: "ACTIVE",
  operations: {
    ListStreams: list({
      items: "StreamSummaries",
      page: { size: "Limit", max: 10_000, byDefault: 100, truncated: "HasMoreStreams" },
      after: "ExclusiveStartStreamName",
      item: (one) => ({
        StreamName: one.name,
        StreamARN: one.arn,
        StreamStatus: one.state,
        StreamModeDetails: { StreamMode: "ON_DEMAND" },
        StreamCreationTimestamp: one.createdAt
      }),
      more: (shown) => ({ StreamNames: shown.map(({ name }) => name) })
    }),
    ListTagsForResource: tags({ id: "ResourceARN", tags: "Tags" }),
    ListTagsForStream: tags({ id: "StreamName", own: true, tags: "Tags", more: () => ({ HasMoreTags: false }) })
  }
})
