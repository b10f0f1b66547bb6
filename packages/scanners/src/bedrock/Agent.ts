import { BedrockAgentClient, ListAgentsCommand, ListTagsForResourceCommand } from "@aws-sdk/client-bedrock-agent"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const agent = Scanner.make("bedrock:agent", {
  cloudFormation: "AWS::Bedrock::Agent", actions: ["bedrock:ListAgents"],
  list: Aws.list(BedrockAgentClient, ListAgentsCommand, { maxResults: 1000 }, (page) =>
    page.agentSummaries, "nextToken"),
  describe: ({ agentId, agentName, agentStatus, description, updatedAt }, place) => ({
    arn: place.arn("bedrock", "agent/", agentId), name: agentName, state: agentStatus,
    attributes: { description, updatedAt }
  }),
  tags: Scanner.tags("bedrock:ListTagsForResource", ({ arn }) =>
    Aws.send(BedrockAgentClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
