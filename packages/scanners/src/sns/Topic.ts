/** @since 0.1.0 */
import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"

export const topic = Scanner.make("sns:topic", {
  cloudFormation: "AWS::SNS::Topic",
  actions: ["sns:ListTopics"],
  list: Aws.list(SNSClient, ListTopicsCommand, {}, ({ Topics }) => Topics),
  describe: ({ TopicArn }) => ({ arn: TopicArn, name: TopicArn?.split(":").at(-1) }),
  tags: {
    actions: ["sns:ListTagsForResource"],
    of: ({ arn }) =>
      Effect.map(Aws.send(SNSClient, new ListTagsForResourceCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
  }
})
