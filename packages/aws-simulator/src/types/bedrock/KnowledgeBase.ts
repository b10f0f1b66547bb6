/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { BedrockAgent } from "../../services/BedrockAgent.ts"
import { declare } from "../../TypeDeclaration.ts"

export const BedrockKnowledgeBase = declare("bedrock:knowledge-base", BedrockAgent, {
  share: 0.2,
  arns: ["bedrock", "knowledge-base/"],
  identify: (spot) => {
    const id = `${spot.hex(50).slice(0, 3)}${spot.code}`.toUpperCase()
    return { id, name: spot.named("handbook", "tickets"), arn: spot.arn("bedrock", `knowledge-base/${id}`) }
  },
  state: "ACTIVE",
  operations: {
    ListKnowledgeBases: list({
      items: "knowledgeBaseSummaries",
      page: { size: "maxResults", max: 1000, byDefault: 10, token: "nextToken" },
      item: (one) => ({ knowledgeBaseId: one.id, name: one.name, status: one.state, updatedAt: one.createdAt })
    })
  }
})
