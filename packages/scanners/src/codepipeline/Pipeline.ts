import {
  CodePipelineClient,
  ListPipelinesCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-codepipeline"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const pipeline = Scanner.make("codepipeline:pipeline", {
  cloudFormation: "AWS::CodePipeline::Pipeline", actions: ["codepipeline:ListPipelines"],
  list: Aws.list(CodePipelineClient, ListPipelinesCommand, { maxResults: 1000 }, (it) => it.pipelines, "nextToken"),
  describe: ({ created, name, pipelineType }, place) => ({
    arn: place.arn("codepipeline", "", name), name, createdAt: created, attributes: { kind: pipelineType }
  }),
  tags: Scanner.tagPages("codepipeline:ListTagsForResource", ({ arn }) =>
    Aws.list(CodePipelineClient, ListTagsForResourceCommand, { resourceArn: arn }, ({ tags }) => tags, "nextToken"))
})
