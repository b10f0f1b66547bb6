import { ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const queue = Scanner.make("sqs:queue", {
  cloudFormation: "AWS::SQS::Queue", actions: ["sqs:ListQueues"],
  // Without MaxResults there is no token, and nothing after the first 1,000 queues.
  list: Aws.list(SQSClient, ListQueuesCommand, { MaxResults: 1000 }, ({ QueueUrls }) => QueueUrls),
  describe: (url, place) => {
    const name = url.split("/").at(-1)
    return { arn: place.arn("sqs", "", name), name, attributes: { url } }
  },
  tags: Scanner.tags("sqs:ListQueueTags", ({ attributes }) =>
    Aws.send(SQSClient, new ListQueueTagsCommand({ QueueUrl: attributes.url as string })), ({ Tags }) => Tags)
})
