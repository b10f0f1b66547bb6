/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Batch } from "../../services/Batch.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const BatchJobQueue = declare("batch:job-queue", Batch, {
  share: 0.4,
  arns: ["batch", "job-queue/"],
  deleted: ["DELETED", 0.05],
  identify: (spot) => spot.plain("batch", "job-queue/", "nightly", "spot"),
  state: "VALID",
  operations: {
    DescribeJobQueues: list({
      items: "jobQueues",
      tags: "tags",
      ids: "jobQueues",
      missing: "skip",
      most: 100,
      page: { size: "maxResults", max: 100, token: "nextToken" },
      item: (one) => ({
        jobQueueName: one.name,
        jobQueueArn: one.arn,
        state: "ENABLED",
        status: one.state,
        priority: 1,
        computeEnvironmentOrder: []
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
