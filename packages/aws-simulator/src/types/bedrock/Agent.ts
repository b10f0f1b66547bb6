/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { BedrockAgent } from "../../services/BedrockAgent.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const BedrockAgentResource = declare("bedrock:agent", BedrockAgent, {
  share: 0.2,
  arns: ["bedrock", "agent/"],
  identify: (spot) => {
    const id = `${spot.hex(50).slice(0, 3)}${spot.code}`.toUpperCase()
    return { id, name: spot.named("support", "triage"), arn: spot.arn("bedrock", `agent/${id}`) }
  },
  state: "PREPARED",
  operations: {
    ListAgents: list({
      items: "agentSummaries",
      page: { size: "maxResults", max: 1000, byDefault: 10, token: "nextToken" },
      item: (one) => ({ agentId: one.id, agentName: one.name, agentStatus: one.state, updatedAt: one.createdAt })
    }),
    GetAgent: get({
      id: "agentId",
      in: "agent",
      item: (one) => ({
        agentId: one.id,
        agentName: one.name,
        agentArn: one.arn,
        agentStatus: one.state,
        createdAt: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
