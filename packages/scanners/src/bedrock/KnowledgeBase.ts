import {
  BedrockAgentClient,
  ListKnowledgeBasesCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-bedrock-agent"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const knowledgeBase = Scanner.make("bedrock:knowledge-base", {
  cloudFormation: "AWS::Bedrock::KnowledgeBase", actions: ["bedrock:ListKnowledgeBases"],
  list: Aws.list(BedrockAgentClient, ListKnowledgeBasesCommand, { maxResults: 1000 }, (page) =>
    page.knowledgeBaseSummaries, "nextToken"),
  describe: ({ description, knowledgeBaseId, name, status, updatedAt }, place) => ({
    arn: place.arn("bedrock", "knowledge-base/", knowledgeBaseId), name, state: status,
    attributes: { description, updatedAt }
  }),
  tags: Scanner.tags("bedrock:ListTagsForResource", ({ arn }) =>
    Aws.send(BedrockAgentClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
