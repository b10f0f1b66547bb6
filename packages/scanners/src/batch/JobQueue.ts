import { BatchClient, DescribeJobQueuesCommand } from "@aws-sdk/client-batch"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const jobQueue = Scanner.make("batch:job-queue", {
  cloudFormation: "AWS::Batch::JobQueue", actions: ["batch:DescribeJobQueues"], free: true,
  list: Aws.list(BatchClient, DescribeJobQueuesCommand, { maxResults: 100 }, ({ jobQueues }) => jobQueues, "nextToken"),
  describe: ({ jobQueueArn, jobQueueName, priority, state, status, tags }) => ({
    arn: jobQueueArn, name: jobQueueName, tags, state: status, attributes: { priority, accepts: state },
    mark: status === "DELETED" ? "deleted" : undefined
  })
})
