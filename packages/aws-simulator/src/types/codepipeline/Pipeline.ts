/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { CodePipeline } from "../../services/CodePipeline.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Pipeline = declare("codepipeline:pipeline", CodePipeline, {
  share: 0.8,
  arns: ["codepipeline", ""],
  identify: (spot) => spot.plain("codepipeline", "", "release", "deploy"),
  operations: {
    ListPipelines: list({
      items: "pipelines",
      page: { size: "maxResults", max: 1000, token: "nextToken" },
      item: (one) => ({ name: one.name, version: 1, pipelineType: "V2" })
    }),
    ListTagsForResource: tags({
      id: "resourceArn",
      tags: "tags",
      page: { size: "maxResults", max: 100, token: "nextToken" }
    })
  }
})
