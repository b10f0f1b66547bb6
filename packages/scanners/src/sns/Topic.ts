import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const topic = Scanner.make("sns:topic", {
  cloudFormation: "AWS::SNS::Topic", actions: ["sns:ListTopics"],
  list: Aws.list(SNSClient, ListTopicsCommand, {}, ({ Topics }) => Topics),
  describe: ({ TopicArn }) => ({ arn: TopicArn, name: TopicArn?.split(":").at(-1) }),
  tags: Scanner.tags("sns:ListTagsForResource", ({ arn }) =>
    Aws.send(SNSClient, new ListTagsForResourceCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
})
