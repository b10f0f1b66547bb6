import { KinesisClient, ListStreamsCommand, ListTagsForResourceCommand } from "@aws-sdk/client-kinesis"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const stream = Scanner.make("kinesis:stream", {
  cloudFormation: "AWS::Kinesis::Stream", actions: ["kinesis:ListStreams"],
  list: Aws.list(KinesisClient, ListStreamsCommand, { Limit: 100 }, ({ StreamSummaries }) => StreamSummaries),
  describe: ({ StreamARN, StreamCreationTimestamp, StreamModeDetails, StreamName, StreamStatus }) => ({
    arn: StreamARN, name: StreamName, createdAt: StreamCreationTimestamp, state: StreamStatus,
    attributes: { mode: StreamModeDetails?.StreamMode }
  }),
  tags: Scanner.tags("kinesis:ListTagsForResource", ({ arn }) =>
    Aws.send(KinesisClient, new ListTagsForResourceCommand({ ResourceARN: arn })), ({ Tags }) => Tags)
})
